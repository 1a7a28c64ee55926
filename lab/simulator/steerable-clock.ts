import { type Clock, createDueQueue, type DueQueue } from '../../src/probe/clock.ts';

/** A clock that goes with another one until it is told otherwise. It never goes back. */
export interface SteerableClock extends Clock {
  /** Whether it stands still. */
  readonly frozen: boolean;
  /** Stands still from now on. Time moves by `advance` alone, and nothing else falls due. */
  freeze(): void;
  /** Goes on from where it stands, at the pace of the clock below. */
  thaw(): void;
  /**
   * Moves time on, frozen or not: everything that falls due, and what follows from it, happens in order, each at its
   * own moment. Resolves when all of it has happened, or after 100,000 callbacks: then time has moved all the same, and what
   * is due by then comes later. Two at once add up.
   *
   * @param byMs milliseconds, not negative.
   */
  advance(byMs: number): Promise<void>;
}

/** Time moves by no less: a step of a rounding error could leave it where it is. What falls due comes so much late at most. */
const LEAST_STEP_MS = 0.001;
/** What one `advance` calls back at most: whoever waits for next to nothing, again and again, must not hold time up for ever. */
const MOST_CALLS = 100_000;

/** Makes a steerable clock over `base`, showing the same time at first. */
export function createSteerableClock(base: Clock): SteerableClock {
  const timers = createDueQueue<() => void>();
  let aheadMs = 0;
  let frozenAtMs: number | null = null;
  let cancelAlarm = (): void => undefined;

  const nowMs = (): number => frozenAtMs ?? base.nowMs() + aheadMs;
  const msToNext = (): number => Math.max(0, (timers.first()?.dueMs ?? Number.POSITIVE_INFINITY) - nowMs());
  const setAlarm = (): void => {
    cancelAlarm();
    const isWanted = frozenAtMs === null && timers.first() !== null;
    cancelAlarm = isWanted ? base.schedule(msToNext(), ring) : () => undefined;
  };
  const ring = (): void => {
    // A real timer may come a little early: then nothing is due yet, and the alarm is set anew.
    while (callFirst(timers, nowMs()));
    setAlarm();
  };
  const move = (byMs: number): void => {
    if (frozenAtMs === null) aheadMs += byMs;
    else frozenAtMs += byMs;
  };

  return {
    get frozen() {
      return frozenAtMs !== null;
    },
    nowMs,
    schedule(delayMs, callback) {
      const timer = timers.add(nowMs() + Math.max(0, delayMs), callback);
      setAlarm();
      return () => {
        timers.remove(timer);
        setAlarm();
      };
    },
    freeze() {
      frozenAtMs = nowMs();
      setAlarm();
    },
    thaw() {
      aheadMs = nowMs() - base.nowMs();
      frozenAtMs = null;
      setAlarm();
    },
    async advance(byMs) {
      await promisesSettled();
      let leftMs = byMs;
      let calls = 0;
      for (let called = true; (leftMs > 0 || called) && calls < MOST_CALLS; calls += Number(called)) {
        const stepMs = Math.min(leftMs, stepTo(msToNext()));
        move(stepMs);
        leftMs -= stepMs;
        called = callFirst(timers, nowMs());
        setAlarm();
        await promisesSettled();
      }
      move(leftMs);
      setAlarm();
    },
  };
}

function stepTo(msToNext: number): number {
  return msToNext > 0 ? Math.max(msToNext, LEAST_STEP_MS) : 0;
}

/** Calls the first timer back if it is due. */
function callFirst(timers: DueQueue<() => void>, nowMs: number): boolean {
  const first = timers.first();
  if (first === null || first.dueMs > nowMs) return false;
  timers.takeFirst();
  first.item();
  return true;
}

/** Everything that follows from promises alone has happened by the next turn of the event loop. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
