import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPatternOf, masked, NO_TEXT, saysEnough } from '../../src/probe/observed-text.ts';

describe('a text as operators see it', () => {
  it.each([
    ['interaction with specified id was not found', 'interaction with specified id was not found'],
    ['  Not found\n by   name ', 'Not found by name'],
    ['"Not found by type"', 'Not found by type'],
    ['', NO_TEXT],
    ['error.externalservice.ExternalServiceFault', 'error.externalservice.ExternalServiceFault'],
    ['FaultCode=100, FaultString=gone', 'FaultCode=100, FaultString=gone'],
    [`'FaultCode' [str] = "100"`, 'FaultCode [str] = 100'],
    ['Error code: 1', 'Error code: 1'],
    ['chat 0006Ka9HFHRR0T2B is gone', 'chat # is gone'],
    ['called +49 (171) 123-45 67 twice', 'called # twice'],
    ['FaultCode 0171 1234567', 'FaultCode #'],
    ['FaultCode 030 123456', 'FaultCode #'],
    ['write to jane.doe@example.com or http://host/jane', 'write to # or #'],
    ["no such user 'Jane Doe' here", 'no such user # here'],
    ['id aBcDeFgHiJkLmNoP unknown', 'id # unknown'],
    ['at ChatServer_1', 'at #'],
    ['٠٠٤٩ ١٧١', '#'],
    ['\ue001\ue002 kept?', '# kept?'],
  ])('%j is %j', (text, shown) => {
    expect(masked(text, [])).toBe(shown);
  });

  it('lacks what the caller sent, in any case', () => {
    expect(masked('customer JANE DOE of Acme at westserver', ['abcdefgh', 'WestServer', 'Jane Doe', 'Acme', 'of'])).toBe(
      'customer # of # at #',
    );
  });

  it('keeps what Genesys itself says, whatever the user data is', () => {
    expect(masked('Not found by name', ['name', 'found'])).toBe('Not found by name');
  });

  it('never shows a planted id, telephone number or address, wherever it stands', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9]{16}$/);
    const phone = fc.stringMatching(/^(\+|00)[1-9][0-9]{1,2}[ \-/(][0-9]{2,4}[ )\-/]{1,2}[0-9]{3,4}[ -]?[0-9]{2,4}$/);
    const mail = fc.stringMatching(/^[a-z]{3,8}\.[a-z]{3,8}@[a-z]{3,8}\.com$/);
    const words = fc.constantFrom('not found', 'fault', 'FaultCode ', 'error code: ', 'Id=', '"', "'", '(', ' ', ', ', 'chat', ':');
    const text = fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 6 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(text, id, phone, mail, text, (before, ownId, number, address, after) => {
        const shown = masked(`${before} ${ownId} ${after} ${number} ${before} ${address} ${after}`, [ownId]);
        expect(shown.toLowerCase()).not.toContain(ownId.toLowerCase());
        expect(shown).not.toContain(address);
        // No more of a number than a code may have.
        expect(shown).not.toMatch(/\d[\s()+./-]*\d[\s()+./-]*\d[\s()+./-]*\d/);
      }),
    );
  });

  it('is short, and takes no longer for a text that is made to be slow', () => {
    const startedMs = performance.now();
    for (const part of ['a', '@', "'", '"a', '+(', '#', 'FaultCode', 'aB', ' ', '1 ', '://a', 'fault code[a]']) {
      expect(masked(part.repeat(70_000), ['x'.repeat(100)]).length).toBeLessThanOrEqual(200);
    }
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

describe('a pattern', () => {
  const isOf = (pattern: string, text: string) => isPatternOf(pattern, text, masked(text, []));

  it.each([
    ['Not found by name', 'not  FOUND by name', true],
    ['Not found by name', 'Not found by name!', false],
    ['Not found by name', 'x Not found by name', false],
    ['*was not found', 'interaction with specified id was not found', true],
    ['interaction*not*found', 'interaction with specified id was not found', true],
    ['interaction*found*not', 'interaction with specified id was not found', false],
    ['abcabc*abcabc', 'abcabc', false],
    ['*', '', true],
    [NO_TEXT, '', true],
    ['chat # is gone', 'chat 0006Ka9HFHRR0T2B is gone', true],
    ['error 4711: gone', 'error 4711: gone', true],
    ['error 4711: gone', 'error 4712: gone', false],
    ['.+', 'anything', false],
  ])('%j of %j: %j', (pattern, text, expected) => {
    expect(isOf(pattern, text)).toBe(expected);
  });

  it('fits every text that it was learned from', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(isOf(masked(text, []), text)).toBe(true);
      }),
    );
  });

  it('fits no text of which nobody could have confirmed all', () => {
    expect(isOf('found*', `found${'x'.repeat(4_091)}`)).toBe(true);
    expect(isOf('found*', `found${'x'.repeat(4_092)}`)).toBe(false);
  });

  it('must say enough: letters, beside what stands for anything', () => {
    expect(['*', '# * #', '12345678', 'a*b*c*d*e'].filter(saysEnough)).toEqual([]);
    expect(['Not found', '*gefunden*', 'не найден'].filter(saysEnough)).toHaveLength(3);
  });
});
