/** When a chat got its latest messages, or its latest stops, oldest first. A bare number while there is one, since most chats never get a second. */
export type SentTimestamps = number | readonly number[] | null;

/**
 * Tells whether one more keeps within the limit. Exact: no window of `windowMs`, wherever it begins, gets more.
 *
 * @param limit most in a window; 0 for no limit, with which no moments are kept.
 */
export function isWithinLimit(moments: SentTimestamps, nowMs: number, limit: number, windowMs: number): boolean {
  // If the one that is `limit` messages back has left the window, at most `limit - 1` are in it.
  const decisiveMs = listOf(moments).at(-limit);
  return decisiveMs === undefined || nowMs - decisiveMs >= windowMs;
}

/** The moments and one more; no more than `limit` are kept, since none before them matters. */
export function withTimestamp(moments: SentTimestamps, nowMs: number, limit: number): SentTimestamps {
  if (limit === 0) return null;
  return moments === null ? nowMs : [...listOf(moments), nowMs].slice(-limit);
}

function listOf(moments: SentTimestamps): readonly number[] {
  if (moments === null) return [];
  return typeof moments === 'number' ? [moments] : moments;
}
