import type { Decoder } from './character-sets.ts';

/** What a form or a query says: all that each name was given, in order. */
export type Form = Readonly<Record<string, readonly string[]>>;

const ESCAPE = /%([0-9a-f]{2})/gi;
/** What is left of `&amp;` before a name, where a form was written into XML and never read out of it. */
const LEFT_BY_XML = /^(?:amp;)+/;
/** With these begins what is no form: a list, a quoted text, XML, code. */
const NO_NAME = /^(?:["'`\u201c\u201d\u2018\u2019\u00ab<>[\](){}]|%(?:2[278]|3c|5b|7b))/i;

/**
 * Reads `application/x-www-form-urlencoded`. What is no UTF-8 once decoded shows as U+FFFD, where Fastify's own parser would leave
 * the percent signs standing, as if they were meant.
 */
export function parseForm(text: string): Form {
  const fields = new Map<string, string[]>();
  for (const [written, value] of new URLSearchParams(text)) {
    const name = written.trim().replace(LEFT_BY_XML, '');
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries(fields);
}

/**
 * The same form with its percent escapes in UTF-8: those of a form stand for bytes in the character set of the whole (WHATWG URL,
 * "application/x-www-form-urlencoded parsing").
 */
export function escapedInUtf8(bytes: Buffer, { decode }: Decoder): string {
  return bytes.toString('latin1').replace(/[^&=+]+/g, (piece) => {
    const unescaped = piece.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return encodeURIComponent(decode(Buffer.from(unescaped, 'latin1')));
  });
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
  return text.includes('=') ? null : 'it has no "=" in it';
}
