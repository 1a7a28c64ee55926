import { type Clock, createDueQueue } from './clock.ts';

/** A clock that stands still until it is told to move: hours of waiting pass in no time, always in the same order. */
export interface VirtualClock extends Clock {
  /** Moves time on, letting everything that falls due, and what follows from it, happen in order. */
  advance(byMs: number): Promise<void>;
  /** Moves time on until `outcome` settles. Rejects if nothing is left to wait for and it has not. */
  drive<T>(outcome: Promise<T>): Promise<T>;
  /** Moves time on while nothing happens, as in a process that hangs: what fell due comes late. */
  stall(byMs: number): void;
  /** Timers that wait to be called back. */
  pending(): number;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  const timers = createDueQueue<() => void>();

  /** True if a timer was due by then, and has been called back with all that followed from it. */
  const fireNext = async (untilMs: number): Promise<boolean> => {
    const due = timers.first();
    if (due === null || due.dueMs > untilMs) return false;
    timers.takeFirst();
    nowMs = Math.max(nowMs, due.dueMs);
    due.item();
    await promisesSettled();
    return true;
  };

  return {
    nowMs: () => nowMs,
    schedule(delayMs, callback) {
      const timer = timers.add(nowMs + Math.max(0, delayMs), callback);
      return () => timers.remove(timer);
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await promisesSettled();
      while (await fireNext(untilMs));
      nowMs = Math.max(nowMs, untilMs);
    },
    stall(byMs) {
      nowMs += byMs;
    },
    pending: () => timers.size,
    async drive(outcome) {
      let settled = false;
      const settle = (): void => {
        settled = true;
      };
      outcome.then(settle, settle);
      await promisesSettled();
      while (!settled && (await fireNext(Number.POSITIVE_INFINITY)));
      if (!settled) throw new Error('nothing left to wait for, and the outcome has not come');
      return outcome;
    },
  };
}

/** Everything that follows from promises alone has happened by the next turn of the event loop. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
