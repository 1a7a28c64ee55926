import type { Clock } from '../../probe/clock.ts';

/** Tells a crowd in groups, with room for everything else between them. */
export interface BatchedCallbacks {
  /** Calls back at once, or, where many have been in this very moment, after them, in the order of asking. The callback must not throw. */
  run(callback: () => void): void;
  /** Calls back all who are left, at once. No timer runs after that. */
  flush(): void;
}

/** How many are told in a row: a few milliseconds of work. */
const GROUP = 250;

/**
 * Thousands of probes may wait for one Chat Server and be answered by one proof. What follows for each of them costs little; all of it
 * in one go would hold up every other caller, and be in memory at the same time.
 */
export function createBatchedCallbacks(clock: Clock): BatchedCallbacks {
  let queue: (() => void)[] = [];
  let room = GROUP;
  let cancelNext = (): void => undefined;

  const next = (): void => {
    const group = queue.splice(0, GROUP);
    if (queue.length > 0) cancelNext = clock.schedule(0, next);
    // What these bring with it waits for its own turn.
    room = 0;
    queueMicrotask(refill);
    for (const callback of group) callback();
  };
  const refill = (): void => {
    room = GROUP;
  };

  return {
    run(callback) {
      if (queue.length === 0 && room > 0) {
        // Microtasks come when whoever tells a crowd has told them all.
        if (room === GROUP) queueMicrotask(refill);
        room -= 1;
        callback();
        return;
      }
      if (queue.length === 0) cancelNext = clock.schedule(0, next);
      queue.push(callback);
    },
    flush() {
      cancelNext();
      const left = queue;
      queue = [];
      for (const callback of left) callback();
    },
  };
}
