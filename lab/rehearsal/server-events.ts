import type { Scenario } from '../simulator/scenario/scenario.ts';

/** Whether the scenario crashes this Chat Server after `fromMs`, by `toMs`; both in ms since the world began. */
export function crashedBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  return events.some((event) => {
    if ('crash' in event) return event.crash === chatServer && event.atMs > fromMs && event.atMs <= toMs;
    return 'flap' in event && event.flap === chatServer && isOneBetween(event, event.atMs, fromMs, toMs);
  });
}

/** Whether it starts it again. */
export function startedBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  return events.some((event) => {
    if ('start' in event) return event.start === chatServer && event.atMs > fromMs && event.atMs <= toMs;
    return 'flap' in event && event.flap === chatServer && isOneBetween(event, event.atMs + event.downMs, fromMs, toMs);
  });
}

/** Whether the scenario has the link to this Chat Server lost at some time from `fromMs` to `toMs`, both included. */
export function linkLostBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  let wasLost = false;
  for (const event of events) {
    if (!('link' in event) || event.link !== chatServer || event.atMs > toMs) continue;
    if (event.atMs > fromMs && event.state === 'down') return true;
    if (event.atMs <= fromMs) wasLost = event.state === 'down';
  }
  return wasLost;
}

interface Flapping {
  readonly downMs: number;
  readonly upMs: number;
  readonly times: number;
}

/** Whether of those moments that come again and again, from the first on, one is after `fromMs`, by `toMs`. */
function isOneBetween({ downMs, upMs, times }: Flapping, firstAtMs: number, fromMs: number, toMs: number): boolean {
  const everyMs = downMs + upMs;
  const n = Math.max(0, Math.floor((fromMs - firstAtMs) / everyMs) + 1);
  return n < times && firstAtMs + n * everyMs <= toMs;
}
