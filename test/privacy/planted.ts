/** What must never be emitted, planted where it belongs and where it does not. Each is like nothing else in the service. */
export const SECRETS = {
  apiToken: 'tok-Api_Qz7hJ3vX9bW2nLkP',
  wrongToken: 'tok-Wrong+Rf5/Yk8cD1mGtVs=',
  basicPassword: 'Pa55:w0rd "Zebulon" Qx & Co',
  gatewayToken: 'tok-Gate/Hb4+Uw6eN0sJpXa==',
  /** As it would be written into a wrong place. */
  scryptHash: '$scrypt$ln=15,r=8,p=1$c2FsdHlTYWx0$0aXvJqB3kTnYw8UeRz5LmDhCfGpQsVyE',
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

/** So much of a word, from wherever in it, gives it away. */
const TELLING_CHARACTERS = 10;

/** Which planted words a text holds, with the first form in which each was found: `apiToken, base64`. */
export function plantedIn(text: string, planted = PLANTED): readonly string[] {
  return planted.flatMap(([name, word]) => {
    const found = [...formsOf(word)].find(([, spellings]) => spellings.some((spelling) => text.includes(spelling)));
    return found === undefined ? [] : [`${name}, ${found[0]}`];
  });
}

function formsOf(word: string): ReadonlyMap<string, readonly string[]> {
  const inJson = JSON.stringify(word).slice(1, -1);
  const inUrl = encodeURIComponent(word);
  const bytes = Buffer.from(word);
  return new Map([
    ['in part', partsOf(word)],
    ['JSON', [inJson, JSON.stringify(inJson).slice(1, -1)]],
    ['JSON in ASCII', escaped(inJson, /[\u007f-\uffff]/g, (code) => `\\u${code.toString(16).padStart(4, '0')}`)],
    ['percent-encoded', [inUrl, inUrl.toLowerCase(), inUrl.replaceAll('%20', '+'), inUrl.replaceAll('%', '%25')]],
    ['HTML', [word.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')]],
    ['base64', [0, 1, 2].flatMap((offset) => base64(bytes, offset))],
    ['hex', [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]],
    ['Latin-1 read as UTF-8', [bytes.toString('latin1')]],
  ]);
}

function partsOf(word: string): readonly string[] {
  const starts = Math.max(1, word.length - TELLING_CHARACTERS + 1);
  return Array.from({ length: starts }, (_, start) => word.slice(start, start + TELLING_CHARACTERS));
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
