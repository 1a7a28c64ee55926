/**
 * The place of the one message that finds out, on behalf of all, whether what is left alone answers again: a Chat Server (there it is
 * called the canary) or a gateway. Moments are on one monotonic clock, in ms.
 *
 * It is what the two breakers share. The rest is not the same machine twice. A gateway is given up after failures in a row, in whatever
 * order they come; whoever finds it open is answered at once, and its first answer closes it. What is known of a Chat Server decides
 * over stops: one answer opens its breaker, but only if its message was admitted after all that is known; probes wait behind it, each
 * to its own deadline, and since they all wait, it has to close slowly.
 */
export class HalfOpenTrial {
  isOut = false;
  /** When the last one went, -Infinity before the first. */
  wentAtMs = Number.NEGATIVE_INFINITY;

  /** When the next one may go, Infinity while one is out. @param gapMs least time since the last one went. */
  nextAtMs(gapMs: number): number {
    return this.isOut ? Number.POSITIVE_INFINITY : this.wentAtMs + gapMs;
  }

  /** Takes the place if it is free and enough time has passed since the last one. */
  take(nowMs: number, gapMs: number): boolean {
    if (nowMs < this.nextAtMs(gapMs)) return false;
    this.isOut = true;
    this.wentAtMs = nowMs;
    return true;
  }

  /** Frees the place. */
  release(): void {
    this.isOut = false;
  }
}
