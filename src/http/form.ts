import type { Decoder } from './character-sets.ts';
import { type Checked, passed, type Refusal, refused } from './problems.ts';

/** Most fields of a query or a body, those of JSON counted at every level: workflows send all that they have. */
export const MAX_FIELDS = 1_000;
export const TOO_MANY_FIELDS = `more than ${MAX_FIELDS} fields`;

/** What a form or a query says: all that each name was given, in order. */
type Form = Readonly<Record<string, readonly string[]>>;

const ESCAPE = /%([0-9a-f]{2})/gi;
/** What is left of `&amp;` before a name, where a form was written into XML and never read out of it; and the `?` of a query that has two. */
const BEFORE_NAME = /^(?:amp;|\?)+/;
/** With these begins what is no form: a list, a quoted text, XML, code. */
const NO_NAME = /^(?:["'`\u201c\u201d\u2018\u2019\u00ab<>[\](){}]|%(?:2[278]|3c|5b|7b))/i;
/** A form whose values are all nothing, as Ruby writes it. */
const NAMES_ALONE = /^\w+(?:&\w+)+$/;

/**
 * Reads `application/x-www-form-urlencoded`. What is no UTF-8 once decoded shows as U+FFFD, where Fastify's own parser would leave
 * the percent signs standing, as if they were meant.
 */
export function parseForm(text: string): Form {
  const fields = new Map<string, string[]>();
  for (const [written, value] of new URLSearchParams(text)) {
    const name = written.trim().replace(BEFORE_NAME, '');
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries(fields);
}

/** The query as it came: it is read after authentication, by the routes that take one. */
export interface Query {
  readonly text: string;
}

const NO_QUERY = passed<Form>({});

/** Reads the query of a request. */
export function readQuery({ text }: Query): Checked<Form> {
  if (text === '') return NO_QUERY;
  return moreThanMost(text, 'query') ?? passed(parseForm(text));
}

/** @param field what the form stands in. @returns null where it has no more fields than it may have. */
export function moreThanMost(form: string, field: 'body' | 'query'): Refusal | null {
  let fields = 1;
  for (let at = form.indexOf('&'); at !== -1; at = form.indexOf('&', at + 1)) fields += 1;
  return fields > MAX_FIELDS ? refused('too_large', field, TOO_MANY_FIELDS) : null;
}

/**
 * The same form with its percent escapes in UTF-8: those of a form stand for bytes in the character set of the whole (WHATWG URL,
 * "application/x-www-form-urlencoded parsing").
 */
export function escapedInUtf8(bytes: Buffer, { decode }: Decoder): string {
  const inUtf8 = (piece: string): string => {
    const unescaped = piece.replaceAll('+', ' ').replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return encodeURIComponent(decode(Buffer.from(unescaped, 'latin1')));
  };
  // In as few pieces as it has names and values: to decode one takes longer than to read it.
  return bytes
    .toString('latin1')
    .replace(/([^&=]*)(=?)([^&]*)/g, (_, name: string, sign: string, value: string) => inUtf8(name) + sign + inUtf8(value));
}

/**
 * What speaks against taking a text for a form, null if nothing does. Anything at all could be read as one, with names that nobody
 * knows and so ignores, and all that was meant would be lost in silence.
 *
 * @param text without space around it.
 */
export function whyNoForm(text: string): string | null {
  if (NO_NAME.test(text)) return 'it begins with a quote or a bracket, perhaps since it was encoded twice';
  if (/\p{Cc}/u.test(text)) return 'it has line breaks or other control characters, which a form must escape';
  if (text.startsWith('=')) return 'it has no name before its first "="';
  return text.includes('=') || NAMES_ALONE.test(text) ? null : 'it has no "=" in it';
}
