import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_VALUE_WORDS, INTERACTION_ID_PATTERN, isEmptyValue, isInteractionId } from '../../src/probe/probe-order.ts';

const inSomeCase = (words: fc.Arbitrary<string>) =>
  fc.tuple(words, fc.infiniteStream(fc.boolean())).map(([word, upper]) => {
    const letters: string[] = [];
    for (const letter of word) letters.push(upper.next().value === true ? letter.toUpperCase() : letter);
    return letters.join('');
  });
const emptyWords = inSomeCase(fc.constantFrom(...EMPTY_VALUE_WORDS));
const plain = fc.stringMatching(/^[A-Za-z0-9_~-]{1,50}$/);

describe('an interaction id', () => {
  it.each(['0006Ka9HFHRR0T2B', 'a_b~c-d', '0', 'x'.repeat(64)])('may be %s', (id) => {
    expect(isInteractionId(id)).toBe(true);
  });

  it.each(['', ' ', 'a b', 'a.b', 'a\n', 'x'.repeat(65), '[object Object]', 7, null, undefined])('cannot be %j', (id) => {
    expect(isInteractionId(id)).toBe(false);
  });

  it('is never what an empty variable turns into, in whatever case', () => {
    fc.assert(
      fc.property(emptyWords, (word) => {
        expect([word, isInteractionId(word), isEmptyValue(word)]).toEqual([word, false, true]);
      }),
    );
  });

  it('may begin or end with such a word', () => {
    fc.assert(
      fc.property(emptyWords, plain, fc.boolean(), (word, more, before) => {
        const id = before ? more + word : word + more;
        expect([id, isInteractionId(id), isEmptyValue(id)]).toEqual([id, true, false]);
      }),
    );
  });

  it('is everything of its characters that is no such word', () => {
    fc.assert(
      fc.property(fc.oneof(plain, emptyWords), (text) => {
        expect(isInteractionId(text)).toBe(!isEmptyValue(text));
      }),
    );
  });

  it('is told to callers by the same rule, which needs no flags', () => {
    fc.assert(
      fc.property(fc.oneof(plain, emptyWords, fc.string({ maxLength: 70 })), (text) => {
        expect(new RegExp(INTERACTION_ID_PATTERN, 'u').test(text)).toBe(isInteractionId(text));
      }),
    );
  });
});

it.each(['', ' ', 'undefined ', '\tNaN'])('%j is an empty variable too', (text) => {
  expect(isEmptyValue(text)).toBe(true);
});
