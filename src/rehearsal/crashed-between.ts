import type { Scenario } from '../simulator/scenario.ts';

/** Whether the scenario crashes this Chat Server after `fromMs`, by `toMs`; both in ms since the world began. */
export function crashedBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  return events.some((event) => {
    if ('crash' in event) return event.crash === chatServer && event.atMs > fromMs && event.atMs <= toMs;
    if (!('flap' in event) || event.flap !== chatServer) return false;
    const everyMs = event.downMs + event.upMs;
    // The first of its crashes that is late enough.
    const n = Math.max(0, Math.floor((fromMs - event.atMs) / everyMs) + 1);
    return n < event.times && event.atMs + n * everyMs <= toMs;
  });
}
