import type { UserData } from './esp.ts';

/** A fault's code that is there and cannot be read, or not in one way only. */
export const UNREAD_CODE = '?';

const FAULT_CODE = 'faultcode';
/** Keys under which an answer, or an engine's event, has text. All else may be the customer's. */
const TEXT_KEYS = new Set([
  'faultstring',
  'errormessage',
  'errordescription',
  'error',
  'message',
  'messagename',
  'description',
  'reason',
  'status',
]);
const USER_DATA = new Set(['userdata', 'udata']);
/** More texts in one outcome say nothing that the first ones do not. */
const MOST_TEXTS = 16;

/** The texts that stand in what an engine said as JSON, those of user data left out. */
export function textsIn(tree: unknown): readonly string[] {
  const texts = [...entriesIn(tree)].flatMap(([key, value]) => (typeof value === 'string' && TEXT_KEYS.has(key) ? [value] : []));
  return typeof tree === 'string' ? [tree] : texts.slice(0, MOST_TEXTS);
}

/** How a fault's code stands in a text: `FaultCode=100`, `'FaultCode' [str] = "100"`. */
const IN_TEXT = /fault[ _-]?code["']?(?:\s?[[(]\w{1,16}[\])])?\s?[:=]?\s?["']?(-?\d{1,10}(?![\w.-]))?/gi;

/**
 * The codes of all faults that an outcome tells of, `UNREAD_CODE` for one that cannot be read. Where there is any, nothing was delivered
 * (docs/genesys.md, "The answers").
 *
 * @param repeatedKeys keys of which only the last value is left.
 */
export function faultCodesIn(trees: readonly unknown[], texts: readonly string[], repeatedKeys: readonly string[]): ReadonlySet<string> {
  const inTrees = trees.flatMap((tree) => [...entriesIn(tree)]).filter(([key, value]) => key === FAULT_CODE && value !== null);
  const inTexts = texts.flatMap((text) => [...text.matchAll(IN_TEXT)]);
  return new Set([
    ...inTrees.map(([, value]) => codeOf(value)),
    ...inTexts.map(([, code = UNREAD_CODE]) => code),
    ...repeatedKeys.filter((key) => key.toLowerCase() === FAULT_CODE).map(() => UNREAD_CODE),
  ]);
}

function codeOf(value: unknown): string {
  if (Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : UNREAD_CODE;
}

/** All values of user data, as text. */
export function valuesIn(userData: UserData): readonly string[] {
  const values: string[] = [];
  const open: UserData[] = [userData];
  for (const tree of open) {
    for (const value of Object.values(tree)) {
      if (typeof value === 'object') open.push(value);
      else values.push(String(value));
    }
  }
  return values;
}

/** Every key in lower case with its value, at any depth, but not in user data. No recursion: nobody bounds its depth. */
function* entriesIn(root: unknown): Iterable<readonly [string, unknown]> {
  const open = [root].filter(isTree);
  for (const tree of open) {
    for (const [name, value] of Object.entries(tree)) {
      const key = name.toLowerCase();
      yield [key, value];
      if (isTree(value) && !USER_DATA.has(key)) open.push(value);
    }
  }
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
