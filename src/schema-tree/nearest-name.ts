/** More slips than this make another word, not a typing error. */
const MOST_SLIPS = 3;

/** The known name that is most like `name`, null if none is close. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let fewest = Math.min(MOST_SLIPS, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    // So many letters are to be added or dropped at least.
    if (Math.abs(name.length - candidate.length) >= fewest) continue;
    const slips = slipsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest) {
      nearest = candidate;
      fewest = slips;
    }
  }
  return nearest;
}

/** Letters to add, drop or change to get from one word to the other (Levenshtein). */
function slipsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
