import type { Minute } from '../../status/status-history.ts';
import { type Html, html } from './html.ts';
import { minuteOfDay, moment } from './moments.ts';
import { lasting, type StatusData } from './status-data.ts';
import { headline } from './status-headline.ts';
import { outagesSection } from './status-outages.ts';
import { recordItem } from './status-record.ts';

/** The parts of the page that change while it is looked at, by the id of the element that holds each. */
export const LIVE = {
  headline,
  now: nowSection,
  hour: hourSection,
  outages: outagesSection,
  stops: stopsSection,
} as const satisfies Record<string, (data: StatusData) => Html>;

const MOST_SERVERS = 50;

function nowSection(data: StatusData): Html {
  const servers = data.targets.flatMap((state) => serversOf(data, state.target));
  return html`<div class="pair"><div class="scroll" role="group" tabindex="0" aria-label="Table of targets"><table>
<caption>Targets</caption>
<thead><tr><th scope="col">Target</th><th scope="col">Interaction Server</th><th scope="col">Gateway</th><th scope="col">Guard</th><th scope="col">Controls</th><th scope="col">Enforced</th><th scope="col">Waiting</th></tr></thead>
<tbody>${data.targets.map(targetRow)}</tbody>
</table></div>
<div class="scroll" role="group" tabindex="0" aria-label="Table of Chat Servers"><table>
<caption>Chat Servers, those in trouble first</caption>
<thead><tr><th scope="col">Chat Server</th><th scope="col">Target</th><th scope="col">State</th><th scope="col">Since</th></tr></thead>
<tbody>${servers.slice(0, MOST_SERVERS)}${servers.length === 0 && html`<tr><td colspan="4">None is configured by name, and none is known to be down.</td></tr>`}</tbody>
</table></div></div>${servers.length > MOST_SERVERS && html`<p>${servers.length - MOST_SERVERS} more are not shown.</p>`}`;
}

function targetRow({ target, adapter, interactionServer, simulated, safety }: StatusData['targets'][number]): Html {
  const { guard, gatewayOpen, controls, shadow, enforcePercent, probesParked } = safety;
  const told = [controls.absent, controls.live].filter((state) => state !== null);
  return html`<tr><th scope="row"><bdi>${target}</bdi>${simulated && html` <span class="tag">simulated</span>`}</th>
<td>${chip(interactionServer === 'connected' ? 'good' : interactionServer === 'disconnected' ? 'bad' : 'plain', interactionServer)}</td>
<td>${gatewayOpen ? chip('bad', 'left alone') : chip('good', adapter === 'simulator' ? 'embedded' : 'asked')}</td>
<td>${chip(guard === 'tripped' ? 'bad' : guard === 'released' ? 'warn' : 'good', guard)}${!safety.delivered && html` <span class="quiet">no delivery yet</span>`}</td>
<td>${told.length === 0 ? html`<span class="quiet">none</span>` : told.map((state) => chip(state === 'right' ? 'good' : state === 'wrong' ? 'bad' : 'plain', state))}</td>
<td>${shadow ? chip('warn', 'shadow') : `${enforcePercent} %`}</td><td>${probesParked}</td></tr>`;
}

/** Trouble first. */
function serversOf(data: StatusData, target: string): readonly Html[] {
  const down = lasting(data, target, 'server');
  const configured = (data.chatServers.get(target) ?? []).filter((name) => !down.some((outage) => outage.name === name));
  const rows = down.map(({ name, startedAtMs, backAtMs }) => ({
    name: name ?? 'chosen by type',
    state: backAtMs === null ? chip('bad', 'down') : chip('warn', 'recovering'),
    since: moment(backAtMs ?? startedAtMs, data.nowMs),
  }));
  const healthy = configured.map((name) => ({ name, state: chip('good', 'healthy'), since: html`-` }));
  return [...rows, ...healthy].map(
    ({ name, state, since }) =>
      html`<tr><th scope="row"><bdi>${name}</bdi></th><td><bdi>${target}</bdi></td><td>${state}</td><td>${since}</td></tr>`,
  );
}

/** The words say it; the colour only says it again. */
function chip(kind: 'good' | 'warn' | 'bad' | 'plain', text: string): Html {
  return html`<span class="chip ${kind}">${text}</span>`;
}

/** Of the chats whose state was found out, the share that was gone; null where none was. */
function staleShare({ alive, stale }: Pick<Minute, 'alive' | 'stale'>): number | null {
  return alive + stale === 0 ? null : stale / (alive + stale);
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

function hourSection({ minutes }: StatusData): Html {
  const sum = (of: (minute: Minute) => number): number => minutes.reduce((total, minute) => total + of(minute), 0);
  const [routes, stops] = [sum((minute) => minute.routes), sum((minute) => minute.stops)];
  const share = staleShare({ alive: sum((minute) => minute.alive), stale: sum((minute) => minute.stale) });
  return html`<dl class="figures">
${figure('Answers', String(routes + stops))}${figure('Routed', String(routes))}${figure('Stopped', String(stops), stops > 0 ? 'stop' : '')}${figure(
  'Stops withheld',
  String(sum((minute) => minute.withheld)),
)}${figure('Stale rate', percent(share))}${figure('Not known', String(sum((minute) => minute.unknown)))}
</dl>
<p class="summary">${worstMinute(minutes)}</p>
<details id="minutes"><summary id="minutes-more">The charts as a table</summary>
<div class="scroll" role="group" tabindex="0" aria-label="Table of minutes"><table id="minutes-table">
<caption>The last hour by the minute, UTC</caption>
<thead><tr><th scope="col">Minute</th><th scope="col">Routed</th><th scope="col">Stopped</th><th scope="col">Withheld</th><th scope="col">Alive</th><th scope="col">Gone</th><th scope="col">Not known</th><th scope="col">Stale rate</th></tr></thead>
<tbody>${minutes.map(minuteRow)}</tbody>
</table></div></details>`;
}

function figure(name: string, value: string, kind = ''): Html {
  return html`<div class="figure ${kind}"><dt>${name}</dt><dd>${value}</dd></div>`;
}

function worstMinute(minutes: readonly Minute[]): string {
  const shares = minutes.map((minute) => ({ minute, share: staleShare(minute) ?? -1 }));
  const worst = shares.reduce((one, other) => (other.share > one.share ? other : one), { minute: minutes[0], share: -1 });
  if (worst.share < 0 || worst.minute === undefined) return 'No chat’s state was found out in the last hour.';
  return worst.share === 0
    ? 'No chat was found to be gone.'
    : `The stale rate was highest at ${minuteOfDay(worst.minute.startMs)} UTC: ${percent(worst.share)}, ${worst.minute.stale} of ${worst.minute.alive + worst.minute.stale} chats.`;
}

function minuteRow(minute: Minute): Html {
  const { startMs, routes, stops, withheld, alive, stale, unknown } = minute;
  return html`<tr><th scope="row"><time datetime="${new Date(startMs).toISOString()}">${minuteOfDay(startMs)}</time></th>${[
    ...[routes, stops, withheld, alive, stale, unknown].map((count) => html`<td>${count}</td>`),
    html`<td>${percent(staleShare(minute))}</td>`,
  ]}</tr>`;
}

function stopsSection({ stops, nowMs }: StatusData): Html {
  return stops.length === 0
    ? html`<p class="quiet">No stop is kept.</p>`
    : html`<ol class="records">${stops.map((record) => recordItem(record, nowMs, 'stop'))}</ol>`;
}
