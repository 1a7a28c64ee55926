import type { Outage } from '../../status/outage-log.ts';
import { type Html, html } from './html.ts';
import { duration, minuteOfDay, moment } from './moments.ts';
import type { StatusData } from './status-data.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MOST_LANES = 12;
const MOST_ROWS = 20;
const LANE_HEIGHT = 38;
const AXIS_HEIGHT = 24;
const MARKS = 4;

/** The last hour's outages as a picture, and all that are kept as a table. */
export function outagesSection(data: StatusData): Html {
  const { outages, nowMs } = data;
  if (outages.length === 0) return html`<p class="quiet">None since this instance started, at ${moment(data.startedAtMs, nowMs)} UTC.</p>`;
  return html`${timeline(data)}
<div class="scroll" role="group" tabindex="0" aria-label="Table of outages"><table>
<caption>${outages.length > MOST_ROWS ? `The latest ${MOST_ROWS} of ${outages.length} outages` : 'Every outage since the start'}, times in UTC</caption>
<thead><tr><th scope="col">What</th><th scope="col">Target</th><th scope="col">Began</th><th scope="col">Answered again</th><th scope="col">Over</th><th scope="col">Lasted</th></tr></thead>
<tbody>${outages.slice(0, MOST_ROWS).map((outage) => row(outage, nowMs))}</tbody>
</table></div>`;
}

/** What is out of order, in words. */
export function nameOf({ kind, name }: Pick<Outage, 'kind' | 'name'>): string {
  if (kind === 'server') return name === null ? 'Chat Servers, by type' : name;
  if (kind === 'gateway') return 'Gateway left alone';
  if (kind === 'guard') return 'Guard tripped';
  return kind === 'release' ? 'Guard released' : `Control probe "${name}" wrong`;
}

function row(outage: Outage, nowMs: number): Html {
  const { target, startedAtMs, backAtMs, endedAtMs } = outage;
  return html`<tr><th scope="row"><bdi>${nameOf(outage)}</bdi></th><td><bdi>${target}</bdi></td><td>${moment(startedAtMs, nowMs)}</td><td>${
    backAtMs === null ? '-' : moment(backAtMs, nowMs)
  }</td><td>${endedAtMs === null ? html`<strong>lasts</strong>` : moment(endedAtMs, nowMs)}</td><td>${
    endedAtMs === null ? '' : duration(endedAtMs - startedAtMs)
  }</td></tr>`;
}

/** By whole minutes, so that the picture is another one once a minute. */
function timeline({ outages, nowMs }: StatusData): Html {
  const toMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const fromMs = toMs - HOUR_MS;
  const lanes = lanesOf(outages.filter(({ endedAtMs }) => endedAtMs === null || endedAtMs > fromMs));
  if (lanes.length === 0) return html`<p class="quiet">None in the last hour.</p>`;
  const shown = lanes.slice(0, MOST_LANES);
  const height = shown.length * LANE_HEIGHT + AXIS_HEIGHT;
  const said = shown.map(({ label, outages: bars }) => `${label} (${bars.length})`).join(', ');
  return html`<figure class="timeline"><svg width="100%" height="${height}" role="img" aria-label="${`Outages of the last hour: ${said}. The table below has their times.`}">
${shown.map((lane, at) => laneAt(lane, at * LANE_HEIGHT, fromMs))}
${Array.from({ length: MARKS + 1 }, (_, at) => mark(at, fromMs, height))}
</svg>
<figcaption>The last hour, UTC. <span class="key down">down</span> <span class="key back">recovering</span>${
    lanes.length > MOST_LANES && html` ${lanes.length - MOST_LANES} more stand in the table.`
  }</figcaption></figure>`;
}

interface Lane {
  readonly label: string;
  readonly outages: readonly Outage[];
}

function lanesOf(outages: readonly Outage[]): readonly Lane[] {
  const lanes = new Map<string, Outage[]>();
  for (const outage of outages) {
    const label = `${nameOf(outage)} · ${outage.target}`;
    lanes.set(label, [...(lanes.get(label) ?? []), outage]);
  }
  return [...lanes].map(([label, bars]) => ({ label, outages: bars }));
}

function laneAt({ label, outages }: Lane, top: number, fromMs: number): Html {
  return html`<text x="0" y="${top + 13}" class="label">${label}</text><rect class="track" x="0" y="${top + 19}" width="100%" height="12" rx="3"/>${outages.map(
    ({ kind, startedAtMs, backAtMs, endedAtMs }) => {
      const end = endedAtMs ?? fromMs + HOUR_MS;
      const back = backAtMs ?? end;
      return html`${bar(kind === 'release' ? 'back' : 'down', startedAtMs, back, top, fromMs)}${back < end && bar('back', back, end, top, fromMs)}`;
    },
  )}`;
}

function bar(state: 'down' | 'back', beganMs: number, endedMs: number, top: number, fromMs: number): Html {
  const share = (atMs: number): number => Math.min(1, Math.max(0, (atMs - fromMs) / HOUR_MS));
  const left = share(beganMs);
  // One of a second must be seen, too.
  const width = Math.max(0.004, share(endedMs) - left);
  return html`<rect class="${state}" x="${(Math.min(left, 0.996) * 100).toFixed(2)}%" y="${top + 19}" width="${(width * 100).toFixed(2)}%" height="12" rx="2"/>`;
}

function mark(at: number, fromMs: number, height: number): Html {
  const anchor = at === 0 ? 'start' : at === MARKS ? 'end' : 'middle';
  const atMs = fromMs + (HOUR_MS * at) / MARKS;
  return html`<text class="mark" x="${(100 * at) / MARKS}%" y="${height - 6}" text-anchor="${anchor}">${minuteOfDay(atMs)}</text>`;
}
