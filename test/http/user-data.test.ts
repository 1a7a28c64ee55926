import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUserData } from '../../src/http/probe-input.ts';
import { askerThat, sharedApi } from './stub-api.ts';

const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';
const asker = askerThat({});
const api = sharedApi({ asker });

async function ask(payload: object, url = PROBE) {
  const before = asker.asked.length;
  const response = await api().server.inject({ method: 'POST', url, payload });
  return { response, order: asker.asked[before] };
}

describe('user data', () => {
  it.each([
    ['null is left out', { A: null, B: { C: null } }, { B: {} }],
    ['flags become 1 and 0', { A: true, B: { C: false } }, { A: 1, B: { C: 0 } }],
    ['a list becomes its text', { A: [1, 'a"', null, true, { b: [] }], B: [] }, { A: '[1,"a\\"",null,true,{"b":[]}]', B: '[]' }],
    ['a list further down too', { A: { B: { C: [[1], ['x']] } } }, { A: { B: { C: '[[1],["x"]]' } } }],
    ['text, numbers and objects stay', { A: 'x', B: 1.5, C: { D: -2 } }, { A: 'x', B: 1.5, C: { D: -2 } }],
  ])('%s', async (_name, userData, carried) => {
    expect((await ask({ userData })).order?.userData).toEqual(carried);
  });

  it.each([
    ['a number without its digits, in a list', '{"A":[1,[12345678901234567890]]}', 'userData.A.1.0'],
    ['infinity in a list', '{"A":{"B":[1e999]}}', 'userData.A.B.0'],
    ['__proto__ in a list', '{"A":[{"__proto__":1}]}', 'userData.A.0.__proto__'],
    ['__proto__ of nothing', '{"__proto__":null}', 'userData.__proto__'],
    ['lists within one another', `{"A":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'userData'],
  ])('%s cannot be carried, and the key is named', async (_name, userData, field) => {
    const headers = { 'content-type': 'application/json' };
    const response = await api().server.inject({ method: 'POST', url: PROBE, headers, payload: `{"userData":${userData}}` });
    expect(response.json()).toMatchObject({ status: 400, field });
  });

  it('is measured as it was given', () => {
    const [fits, tooLarge] = [8_180, 8_190].map((quotes) => checkUserData({ A: ['"'.repeat(quotes)] }));
    expect([fits?.ok, tooLarge]).toMatchObject([true, { problem: { code: 'too_large' } }]);
  });

  it('whatever it is, is refused by a key or is carried without a null, a flag or a list in it', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), (value) => {
        const checked = checkUserData(JSON.parse(JSON.stringify(value)));
        if (!checked.ok) {
          expect(checked.problem.field).toMatch(/^userData/);
          return;
        }
        const leaves = (one: unknown): readonly unknown[] =>
          typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.values(one).flatMap(leaves) : [one];
        for (const leaf of leaves(checked.value)) expect(['string', 'number']).toContain(typeof leaf);
      }),
    ));

  it('that says isOnline false closes the chat, and a list is no name', async () => {
    expect((await ask({ userData: { IsOnline: false } })).order?.isOffline).toBe(true);
    expect((await ask({ userData: { IsOnline: ['0'] } })).order?.isOffline).toBe(false);
    for (const ChatServerAppName of [['ChatServer_1'], true])
      expect((await ask({ userData: { ChatServerAppName } })).response.json()).toMatchObject({ field: 'userData.ChatServerAppName' });
  });

  it.each([' 0', '0\t', '\u00a0false\r\n', ' FALSE '])('isOnline %j is trimmed wherever it stands', async (isOnline) => {
    expect((await ask({ isOnline })).order?.isOffline).toBe(true);
    expect((await ask({ userData: { IsOnline: isOnline } })).order?.isOffline).toBe(true);
    expect((await ask({}, `${PROBE}?isOnline=${encodeURIComponent(isOnline)}`)).order?.isOffline).toBe(true);
  });
});
