/**
 * What a variable that holds nothing turns into on its way into a URL, by the language that writes it. The service would take such a
 * word for the id of a lost session, and a workflow whose variable is empty would stop its own living chat.
 */
export const EMPTY_VALUE_WORDS = ['undefined', 'null', 'nan', 'none', 'nil', 'true', 'false'] as const;

/** What an id looks like in words. */
export const INTERACTION_ID_RULE = `1 to 64 characters of A-Z, a-z, 0-9, _, ~ and -, and none of the words ${EMPTY_VALUE_WORDS.join(', ')} in any case`;

/**
 * The same as a regular expression, which JSON Schema knows without flags, hence the pairs of letters. No grammar is published; the
 * characters fit every sample seen (docs/genesys.md, "Ids"). Case matters.
 */
export const INTERACTION_ID_PATTERN = `^(?!(?:${EMPTY_VALUE_WORDS.map(inAnyCase).join('|')})$)[A-Za-z0-9_~-]{1,64}$`;

const INTERACTION_ID = new RegExp(INTERACTION_ID_PATTERN);
const EMPTY_VALUE = new RegExp(`^\\s*(?:${EMPTY_VALUE_WORDS.join('|')})?\\s*$`, 'i');

/** Whether it is an id that may be asked about. */
export function isInteractionId(id: unknown): id is string {
  return typeof id === 'string' && INTERACTION_ID.test(id);
}

/** Whether it is what an empty variable turns into: one of the words, or nothing at all. */
export function isEmptyValue(id: unknown): boolean {
  return typeof id === 'string' && EMPTY_VALUE.test(id);
}

function inAnyCase(word: string): string {
  return [...word].map((letter) => `[${letter.toUpperCase()}${letter}]`).join('');
}
