/** Most of these moments within any stretch of `windowMs`, its end not included. The moments are in order. */
export function mostWithin(momentsMs: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  for (const [n, atMs] of momentsMs.entries()) {
    while ((momentsMs[from] ?? atMs) <= atMs - windowMs) from += 1;
    most = Math.max(most, n - from + 1);
  }
  return most;
}

/** The items by key, in order. */
export function groupedBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
