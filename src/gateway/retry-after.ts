/** Longest stay-away that is believed: a chat that waits an hour is lost anyway. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const SECONDS = /^\d+$/;
/** The one form of date that HTTP lets a sender write (RFC 9110 §5.6.7). */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds to stay away, from a `Retry-After` header (RFC 9110 §10.2.3): 0 to `MAX_RETRY_AFTER_MS`, null if there
 * is none that makes sense.
 *
 * @param wallNowMs milliseconds since 1970, to read dates by.
 */
export function retryAfterMs(header: unknown, wallNowMs: number): number | null {
  if (typeof header !== 'string') return null;
  const text = header.trim();
  if (SECONDS.test(text)) return Math.min(Number(text) * 1_000, MAX_RETRY_AFTER_MS);
  if (!HTTP_DATE.test(text)) return null;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.min(Math.max(0, dateMs - wallNowMs), MAX_RETRY_AFTER_MS);
}
