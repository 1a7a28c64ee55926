/** Turns bytes into characters; those that are none of its character set become U+FFFD. */
export interface Decoder {
  readonly decode: (bytes: Uint8Array) => string;
  /** Whether percent escapes, too, are in UTF-8: in UTF-16 they could not be. */
  readonly isUnicode: boolean;
}

export const UTF_8 = 'utf-8';
/** What clients write that were told no character set. ASCII is among them: what is more than that in such a body is hardly Latin-1. */
const SAYS_NOTHING = new Set(['', 'undefined', 'null', 'none', 'binary', 'ascii', 'us-ascii', 'ascii-8bit', 'ansi-x3.4-1968']);
/** UTF-8 by the names that Python, Perl, Ruby, MySQL and Windows have for it. */
const OTHER_UTF_8 = new Set(['utf8-sig', 'utf-8-sig', 'utf-8-strict', 'utf8-strict', 'utf-8-mac', 'utf8-mac', 'utf8mb4', 'cp65001']);
/** Of UTF-16 a label may say what it likes: which half of a character comes first, if it is that at all, shows in the bytes. */
const UTF_16 = /^(?:utf-?16|ucs-?2|iso-10646-ucs-2|unicode)/;
const WINDOWS = /^(?:windows|win|cp|ms|ibm)?[-_]?(125[0-8]|874)$/;
/** The characters of Windows-1252 from 0x80 on. Node.js 20 decodes its name as Latin-1, which has control characters there. */
const FROM_0X80 = '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f'.concat(
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178',
);
const C1 = /[\x80-\x9f]/g;

/**
 * The character set of a label, by the name that is its own: labels come as the standards write them, as Java does (`ISO8859_1`,
 * `Cp1252`) and as Python does (`latin-1`). UTF-8 where it says nothing, null if nobody knows it.
 *
 * @param label without quotes, in lower case.
 */
export function characterSet(label: string): string | null {
  const hyphened = label.replaceAll('_', '-');
  if (SAYS_NOTHING.has(hyphened) || OTHER_UTF_8.has(hyphened) || UTF_16.test(label)) return UTF_8;
  const windows = WINDOWS.exec(label)?.[1];
  const spellings = [label, hyphened, hyphened.replaceAll('-', ''), `windows-${windows}`, `iso-${hyphened}`];
  for (const spelling of spellings) {
    const encoding = encodingOf(spelling);
    if (encoding !== null) return encoding;
  }
  return null;
}

const utf8Decoder = new TextDecoder();
const IN_UTF_8: Decoder = { decode: (bytes) => utf8Decoder.decode(bytes), isUnicode: true };

/**
 * How to decode a body in the character set that it names, unless its bytes show another: UTF-16, or the mark of UTF-8.
 *
 * @param named as `characterSet` gave it.
 */
export function decoderFor(bytes: Uint8Array, named: string): Decoder {
  const encoding = shownBy(bytes) ?? named;
  if (encoding === UTF_8) return IN_UTF_8;
  const decoder = new TextDecoder(encoding);
  const isUnicode = decoder.encoding.startsWith('utf-');
  if (decoder.encoding !== 'windows-1252') return { decode: (part) => decoder.decode(part), isUnicode };
  const inWindows1252 = (control: string): string => FROM_0X80[control.charCodeAt(0) - 0x80] ?? control;
  return { decode: (part) => decoder.decode(part).replace(C1, inWindows1252), isUnicode };
}

/** The first characters of JSON and of a form are ASCII, one of whose bytes is 0 in UTF-16 and in no other character set. */
function shownBy(bytes: Uint8Array): string | null {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return UTF_8;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be';
  return null;
}

function encodingOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}
