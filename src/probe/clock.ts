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
