import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customersWords, LEFT_OUT, MAX_FOREIGN_CHARACTERS, withoutEcho } from '../../src/probe/echo.ts';

const SAID = ['Erika "Müller" & Söhne', '+49 170 5550123', '"CustomerPhone"'];
const clear = (text: string, said: readonly string[] = SAID) => withoutEcho(text, () => said);

describe('a text from outside', () => {
  it.each([
    ['as it is', 'no chat of Erika "Müller" & Söhne here', 'no chat of '],
    ['in JSON', JSON.stringify({ name: SAID[0] }), '{"name":"'],
    ['in JSON of ASCII alone', 'name=Erika \\"M\\u00fcller\\" & S\\u00f6hne', 'name='],
    ['in JSON within JSON', `sent ${JSON.stringify(JSON.stringify(SAID[0]))}`, 'sent "\\"'],
    ['in HTML', '<li>Erika &quot;Müller&quot; &amp; Söhne</li>', '<li>'],
    ['in JSON within HTML', '<pre>Erika \\&quot;Müller\\&quot; &amp; Söhne</pre>', '<pre>'],
    ['in a URL', `/esp?phone=${encodeURIComponent('+49 170 5550123')}`, '/esp?phone='],
    ['in a form', 'phone=%2B49+170+5550123', 'phone='],
    ['by a key alone', 'unknown key "CustomerPhone": refused', 'unknown key '],
    ['by a key in JSON within JSON', 'unknown: {\\"CustomerPhone\\":1', 'unknown: {'],
  ])('ends before what it repeats %s', (_how, text, kept) => {
    expect(clear(text)).toBe(kept + LEFT_OUT);
  });

  it('ends before the first of several', () => {
    expect(clear('at +49 170 5550123: Erika "Müller" & Söhne')).toBe(`at ${LEFT_OUT}`);
  });

  it('ends before one that begins in what is kept, however long it is', () => {
    const long = 'x'.repeat(MAX_FOREIGN_CHARACTERS - 1);
    expect(clear(`${long}+49 170 5550123`)).toBe(long + LEFT_OUT);
    expect(clear(`${long}y+49 170 5550123`)).toBe(`${long}y`);
    expect(clear(`a${'z'.repeat(5_000)}b`, ['z'.repeat(5_000)])).toBe(`a${LEFT_OUT}`);
  });

  it('is told whole where it repeats nothing, up to what answers have room for', () => {
    expect(clear('the session is locked')).toBe('the session is locked');
    expect(clear('y'.repeat(300))).toBe('y'.repeat(MAX_FOREIGN_CHARACTERS));
  });

  it.each(['interaction with specified id was not found', 'Not found by type', 'Not found by name', '100'])(
    'is told whole where Genesys itself says it, whatever the user data has: %s',
    (text) => {
      expect(clear(text, ['specified', 'found', 'name', 'type', '100'])).toBe(text);
    },
  );

  it('is not cut at words of fewer than four characters', () => {
    expect(clear('error in a part of it', ['it', 'a', 'art'])).toBe('error in a part of it');
  });

  it('never has one of the words left, plain or as JSON or a URL writes it', () => {
    const words = fc.array(fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }), { maxLength: 5 });
    const written = fc.constantFrom<(word: string) => string>(String, JSON.stringify, encodeURIComponent);
    fc.assert(
      fc.property(words, written, fc.string({ maxLength: 300 }), (said, write, before) => {
        const text = clear(before + said.map(write).join('/'), said).replace(LEFT_OUT, '');
        for (const word of said) expect(text.includes(word) || text.includes(write(word))).toBe(false);
      }),
    );
  });

  it('is kept without the whole that it was cut from', () => {
    expect(clear(`${'y'.repeat(100)}\ud83d`, ['\ud83d\ud83d\ud83d\ud83d'])).toHaveLength(101);
  });
});

describe("the customer's words", () => {
  it('are all keys and values of the user data, but for the id and the Chat Server', () => {
    const userData = { Id: '0006Ka9HFHRR0T2B', Phone: 5550123, ChatServerAppName: 'ChatServer_1', Nested: { Card: '4111' } };
    expect(customersWords({ userData, appName: 'ChatServer_1' }, '0006Ka9HFHRR0T2B')).toEqual([
      '"Phone"',
      '5550123',
      '"Nested"',
      '"Card"',
      '4111',
    ]);
  });
});
