/**
 * The smallest of the values that at least this share of them does not exceed (nearest rank); 0 where there are none.
 *
 * @param sorted in rising order.
 * @param share in (0, 1].
 */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
