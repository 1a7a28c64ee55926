/**
 * The place of the one message that finds out, on behalf of all, whether what is left alone answers again: a Chat Server (there it is
 * called the canary) or a gateway. Moments are on one monotonic clock, in ms.
 *
 * It is what the two breakers share. The rest is not the same machine twice. A gateway is given up after failures in a row, in whatever
 * order they come; whoever finds it open is answered at once, and its first answer closes it. What is known of a Chat Server decides
 * over stops: one answer opens its breaker, but only if its message was admitted after all that is known; probes wait behind it, each
 * to its own deadline, and since they all wait, it has to close slowly.
 */
export interface HalfOpenTrial {
  readonly isOut: boolean;
  /** When the last one went, -Infinity before the first. */
  readonly wentAtMs: number;
  /** When the next one may go, Infinity while one is out. @param gapMs least time since the last one went. */
  nextAtMs(gapMs: number): number;
  /** Takes the place if it is free and enough time has passed since the last one. */
  take(nowMs: number, gapMs: number): boolean;
  /** Frees the place. */
  release(): void;
}

export function createHalfOpenTrial(): HalfOpenTrial {
  let isOut = false;
  let wentAtMs = Number.NEGATIVE_INFINITY;
  const nextAtMs = (gapMs: number): number => (isOut ? Number.POSITIVE_INFINITY : wentAtMs + gapMs);
  return {
    get isOut() {
      return isOut;
    },
    get wentAtMs() {
      return wentAtMs;
    },
    nextAtMs,
    take(nowMs, gapMs) {
      if (nowMs < nextAtMs(gapMs)) return false;
      isOut = true;
      wentAtMs = nowMs;
      return true;
    },
    release() {
      isOut = false;
    },
  };
}
