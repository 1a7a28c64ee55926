/**
 * How often something happened lately. Takes the same room however much happens and allocates nothing after it was made.
 * Moments are on one monotonic clock, in ms; a call with an earlier moment than the last one's is not allowed.
 */
export interface CountingWindow {
  /** @param agoMs how long before `nowMs` it happened; what has left the window counts into its oldest bucket. */
  add(nowMs: number, agoMs?: number): void;
  /** In the window that ends now: the present bucket and all but one of those that fit into the window before it. */
  total(nowMs: number): number;
  /** In the present bucket alone. */
  latest(nowMs: number): number;
  /** Is of another length from now on, with what it knows: to the exactness of a bucket, and no further back than it reached. */
  resize(windowMs: number, nowMs: number): void;
}

/**
 * @param windowMs length of the window. It moves on by whole buckets, so that it covers between `windowMs` less one bucket
 *   and `windowMs`.
 * @param buckets how many of them make the window, at least 1. They begin at multiples of `windowMs / buckets`.
 */
export function createCountingWindow(windowMs: number, buckets: number): CountingWindow {
  let bucketMs = windowMs / buckets;
  let counts = new Uint32Array(buckets);
  let number = 0;
  let at = 0;
  let total = 0;

  const moveTo = (nowMs: number): void => {
    const reached = Math.floor(nowMs / bucketMs);
    // After a long silence one turn of the ring empties it.
    for (let turns = Math.min(reached - number, buckets); turns > 0; turns -= 1) {
      at = (at + 1) % buckets;
      total -= counts[at] ?? 0;
      counts[at] = 0;
    }
    number = reached;
  };
  const put = (count: number, back: number): void => {
    const bucket = (at - back + buckets) % buckets;
    counts[bucket] = (counts[bucket] ?? 0) + count;
    total += count;
  };
  const backTo = (momentMs: number): number => number - Math.floor(momentMs / bucketMs);

  return {
    add(nowMs, agoMs = 0) {
      moveTo(nowMs);
      put(1, Math.min(buckets - 1, backTo(nowMs - agoMs)));
    },
    total(nowMs) {
      moveTo(nowMs);
      return total;
    },
    latest(nowMs) {
      moveTo(nowMs);
      return counts[at] ?? 0;
    },
    resize(newWindowMs, nowMs) {
      moveTo(nowMs);
      // Each bucket as of its end, or of now.
      const known = Array.from(counts, (_, back) => ({
        count: counts[(at - back + buckets) % buckets] ?? 0,
        momentMs: Math.min(nowMs, (number - back + 1) * bucketMs - 1),
      }));
      bucketMs = newWindowMs / buckets;
      counts = new Uint32Array(buckets);
      number = Math.floor(nowMs / bucketMs);
      at = 0;
      total = 0;
      for (const { count, momentMs } of known) if (backTo(momentMs) < buckets) put(count, backTo(momentMs));
    },
  };
}
