import { type Html, html } from './html.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A moment as the page shows it, in UTC: with its day only where that is not today's. */
export function moment(atMs: number, nowMs: number): Html {
  const iso = new Date(atMs).toISOString();
  const isToday = iso.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10);
  return html`<time datetime="${iso}">${isToday ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 19)}</time>`;
}

/** The minute of a day, in UTC. */
export function minuteOfDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}

/** How long something took, in the two units that matter. Nothing took less than none, whatever the clock was set to meanwhile. */
export function duration(tookMs: number): string {
  const ms = Math.max(0, tookMs);
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  return ms < HOUR_MS ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
