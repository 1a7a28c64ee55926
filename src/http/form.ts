/** What a form or a query says: text by name, a list where a name comes more than once. */
export type Form = Readonly<Record<string, string | readonly string[]>>;

/**
 * Reads `application/x-www-form-urlencoded`. What is no UTF-8 once decoded shows as U+FFFD, where Fastify's own parser would leave
 * the percent signs standing, as if they were meant.
 */
export function parseForm(text: string): Form {
  const fields = new Map<string, string | readonly string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(fields);
}
