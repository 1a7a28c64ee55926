import type { App } from './app.ts';
import type { Clock } from './probe/clock.ts';
import { wait } from './probe/clock.ts';
import { createStopController } from './probe/stop-signal.ts';

/** How long after the first word of leaving new probes are still served: load balancers look every second or two. */
export const LEAVING_MS = 2_000;
/** How long the last answers may take to get out. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Leaves without losing a verdict: not ready at once; new probes still served for 2 s; then the listener closes, and
 * probes under way go on until `drainMs` after the start, when they are answered `draining`.
 *
 * Resolves once every answer is out and the adapters are closed, by `drainMs` + 1 s in any case.
 */
export async function drain({ server, lifecycle, inFlight }: App, drainMs: number, clock: Clock): Promise<void> {
  const startedAtMs = clock.nowMs();
  const untilMs = (ms: number): number => Math.max(0, startedAtMs + ms - clock.nowMs());
  lifecycle.phase = 'leaving';
  await wait(clock, Math.min(LEAVING_MS, drainMs), createStopController().signal);

  lifecycle.phase = 'closing';
  const cancelCut = clock.schedule(untilMs(drainMs), () => inFlight.cut());
  const cancelLast = clock.schedule(untilMs(drainMs + LAST_ANSWERS_MS), () => server.server.closeAllConnections());
  await server.close();
  cancelCut();
  cancelLast();
}
