import type { App } from '../app.ts';
import { type CancelSignal, createCancelController } from '../probe/cancel-signal.ts';
import { type Clock, wait } from '../probe/clock.ts';
import { createLeavingListener } from './leaving-listener.ts';

/** How long after the first word of leaving new probes are still served: load balancers look every second or two. */
export const LEAVING_MS = 2_000;
/** How much longer, where new connections go on coming. */
export const STILL_COMING_MS = 1_000;
/** How long the last answers may take to get out, and requests that have begun to come in. */
export const LAST_ANSWERS_MS = 1_000;
/** How long the last spans may take to the collector, within all that. */
export const LAST_SPANS_MS = 500;
const LOOK_EVERY_MS = 100;

/**
 * Leaves without losing a verdict: not ready at once; new probes still served for 2 s, and for up to 3 s where new connections go on
 * coming; then the listener closes, and probes under way go on until `drainMs` after the start, when they are answered `draining`.
 *
 * Resolves once every answer is out, the adapters are closed and the spans that are left are exported as far as there is time, by `drainMs` + 1 s unless answers to a crowd are still going out then.
 * A connection on which no whole request comes is not waited for.
 */
export async function drain(app: App, drainMs: number, clock: Clock): Promise<void> {
  const { server, lifecycle, inFlight } = app;
  const startedAtMs = clock.nowMs();
  const untilMs = (ms: number): number => Math.max(0, startedAtMs + ms - clock.nowMs());
  lifecycle.phase = 'leaving';
  const listener = createLeavingListener(server.server, clock);
  await wait(clock, Math.min(LEAVING_MS, drainMs), createCancelController().signal);
  await listener.close(Math.min(STILL_COMING_MS, untilMs(drainMs)));

  lifecycle.phase = 'closing';
  const cutConnections = (): void => server.server.closeAllConnections();
  const closed = createCancelController();
  const cancelCut = clock.schedule(untilMs(drainMs), () => inFlight.cut());
  /** Answers to thousands take longer than that: as long as fewer are to come at each look, they are on their way. */
  const cutOnceStuck = (before: number): void => {
    const left = inFlight.count;
    if (left >= before) cutConnections();
    else cancelLast = clock.schedule(LOOK_EVERY_MS, () => cutOnceStuck(left));
  };
  const firstLookMs = drainMs + LAST_ANSWERS_MS - LOOK_EVERY_MS;
  let cancelLast = clock.schedule(untilMs(firstLookMs), () => cutOnceStuck(Number.POSITIVE_INFINITY));
  void untilQuiet(app, clock, closed.signal).then(cutConnections);
  await server.close();
  cancelCut();
  cancelLast();
  closed.abort('closed');
  await app.endTracing(Math.min(LAST_SPANS_MS, untilMs(drainMs + LAST_ANSWERS_MS)));
}

/**
 * Resolves once no probe was under way and no request began for `LAST_ANSWERS_MS`, or as soon as `signal` aborts.
 *
 * Closing alone waits for connections that never sent a byte, or half a request: Node.js takes none of them for idle.
 */
async function untilQuiet({ server, inFlight }: App, clock: Clock, signal: CancelSignal): Promise<void> {
  let stirredAtMs = clock.nowMs();
  const stir = (): void => {
    stirredAtMs = clock.nowMs();
  };
  const isQuiet = (): boolean => clock.nowMs() - stirredAtMs >= LAST_ANSWERS_MS;
  server.server.on('request', stir);
  while (!signal.aborted) {
    await wait(clock, LOOK_EVERY_MS, signal);
    if (inFlight.count > 0) stir();
    if (!isQuiet()) continue;
    // What has arrived by now is read, and answered, before it is judged: a whole request must not lose its verdict.
    await new Promise(setImmediate);
    if (isQuiet()) return;
  }
}
