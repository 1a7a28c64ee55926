import type { CancelSignal } from './cancel-signal.ts';

/** Monotonic time and the one primitive that all waiting is made of. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  nowMs(): number;
  /** Calls back once after `delayMs`, unless cancelled. Returns the cancellation, safe to call at any time. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The process's own monotonic clock. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` or as soon as `signal` aborts, whichever comes first. Never rejects. */
export function wait(clock: Clock, delayMs: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const settle = (): void => {
      cancel();
      signal.removeEventListener('abort', settle);
      resolve();
    };
    const cancel = clock.schedule(delayMs, settle);
    signal.addEventListener('abort', settle);
  });
}

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
