import type { Server } from 'node:http';
import { Server as ListeningSocket } from 'node:net';
import { createCancelController } from '../probe/cancel-signal.ts';
import { type Clock, wait } from '../probe/clock.ts';

/** Nobody new has come for so long: whoever routes to us has noticed that we leave. */
export const QUIET_MS = 100;
const LOOK_EVERY_MS = 20;
/** A turn of the event loop in which nothing was to do is shorter than that. */
const EMPTY_TURN_MS = 0.1;

/**
 * Stops accepting, so that nobody is cut off who has connected. The system connects callers by itself, ahead of us; when the socket closes it
 * resets those whom nobody has taken yet, their requests with them, and there is no way to keep it from connecting more before that.
 *
 * So it is closed when nobody new has come for a moment, at the latest after `patienceMs`; and then in a turn of the event loop that found
 * nothing to do, which has just seen that nobody waits: what is left open is the time from that look to the closing, some 10 µs.
 * Connections that are kept and idle are closed in the same moment: it has just been seen that nothing has come on them either.
 *
 * @param atLatestMs when it is closed in any case: an overloaded process may have no such turn.
 */
export async function closeListener(server: Server, clock: Clock, patienceMs: number, atLatestMs: number): Promise<void> {
  if (!server.listening) return;
  const untilMs = clock.nowMs() + patienceMs;
  let cameAtMs = clock.nowMs();
  let isNew = false;
  const came = (): void => {
    cameAtMs = clock.nowMs();
    isNew = true;
  };
  server.on('connection', came);
  const { signal } = createCancelController();
  while (clock.nowMs() < untilMs && clock.nowMs() - cameAtMs < QUIET_MS) await wait(clock, LOOK_EVERY_MS, signal);
  await new Promise<void>((resolve) => {
    let beganAtMs = Number.NEGATIVE_INFINITY;
    const turn = (): void => {
      const isEmpty = !isNew && clock.nowMs() - beganAtMs < EMPTY_TURN_MS;
      if (isEmpty || beganAtMs >= atLatestMs) {
        // Not the server's own `close`: it looks through all connections first.
        ListeningSocket.prototype.close.call(server);
        server.closeIdleConnections();
        resolve();
        return;
      }
      isNew = false;
      beganAtMs = clock.nowMs();
      setImmediate(turn);
    };
    turn();
  });
  server.off('connection', came);
}
