import { isOwnWords } from './echo.ts';

/** What stands in a shown text for what may tell of somebody. */
const MASK = '#';
/** What an engine that says nothing is shown as, so that it can be a pattern too. */
export const NO_TEXT = '(nothing)';
/** A longer text matches no pattern: nobody has confirmed all of it. */
export const MAX_OBSERVED_CHARACTERS = 4_096;
/** Of a masked text. */
const MAX_SHOWN_CHARACTERS = 200;

/** With white space folded, as texts are compared. */
export function folded(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Digits that are kept stand as these until all others are masked; so none of them may come from outside. */
const KEPT_DIGITS = /[\uE000-\uE009]/g;
const KEPT_BASE = 0xe000;
/** The code of a fault or an error, which tells nothing of anybody: up to three digits, unless they go on, as those of a telephone number. */
const CODE =
  /(["']?(?:fault|error)[ _-]?code["']?(?: ?[[(]\w{1,16}[\])])? ?[:=]? ?["']?)(\d{1,3})["']?(?![\p{L}\p{N}_~@-]|[ ()./+-]{0,3}[\p{N}(])/giu;
/** What stands between blanks. */
const UNBROKEN = /\S+/g;
const URL_SCHEME = /\b\w{2,16}:\/\//;
const OPENING_QUOTE = '["\u201c\u201e\u00ab`\u2018\u2019\']';
const QUOTED = new RegExp(
  `(?<![\\p{L}\\p{N}])${OPENING_QUOTE}(?=\\S)[^"\u201c\u201d\u00bb\`\u2018\u2019']{0,200}["\u201c\u201d\u00bb\`\u2018\u2019'](?![\\p{L}\\p{N}])`,
  'gu',
);
const WHOLLY_QUOTED = /^(["'`])([^"'`]*)\1$/;
const TOKEN = /[\p{L}\p{M}\p{N}_~]+/gu;
/** Words, or several written as one. An id may lack digits. */
const WORDS = /^\p{Lu}?\p{Ll}+(?:\p{Lu}\p{Ll}{2,})*$|^\p{Lu}{1,24}$|^(?:\p{Lu}?\p{Ll}+_)+\p{Ll}+$|^[^A-Za-z]+$/u;
const SHORT_CHARACTERS = 9;
const LONGEST_WORD = 32;
const RUN_OF_MASKS = /[+(]{0,3}#(?:[\s()+./~:,-]{0,3}#)*\)?/g;

/**
 * A text as operators may see it, and as it is kept, logged and answered: without digits, ids, addresses, what stands in quotes, and the
 * caller's own words. A name that stands plain among other words cannot be told from them, unless the user data has it.
 *
 * @param own the interaction's id, its Chat Server's name, values of its user data.
 */
export function masked(text: string, own: readonly string[]): string {
  const plain = folded(text.slice(0, MAX_OBSERVED_CHARACTERS).replace(KEPT_DIGITS, MASK)).replace(WHOLLY_QUOTED, '$2');
  if (isOwnWords(plain)) return plain;
  const shown = withoutOwn(plain, own)
    .replace(CODE, (_whole, before: string, code: string) => before.replace(QUOTES, '') + kept(code))
    .replace(UNBROKEN, (text) => (text.includes('@') ? MASK : withoutUrl(text)))
    .replace(QUOTED, MASK)
    .replace(TOKEN, (token) => (isWord(token) ? token : MASK))
    .replace(RUN_OF_MASKS, MASK)
    .replace(KEPT_DIGITS, (digit) => String(digit.charCodeAt(0) - KEPT_BASE));
  return folded(shown.slice(0, MAX_SHOWN_CHARACTERS).replace(/\p{Cs}$/u, '')) || NO_TEXT;
}

function withoutUrl(text: string): string {
  const at = text.search(URL_SCHEME);
  return at === -1 ? text : text.slice(0, at) + MASK;
}

function isWord(token: string): boolean {
  if (/\p{N}/u.test(token)) return false;
  return token.length <= SHORT_CHARACTERS || (token.length <= LONGEST_WORD && WORDS.test(token));
}

const QUOTES = /["']/g;

function kept(digits: string): string {
  return [...digits].map((digit) => String.fromCharCode(KEPT_BASE + Number(digit))).join('');
}

/** Shorter ones stand in any text. */
const LEAST_OWN_CHARACTERS = 3;

function withoutOwn(text: string, own: readonly string[]): string {
  const lower = text.toLowerCase();
  const words = own.map(folded).filter((word) => word.length >= LEAST_OWN_CHARACTERS && lower.includes(word.toLowerCase()));
  // The longest first: it may hold another.
  return words.sort((one, other) => other.length - one.length).reduce((left, word) => left.replace(anyCase(word), MASK), text);
}

function anyCase(word: string): RegExp {
  return new RegExp(word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'), 'gi');
}

/** Stands in a pattern for anything. */
const ANYTHING = '*';

/**
 * Whether a pattern is the whole of a text, as it came or as it is shown; `*` in it stands for anything, white space is folded and case
 * does not matter. No regular expression, so that no pattern takes more than one pass for each of its parts.
 */
export function isPatternOf(pattern: string, text: string, shown: string): boolean {
  if (text.length > MAX_OBSERVED_CHARACTERS) return false;
  const parts = folded(pattern).toLowerCase().split(ANYTHING);
  return fits(parts, folded(text).toLowerCase() || NO_TEXT) || fits(parts, shown.toLowerCase());
}

function fits(parts: readonly string[], text: string): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= end;
}

/** Letters that a pattern must have beside what stands for anything: else it would be the pattern of every text. */
const LEAST_LETTERS = 6;

/** Whether it says enough to prove something against a chat. */
export function saysEnough(pattern: string): boolean {
  return (pattern.match(/\p{L}/gu) ?? []).length >= LEAST_LETTERS;
}
