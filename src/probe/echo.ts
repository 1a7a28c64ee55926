import type { EspRequest, UserData } from './esp.ts';

/** Longest text from outside that is kept: answers have no more of it. */
export const MAX_FOREIGN_CHARACTERS = 256;

/** What stands in place of an echo, and of all that follows it. */
export const LEFT_OUT = '[left out: repeats what was sent]';

/** Shorter ones are found in any text, and say little by themselves. */
const LEAST_CHARACTERS = 4;

/** What Genesys itself says (docs/genesys.md, "The answers"), whatever words the user data has. */
const OWN_WORDS = /^(?:interaction with specified id was not found|not found by (?:name|type))$/i;

export function isOwnWords(text: string): boolean {
  return OWN_WORDS.test(text);
}

/**
 * A text from outside as it may be answered, logged and kept: up to where it repeats what we sent, and cut. A gateway that quotes the
 * request in its errors would hand one caller's user data to everybody who shares the answer, and to the log.
 *
 * @param said what we sent and nobody is to read; asked only where it matters.
 */
export function withoutEcho(text: string, said: () => readonly string[]): string {
  if (text.length < LEAST_CHARACTERS || isOwnWords(text)) return text;
  const beforeEcho = upToEcho(text, MAX_FOREIGN_CHARACTERS, said());
  // Copied: a mere slice would keep the whole text, of up to 64 KiB, in memory with every answer that is remembered.
  return beforeEcho ?? ` ${text.slice(0, MAX_FOREIGN_CHARACTERS)}`.slice(1);
}

/**
 * The text up to the first of these words, however JSON or a URL writes it, and a note in its place; null if none is found.
 *
 * @param most how far into the text one may begin. No text is searched further, however long it is.
 */
export function upToEcho(text: string, most: number, words: readonly string[]): string | null {
  let end = most;
  for (const form of words.flatMap(formsOf)) {
    const at = text.slice(0, end + form.length - 1).indexOf(form);
    if (at !== -1) end = at;
  }
  return end === most ? null : text.slice(0, end).concat(LEFT_OUT);
}

/**
 * All of a request's user data that belongs to the customer, as text: its values, and its keys in the quotes of JSON, since a key alone
 * may be any word. Not the interaction's id, nor the Chat Server's name: both are answered and logged anyway.
 */
export function customersWords({ userData, appName }: Pick<EspRequest, 'userData' | 'appName'>, interactionId: string): readonly string[] {
  const words: string[] = [];
  const open: UserData[] = [userData];
  for (const tree of open) {
    for (const [key, value] of Object.entries(tree)) {
      if (value === interactionId || value === appName) continue;
      words.push(`"${key}"`);
      if (typeof value === 'object') open.push(value);
      else words.push(String(value));
    }
  }
  return words;
}

const LONE_SURROGATE = /\p{Cs}/gu;
/** The ampersand first: the others bring one. */
const ENTITIES = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
] as const;
const NOT_ASCII = /[\u007f-\uffff]/g;

/** A word as texts have it that quote it: plain, in JSON with and without escapes, in JSON within JSON, in HTML, in a URL, in a form. */
function formsOf(word: string): readonly string[] {
  if (word.length < LEAST_CHARACTERS) return [];
  const inJson = JSON.stringify(word).slice(1, -1);
  const inAscii = inJson.replace(NOT_ASCII, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const inInnerJson = JSON.stringify(inJson).slice(1, -1);
  const inHtml = (each: string): string => ENTITIES.reduce((text, [character, entity]) => text.replaceAll(character, entity), each);
  const inUrl = encodeURIComponent(word.replace(LONE_SURROGATE, '\ufffd'));
  return [...new Set([word, inJson, inAscii, inInnerJson, inHtml(word), inHtml(inJson), inUrl, inUrl.replaceAll('%20', '+')])];
}
