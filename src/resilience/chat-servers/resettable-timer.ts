import type { Clock } from '../../probe/clock.ts';

/** One timer that can be set again and again. */
export interface ResettableTimer {
  /** Rings at this moment and at no other; Infinity: never. */
  set(atMs: number): void;
}

export function createResettableTimer(clock: Clock, ring: () => void): ResettableTimer {
  let setForMs = Number.POSITIVE_INFINITY;
  let cancel = (): void => undefined;
  return {
    set(atMs) {
      // Thousands of probes come and go between two moments at which something is due.
      if (atMs === setForMs) return;
      cancel();
      setForMs = atMs;
      if (atMs === Number.POSITIVE_INFINITY) return;
      cancel = clock.schedule(Math.max(0, atMs - clock.nowMs()), () => {
        setForMs = Number.POSITIVE_INFINITY;
        ring();
      });
    },
  };
}
