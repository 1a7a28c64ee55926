import { describe, expect, it } from 'vitest';
import { FILES, text } from '../support/pages.ts';
import { PLANTED, plantedIn } from '../support/secrets.ts';

/** Ways in which a leak could be written. */
const LEAKS: readonly (readonly [string, (word: string) => string])[] = [
  ['as it is', (word) => word],
  ['in the middle of a line', (word) => `{"level":"info","x":"${word}"}`],
  ['cut in front', (word) => word.slice(1)],
  ['cut at its end', (word) => word.slice(0, -1)],
  ['of which little is left', (word) => word.slice(-12)],
  ['in JSON', (word) => JSON.stringify({ word })],
  ['in JSON within JSON', (word) => JSON.stringify(JSON.stringify({ word }))],
  ['in JSON of ASCII', (word) => JSON.stringify(word).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)],
  ['in a URL', (word) => `/x?y=${encodeURIComponent(word)}`],
  ['in a URL within a URL', (word) => encodeURIComponent(encodeURIComponent(word))],
  ['in a form', (word) => new URLSearchParams({ word }).toString()],
  ['in HTML', (word) => word.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')],
  ['in base64', (word) => Buffer.from(word).toString('base64')],
  ['as the password of Basic', (word) => Buffer.from(`user:${word}`).toString('base64')],
  ['in base64 after two bytes more', (word) => Buffer.from(`widget:${word}:x`).toString('base64url')],
  ['in hex', (word) => Buffer.from(word).toString('hex')],
  ['as UTF-8 that was taken for Latin-1', (word) => Buffer.from(word).toString('latin1')],
];

describe.each(LEAKS)('a planted word %s', (_how, write) => {
  it.each(PLANTED)('is found: %s', (name, word) => {
    expect(plantedIn(`before ${write(word)} after`).some((found) => found.startsWith(`${name}, `))).toBe(true);
  });
});

/** Where a secret stands in a test: too short a word is none, and could not be searched for. */
const OF_ITS_OWN = [
  /Bearer (?!realm=|abc\.def|\$\{)[\w.-]{6,}/g,
  /\b(?:CHATPROBE_\w*TOKEN|[tT]oken|secret|password): '(?!-----BEGIN)[^']{6,}'/g,
  /\bsecrets: \['[^']{6,}'/g,
  /\b(?:callerWith|bearer)\('(?!__)[^']{6,}'/g,
];

it('no test has a secret of its own that nobody looks for', () => {
  const tests = FILES.filter((file) => /^test\/.*\.ts$/.test(file) && !file.startsWith('test/privacy/'));
  const own = tests.flatMap((file) => OF_ITS_OWN.flatMap((kind) => [...text(file).matchAll(kind)].map(([found]) => `${file}: ${found}`)));
  expect(tests.length).toBeGreaterThan(200);
  expect(own).toEqual([]);
});

it('nothing is found where nothing is', () => {
  expect(plantedIn('Not found by name, interaction with specified id was not found, Bearer realm="chat-probe", [redacted]')).toEqual([]);
});
