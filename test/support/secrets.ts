/**
 * What must never be emitted, planted where it belongs and where it does not. Each is like nothing else in the service. Tests take their
 * secrets and user data from here, or `plant` them, so that the search of the whole run knows what it looks for: see `leak-tap.ts`.
 */
export const SECRETS = {
  apiToken: 'tok-Api_Qz7hJ3vX9bW2nLkP',
  opsToken: 'tok-Ops_Ty6gB4mZ1qK8rVwD',
  wrongToken: 'tok-Wrong+Rf5/Yk8cD1mGtVs=',
  oldToken: 'tok-Old_Uw2sN8fJ6xLbRc3E',
  newToken: 'tok-New_Ei9dK5vPzH7aMq4T',
  basicPassword: 'Pa55:w0rd "Zebulon" Qx & Co',
  gatewayToken: 'tok-Gate/Hb4+Uw6eN0sJpXa==',
  widgetSecret: 'tok-Widget_Mn4bV7cX2zL9kJhG',
  scryptHash: '$scrypt$ln=15,r=8,p=1$c2FsdHlTYWx0c2FsdHlTYWx0$0aXvJqB3kTnYw8UeRz5LmDhCfGpQsVyEaBcDeFgHiJk',
  otherHash: '$scrypt$ln=14,r=8,p=1$UGVwcGVyUGVwcGVyUGVwcA$Zq1WsX2eDc3RfV4tGb5YhN6uJm7IkQ8lPp9OoLiKuJy',
  privateKey: 'MHcCAQEEIJbX2kqVw9RtZyUoPiAsDfGhJkLzXcVbNmQw',
  misplaced: 'tok-Misplaced9Kd3Vw8RtZyUo',
} as const;

export const USER_DATA = {
  name: 'Zdeňka Kvapilová-Übersee "Zizi"',
  phone: '+420 603 987 1234',
  card: '5105-1051-0510-5100',
  text: 'My <b>pin</b> is 90210 & I am very sad \u{1f622}/ok?',
  key: 'CustomerSortCode',
  nestedKey: 'Mother.Maiden.Name',
  number: '4206039871234',
} as const;

/** All user data at once, as a workflow would send it. */
export const AS_USER_DATA = {
  CustomerName: USER_DATA.name,
  [USER_DATA.key]: USER_DATA.card,
  Nested: { [USER_DATA.nestedKey]: { Phone: USER_DATA.phone } },
  Transcript: USER_DATA.text,
  Number: Number(USER_DATA.number),
};

export const PLANTED: readonly (readonly [string, string])[] = Object.entries({ ...SECRETS, ...USER_DATA });

/** So much of a word, from wherever in it and however it is written, gives it away. */
export const TELLING_CHARACTERS = 12;
/** Within so many characters in a row there are these four, whole, at a place that is looked at: see `plantedIn`. */
const FOUR = 4;
const STRIDE = TELLING_CHARACTERS - FOUR + 1;

/** Each telling part of a planted word, with the word's name and the form that it was written in. */
const tellingParts = new Map<string, string>();
/** Which fours stand in one of them, by their hash: one text in a hundred is looked at more closely in vain. */
const fours = new Uint8Array(2 ** 20);
let isReady = false;

/**
 * A secret or user data of one test, that the whole run searches for from now on, in the test files after it too: it is to have nothing that
 * may stand anywhere else. For texts of the test itself take those above.
 *
 * @returns the word.
 */
export function plant(word: string): string {
  ready();
  learn(`planted ${word.slice(0, FOUR)}...`, word);
  return word;
}

/** Which planted words a text holds, in whole or in part, with the form in which each was found first: `apiToken, base64`. */
export function plantedIn(text: string): readonly string[] {
  ready();
  const found = new Map<string, string>();
  // Every telling part has four characters at one of these places: a hundred megabytes are searched in a second.
  for (let at = 0; at <= text.length - FOUR; at += STRIDE) {
    if (fours[hashOf(text, at)] === 0) continue;
    for (let from = Math.max(0, at - STRIDE + 1); from <= at; from += 1) {
      const where = tellingParts.get(text.slice(from, from + TELLING_CHARACTERS));
      const name = where?.split(', ')[0] ?? '';
      if (where !== undefined && !found.has(name)) found.set(name, where);
    }
  }
  return [...found.values()];
}

/** Most files of tests emit nothing at all. */
function ready(): void {
  if (isReady) return;
  isReady = true;
  for (const [name, word] of PLANTED) learn(name, word);
}

function learn(name: string, word: string): void {
  if (word.length < TELLING_CHARACTERS) throw new Error(`a planted word needs ${TELLING_CHARACTERS} characters, or it is found by chance`);
  // What every hash begins with gives nothing away.
  for (const [form, spellings] of formsOf(word.replace(/^\$scrypt\$[^$]+\$/, ''))) {
    for (const spelling of spellings) {
      for (let from = 0; from <= spelling.length - TELLING_CHARACTERS; from += 1) {
        const part = spelling.slice(from, from + TELLING_CHARACTERS);
        if (!tellingParts.has(part)) tellingParts.set(part, `${name}, ${form}`);
      }
      for (let at = 0; at <= spelling.length - FOUR; at += 1) fours[hashOf(spelling, at)] = 1;
    }
  }
}

function hashOf(text: string, at: number): number {
  const codes =
    text.charCodeAt(at) + 137 * text.charCodeAt(at + 1) + 18_769 * text.charCodeAt(at + 2) + 2_571_353 * text.charCodeAt(at + 3);
  return codes & 0xf_ffff;
}

function formsOf(word: string): ReadonlyMap<string, readonly string[]> {
  const inJson = JSON.stringify(word).slice(1, -1);
  const inUrl = encodeURIComponent(word);
  const bytes = Buffer.from(word);
  return new Map([
    ['as it is', [word]],
    ['JSON', [inJson, JSON.stringify(inJson).slice(1, -1)]],
    ['JSON in ASCII', escaped(inJson, /[\u007f-\uffff]/g, (code) => `\\u${code.toString(16).padStart(4, '0')}`)],
    ['percent-encoded', [inUrl, inUrl.toLowerCase(), inUrl.replaceAll('%20', '+'), inUrl.replaceAll('%', '%25')]],
    ['HTML', [word.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')]],
    ['base64', [0, 1, 2].flatMap((offset) => base64(bytes, offset))],
    ['hex', [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]],
    ['Latin-1 read as UTF-8', [bytes.toString('latin1')]],
  ]);
}

function escaped(text: string, characters: RegExp, write: (code: number) => string): readonly string[] {
  const lower = text.replace(characters, (character) => write(character.charCodeAt(0)));
  return [lower, lower.replace(/\\u([\da-f]{4})/g, (_, hex: string) => `\\u${hex.toUpperCase()}`)];
}

/** As it stands within a longer text: what comes before it moves its bits. */
function base64(bytes: Buffer, offset: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const own = whole.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
}
