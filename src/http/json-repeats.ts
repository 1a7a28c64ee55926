import { isObject, type JsonObject } from '../json/json-object.ts';
import { type RepeatedKey, repeatedKeys } from '../json/repeated-keys.ts';

const REPEATS: unique symbol = Symbol('keys that came twice');

/**
 * Parses the JSON of a body, and keeps what `JSON.parse` is silent about: which keys came twice in one object, so that only the last
 * value is left. Throws as it does, and where the text is no object.
 */
export function parseBody(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new SyntaxError('not an object');
  const repeats = repeatedKeys(text, Number.POSITIVE_INFINITY);
  if (repeats !== null && repeats.length > 0) Object.defineProperty(value, REPEATS, { value: repeats });
  return value;
}

/** Whether another value of a field may have been lost with a key that came twice, be it of the body or of its user data. */
export function mayHaveLost(field: string, body: object): boolean {
  if (!hasRepeats(body)) return false;
  return body[REPEATS].some(({ path, holdsMore }) => {
    const [first = '', second] = path.map((key) => key.toLowerCase());
    if (first === 'userdata') return path.length === 1 ? holdsMore : path.length === 2 && second === field.toLowerCase();
    return path.length === 1 && first === field.toLowerCase();
  });
}

function hasRepeats(body: object): body is { readonly [REPEATS]: readonly RepeatedKey[] } {
  return REPEATS in body;
}
