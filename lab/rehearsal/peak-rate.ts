/**
 * The most moments that any window of this length holds. Two that are a whole window apart are not in one.
 *
 * @param momentsMs in rising order.
 */
export function peakRate(momentsMs: readonly number[], windowMs: number): number {
  let peak = 0;
  let first = 0;
  for (const [last, atMs] of momentsMs.entries()) {
    while (atMs - (momentsMs[first] ?? atMs) >= windowMs) first += 1;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}
