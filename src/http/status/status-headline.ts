import { type Html, html } from './html.ts';
import { moment } from './moments.ts';
import { lasting, type StatusData } from './status-data.ts';

/** What somebody must know first: the worst of it decides the colour, never alone. */
type Level = 'calm' | 'watch' | 'alarm';

interface Remark {
  readonly level: Level;
  readonly text: Html;
}

const MARKS = { calm: '✓', watch: '!', alarm: '‼' } as const satisfies Record<Level, string>;
const WORDS = { calm: 'All is quiet', watch: 'Have a look', alarm: 'Act now' } as const satisfies Record<Level, string>;
const MOST_REMARKS = 8;

/** It says the same until something else is true, so that a screen reader is not told it again and again. */
export function headline(data: StatusData): Html {
  const remarks = remarksOn(data);
  const worst = (['alarm', 'watch', 'calm'] as const).find((level) => remarks.some((remark) => remark.level === level)) ?? 'calm';
  const shown = [...remarks.filter(({ level }) => level === 'alarm'), ...remarks.filter(({ level }) => level !== 'alarm')];
  return html`<div class="headline ${worst}"><p class="lead"><span class="mark" aria-hidden="true">${MARKS[worst]}</span> ${WORDS[worst]}</p>
<ul>${shown.slice(0, MOST_REMARKS).map(({ text }) => html`<li>${text}</li>`)}${
    shown.length > MOST_REMARKS && html`<li>${shown.length - MOST_REMARKS} more, below.</li>`
  }</ul></div>`;
}

function remarksOn(data: StatusData): readonly Remark[] {
  const { targets, draining } = data;
  const remarks = targets.flatMap((target) => remarksOnTarget(data, target));
  if (draining) remarks.push({ level: 'watch', text: html`This instance is shutting down.` });
  if (!remarks.some(({ level }) => level !== 'calm'))
    remarks.unshift({ level: 'calm', text: html`No Chat Server is known to be down, and nothing is withheld.` });
  const simulated = targets.filter((target) => target.simulated).map(({ target }) => target);
  if (simulated.length > 0)
    remarks.push({ level: 'calm', text: html`Verdicts about <bdi>${simulated.join(', ')}</bdi> are made up: a simulator answers.` });
  return remarks;
}

function remarksOnTarget(data: StatusData, { target, interactionServer, safety }: StatusData['targets'][number]): Remark[] {
  const name = html`<bdi>${target}</bdi>`;
  const servers = lasting(data, target, 'server').map((outage) => ({
    level: 'watch' as const,
    text: html`<strong><bdi>${outage.name ?? 'A Chat Server chosen by type'}</bdi></strong> of ${name} ${
      outage.backAtMs === null ? 'is down' : 'is recovering'
    }, since ${moment(outage.backAtMs ?? outage.startedAtMs, data.nowMs)} UTC.`,
  }));
  const { guard, gatewayOpen, controls, shadow, enforcePercent } = safety;
  const says = (isTrue: boolean, level: Level, text: Html): Remark[] => (isTrue ? [{ level, text }] : []);
  return [
    ...says(guard === 'tripped', 'alarm', html`The guard of ${name} has <strong>tripped</strong>: its stops are withheld.`),
    ...says(
      controls.absent === 'wrong' || controls.live === 'wrong',
      'alarm',
      html`A control probe of ${name} gets the <strong>wrong</strong> answer: its stops are withheld.`,
    ),
    ...says(gatewayOpen, 'alarm', html`The gateway of ${name} <strong>keeps failing</strong>: chats are routed without being asked about.`),
    ...says(interactionServer === 'disconnected', 'alarm', html`The gateway of ${name} has <strong>no Interaction Server</strong>.`),
    ...servers,
    ...says(guard === 'released', 'watch', html`The guard of ${name} is <strong>released</strong>: stops pass whatever their share.`),
    ...says(shadow, 'calm', html`Target ${name} is in shadow mode: every answer is <code>route</code>.`),
    ...says(!shadow && enforcePercent < 100, 'calm', html`${enforcePercent} % of the verdicts about ${name} are enforced.`),
  ];
}
