import { characterSet } from './character-sets.ts';
import type { Checked } from './problems.ts';
import { passed, refused } from './problems.ts';

/** What a content type says of a body. It is a hint: many clients label JSON as a form, so what the body is decides. */
export interface BodyLabel {
  /** Whether a body that is neither JSON nor a form is at odds with it. */
  readonly claims: 'json or form' | 'nothing';
  readonly characterSet: string;
}

const JSON_TYPE = /^(?:application|text)\/(?:x-)?(?:json|javascript)$|\/[^/]+\+json$/;
const FORM_TYPE = /(?:^|\/)(?:x-)?(?:www-)?form(?:-urlencoded)?$/;
/** Types that would fit anything. So does what is no type at all, which is what a word without a slash is. */
const ANY_TYPE = new Set(['text/plain', 'application/octet-stream', 'binary/octet-stream', '*/*', 'text/*', 'application/*']);
const WORDS_FOR_NOTHING = new Set(['', 'undefined', 'null']);

/** Splits at commas or semicolons, but not within quotes. */
const MEMBERS = /(?:"[^"]*"?|[^",])+/g;
const PARTS = /(?:"[^"]*"?|[^";])+/g;
const PARAMETER = /^[\w-]+\s*=/;
const CHARSET = /^charset\s*=/;

/** For a workflow's author. */
export const WHAT_TO_SEND =
  'Send a JSON object under application/json, name=value&name=value under application/x-www-form-urlencoded, or no body';

/**
 * Reads the content type of a request, on however many lines it came and however it is written. The same said twice is said once;
 * where it contradicts itself, nobody can know what was sent.
 *
 * @param lines as they came.
 */
export function readLabel(lines: readonly string[]): Checked<BodyLabel> {
  const members = lines.flatMap((line) => line.toLowerCase().match(MEMBERS) ?? []).map(wordsOf);
  const types = new Set(members.flatMap(([first = '']) => (PARAMETER.test(first) || WORDS_FOR_NOTHING.has(first) ? [] : [first])));
  const sets = new Set(members.flatMap((words) => words.flatMap(characterSetIn)));
  if (types.size > 1) return refused('invalid_body', 'content-type', 'the content type is given more than once, with different values');
  if (sets.size > 1) return refused('invalid_body', 'content-type', 'the character set is given more than once, with different values');
  const [type = ''] = types;
  const [named = characterSet('')] = sets;
  if (named === null) return refused('unsupported_media_type', 'body', 'this character set is not known here: send UTF-8');
  const claims = claimsOf(type);
  if (claims === null) return refused('unsupported_media_type', 'body', `bodies of this type are not read. ${WHAT_TO_SEND}`);
  return passed({ claims, characterSet: named });
}

/** Type and parameters of one label, between semicolons or, where one was forgotten, mere spaces. Quotes mean nothing in either. */
function wordsOf(label: string): readonly string[] {
  const [type = '', ...parameters] = (label.match(PARTS) ?? []).map((part) => part.replace(/["']/g, '').trim());
  return [...type.split(/\s+/), ...parameters];
}

/** None, or one: null if nobody knows it. A mere name counts too, as in `application/json; utf-8`. */
function characterSetIn(word: string, at: number): readonly (string | null)[] {
  if (CHARSET.test(word)) return [characterSet(word.slice(word.indexOf('=') + 1).trim())];
  const mere = at === 0 || word === '' ? null : characterSet(word);
  return mere === null ? [] : [mere];
}

function claimsOf(type: string): BodyLabel['claims'] | null {
  if (JSON_TYPE.test(type) || FORM_TYPE.test(type)) return 'json or form';
  return ANY_TYPE.has(type) || !type.includes('/') ? 'nothing' : null;
}
