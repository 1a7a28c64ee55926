import type { Clock } from '../../src/probe/clock.ts';

export interface CountingClock extends Clock {
  /** Timers set with it that have neither rung nor been cancelled. */
  waiting(): number;
}

/** The same time, with timers counted: those of the service apart from those of its surroundings. */
export function createCountingClock(clock: Clock): CountingClock {
  let waiting = 0;
  return {
    nowMs: () => clock.nowMs(),
    waiting: () => waiting,
    schedule(delayMs, callback) {
      let isOver = false;
      const end = (): boolean => {
        if (isOver) return false;
        isOver = true;
        waiting -= 1;
        return true;
      };
      waiting += 1;
      const cancel = clock.schedule(delayMs, () => {
        end();
        callback();
      });
      return () => {
        if (end()) cancel();
      };
    },
  };
}
