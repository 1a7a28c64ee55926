import type { InteractionServerAdapter, SendOutcome } from './adapter.ts';
import type { CancelSignal } from './cancel-signal.ts';
import { createCancelController } from './cancel-signal.ts';
import type { Clock } from './clock.ts';
import type { EspRequest } from './esp.ts';

/** How long an adapter may take to settle after its signal has aborted, before it is left behind. */
const ABORT_GRACE_MS = 20;

/** A timer this late or later was held up by ourselves, and so was whatever came in meanwhile. */
const OWN_DELAY_MS = 20;

/** What a send came to within its bounds. */
export type Sent =
  | { readonly kind: 'settled'; readonly outcome: SendOutcome }
  /** The adapter did not settle although its time was over. */
  | { readonly kind: 'overdue' }
  /** The adapter broke its promise never to reject. */
  | { readonly kind: 'broken'; readonly fault: unknown };

/**
 * Makes one send; settles after `timeoutMs`, or when `signal` aborts, 20 ms later at most. Never rejects. If this process
 * stalled until the time was over, a reply that is here by then still counts: the far end must not be blamed for our delay.
 */
export function sendBounded(
  clock: Clock,
  adapter: InteractionServerAdapter,
  request: EspRequest,
  timeoutMs: number,
  signal: CancelSignal,
): Promise<Sent> {
  return new Promise((resolve) => {
    const attempt = createCancelController();
    let cancelGrace = (): void => undefined;
    const settle = (sent: Sent): void => {
      cancelTimeout();
      cancelGrace();
      signal.removeEventListener('abort', end);
      resolve(sent);
    };
    const end = (): void => {
      cancelTimeout();
      cancelGrace = clock.schedule(ABORT_GRACE_MS, () => settle({ kind: 'overdue' }));
      attempt.abort();
    };
    const dueAtMs = clock.nowMs() + timeoutMs;
    const expire = (): void => {
      // After a stall timers fire before the replies that wait are read. One more turn of the event loop lets them be.
      if (clock.nowMs() - dueAtMs < OWN_DELAY_MS) end();
      else cancelTimeout = clock.schedule(0, end);
    };
    let cancelTimeout = clock.schedule(timeoutMs, expire);
    signal.addEventListener('abort', end);
    const fail = (fault: unknown): void => settle({ kind: 'broken', fault });
    try {
      adapter.send(request, timeoutMs, attempt.signal).then((outcome) => settle({ kind: 'settled', outcome }), fail);
    } catch (fault) {
      fail(fault);
    }
  });
}
