/** The place of the one probe that asks a Chat Server that is down on behalf of all. Moments are on one clock, in ms. */
export interface HalfOpenTrial {
  readonly isOut: boolean;
  /** When the last one went, -Infinity before the first. */
  readonly wentAtMs: number;
  /**
   * When the next one may go, Infinity while one is out.
   *
   * @param isAlone whether nobody else waits: one probe that tries again may do so a little sooner.
   */
  nextAtMs(isAlone: boolean): number;
  /** Takes the place if it is free and enough time has passed since the last one. */
  take(nowMs: number, isAlone: boolean): boolean;
  /** Frees the place. */
  release(): void;
}

/** How soon a probe that waits alone may try again: with the last attempts of others, still ten messages a second at most. */
const ALONE_INTERVAL_MS = 200;

/** @param intervalMs least time between two. */
export function createHalfOpenTrial(intervalMs: number): HalfOpenTrial {
  const aloneIntervalMs = Math.min(ALONE_INTERVAL_MS, intervalMs);
  let isOut = false;
  let wentAtMs = Number.NEGATIVE_INFINITY;
  const nextAtMs = (isAlone: boolean): number => (isOut ? Number.POSITIVE_INFINITY : wentAtMs + (isAlone ? aloneIntervalMs : intervalMs));
  return {
    get isOut() {
      return isOut;
    },
    get wentAtMs() {
      return wentAtMs;
    },
    nextAtMs,
    take(nowMs, isAlone) {
      if (nowMs < nextAtMs(isAlone)) return false;
      isOut = true;
      wentAtMs = nowMs;
      return true;
    },
    release() {
      isOut = false;
    },
  };
}
