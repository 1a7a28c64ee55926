/** An object of parsed JSON, its attributes unchecked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells whether a parsed JSON value is an object, neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An attribute that came with the JSON, undefined where it did not; never one of the prototype's. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The keys that lead to a key, and it itself last; a list on the way counts as a key without a name. */
export type JsonPath = readonly string[];

/** A key that stands more than once in one object. */
export interface RepeatedKey {
  readonly path: JsonPath;
  /** True if one of its values is an object or a list: with it, all that stood in it may be lost. */
  readonly holdsMore: boolean;
}

/** One object or list that is open where the scan stands. */
interface Open {
  /** The keys so far, null for a list. */
  readonly keys: Map<string, Key> | null;
  /** The one whose value comes. */
  name: string;
  key: Key | undefined;
}

interface Key {
  path: JsonPath;
  times: number;
  holdsMore: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Finds the keys that stand more than once in one object. `JSON.parse` keeps the last of them in silence, and another reader may
 * keep the first. However a key is escaped, it is the same key; case counts. Takes one pass, and nothing of the call stack.
 *
 * @param text a text that `JSON.parse` takes; of any other the answer means nothing.
 * @param mostLevels objects and lists within one another that are looked into, the outermost one counted.
 * @param mostKeys in all of them.
 * @returns null if there is more of either than that.
 */
export function repeatedKeys(text: string, mostLevels: number, mostKeys = Number.POSITIVE_INFINITY): readonly RepeatedKey[] | null {
  const repeated: RepeatedKey[] = [];
  const open: Open[] = [];
  let innermost: Open | undefined;
  let expectsKey = false;
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (expectsKey) {
          keys += 1;
          if (keys > mostKeys) return null;
          noteKey(open, nameIn(text, at, end), repeated);
        }
        expectsKey = false;
        at = end;
        break;
      }
      case COMMA:
        expectsKey = innermost !== undefined && innermost.keys !== null;
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (open.length === mostLevels) return null;
        if (innermost?.key !== undefined) innermost.key.holdsMore = true;
        expectsKey = text.charCodeAt(at) === OPEN_OBJECT;
        innermost = { keys: expectsKey ? new Map() : null, name: '', key: undefined };
        open.push(innermost);
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop();
        innermost = open.at(-1);
        expectsKey = false;
    }
  }
  return repeated;
}

/** Notes the key whose value comes. */
function noteKey(open: readonly Open[], name: string, repeated: RepeatedKey[]): void {
  const object = open.at(-1);
  if (object === undefined || object.keys === null) return;
  const key = object.keys.get(name) ?? { path: [], times: 0, holdsMore: false };
  object.keys.set(name, key);
  object.name = name;
  object.key = key;
  key.times += 1;
  if (key.times !== 2) return;
  key.path = open.map((each) => each.name);
  repeated.push(key);
}

/** @param start where its first quote stands. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== QUOTE && at < text.length; code = text.charCodeAt(at)) at += code === BACKSLASH ? 2 : 1;
  return at;
}

function nameIn(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end);
  return name.includes('\\') ? String(JSON.parse(text.slice(start, end + 1))) : name;
}
