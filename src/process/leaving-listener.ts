import type { Server } from 'node:http';
import { Server as ListeningSocket, type Socket } from 'node:net';
import { createCancelController } from '../probe/cancel-signal.ts';
import { type Clock, wait } from '../probe/clock.ts';

/** Nobody new has come for so long: whoever routes to us has noticed that we leave. */
export const QUIET_MS = 100;
const LOOK_EVERY_MS = 20;
/** A turn of the event loop in which nothing was to do is shorter than that. */
const EMPTY_TURN_MS = 0.1;
/** Nobody new for so long, while nothing is read: whoever waits for an answer brings nobody back. */
const LULL_MS = 50;
/** How long such a lull is waited for; then any turn will do in which nobody came. */
const LONGEST_WAIT_FOR_LULL_MS = 500;
/** How long for that, which only a flood of connections can prevent: Node.js accepts one in a turn, some ten thousand a second. */
const LONGEST_HOLD_MS = 2_000;
/** In the first, at the latest in the second, all that waits is read. */
const TURNS_TO_READ = 2;

/** The socket that a process listens with, as it leaves. */
export interface LeavingListener {
  /**
   * Stops accepting, as soon as nobody new has come for a moment, after `patienceMs` also where they go on coming; without cutting off who
   * has connected.
   *
   * The system connects callers by itself, ahead of us. When the socket closes it resets those whom nobody has taken yet, their requests
   * with them, and there is no way to keep it from connecting more before that. So it is closed in a turn of the event loop that found
   * nothing to do, and has just seen that nobody waits: what is left open is the time from that look to the closing, some 10 µs. For such
   * turns to come under load nothing is read meanwhile, until all who wait are accepted and nobody comes: some 50 ms, half a second at most unless flooded.
   *
   * Resolves when all that has come meanwhile is read: whoever has asked by then is no idle connection.
   */
  close(patienceMs: number): Promise<void>;
}

/** To be called as soon as the process leaves: connections from before that are told to close as they are answered. */
export function createLeavingListener(server: Server, clock: Clock): LeavingListener {
  const connections = new Set<Socket>();
  let cameAtMs = clock.nowMs();
  let isHeld = false;
  let isNew = false;
  const came = (socket: Socket): void => {
    cameAtMs = clock.nowMs();
    isNew = true;
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    // Not at once: the server has yet to begin to read it.
    if (isHeld) queueMicrotask(() => isHeld && socket.pause());
  };
  const close = (): void => {
    // Not the server's own `close`: it looks through all connections first.
    ListeningSocket.prototype.close.call(server);
    server.off('connection', came);
    isHeld = false;
    for (const socket of connections) socket.resume();
    connections.clear();
  };
  server.on('connection', came);
  return {
    async close(patienceMs) {
      if (!server.listening) return;
      const { signal } = createCancelController();
      const untilMs = clock.nowMs() + patienceMs;
      while (clock.nowMs() < untilMs && clock.nowMs() - cameAtMs < QUIET_MS) await wait(clock, LOOK_EVERY_MS, signal);
      // What runs for the first time takes a hundred times as long.
      new ListeningSocket().close();
      const heldAtMs = clock.nowMs();
      isHeld = true;
      for (const socket of connections) socket.pause();
      await new Promise<void>((resolve) => {
        const turn = (beganAtMs: number): void => {
          const nowMs = clock.nowMs();
          const heldMs = nowMs - heldAtMs;
          const isEmpty = !isNew && nowMs - beganAtMs < EMPTY_TURN_MS;
          const isLull = nowMs - cameAtMs >= LULL_MS || heldMs >= LONGEST_WAIT_FOR_LULL_MS;
          if ((isEmpty && isLull) || heldMs >= LONGEST_HOLD_MS) {
            close();
            resolve();
            return;
          }
          isNew = false;
          setImmediate(turn, clock.nowMs());
        };
        setImmediate(turn, Number.NEGATIVE_INFINITY);
      });
      for (let turns = 0; turns < TURNS_TO_READ; turns += 1) await new Promise(setImmediate);
    },
  };
}
