import type { Clock } from '../../src/probe/clock.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';

/** Time as a process sees it that stands still now and then, while the world goes on. */
export interface StallingClock extends Clock {
  /** Resolves at once or, while the process stands still, when it goes on and has done what fell due: only then does it read what came in. */
  whenItReads(): Promise<void>;
}

/**
 * A clock for the service in a world that has the other one: its timers that fall due while the process stands still are called
 * back when it goes on, in the order in which they fell due. After them comes what came in meanwhile, as in the event loop of Node.js.
 *
 * @param clock at 0 when the world begins.
 * @param stalls in order of time, none in another.
 */
export function createStallingClock(clock: Clock, stalls: Scenario['service']['stalls']): StallingClock {
  if (stalls.length === 0)
    return { nowMs: () => clock.nowMs(), schedule: (...due) => clock.schedule(...due), whenItReads: async () => undefined };
  const late: (() => void)[] = [];
  const unread: (() => void)[] = [];
  const goOn = (): void => {
    for (const act of [...late.splice(0), ...unread.splice(0)]) clock.schedule(0, act);
  };
  for (const { atMs, forMs } of stalls) clock.schedule(atMs + forMs - clock.nowMs(), goOn);
  const isStill = (): boolean => stalls.some(({ atMs, forMs }) => clock.nowMs() >= atMs && clock.nowMs() < atMs + forMs);
  return {
    nowMs: () => clock.nowMs(),
    schedule(delayMs, callback) {
      let isCancelled = false;
      const act = (): void => {
        if (!isCancelled) callback();
      };
      const cancel = clock.schedule(delayMs, () => {
        if (isStill()) late.push(act);
        else act();
      });
      return () => {
        isCancelled = true;
        cancel();
      };
    },
    whenItReads: () => (isStill() ? new Promise((resolve) => unread.push(resolve)) : Promise.resolve()),
  };
}
