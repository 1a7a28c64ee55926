import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slipIn } from '../../src/http/probe-lookup.ts';
import { tidyUrl } from '../../src/http/request-head.ts';
import { checkUserData } from '../../src/http/user-data.ts';
import { startedService } from '../support/service.ts';
import { askerThat, stubApi } from './stub-api.ts';

const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';

async function ask(payload: object, url = PROBE) {
  const asker = askerThat({});
  const { server } = await stubApi({ asker });
  const response = await server.inject({ method: 'POST', url, payload });
  return { response, order: asker.asked[0] };
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
    const { server } = await stubApi();
    const headers = { 'content-type': 'application/json' };
    const response = await server.inject({ method: 'POST', url: PROBE, headers, payload: `{"userData":${userData}}` });
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

const SLIPS = [
  ...['[object Object]', '[object Undefined]', 'Chat_[object Object]', '[]', '["a"]', '{}', '{"a":1}', '[ChatServer_1]'],
  ...['NaN', 'nan', 'None', 'nil', 'True', '-Infinity', '#N/A', 'ChatServer_undefined', 'null_1', 'ChatServer_NaN', 'undefinedundefined'],
  ...['(void 0)', 'void 0', '(null)', 'getName()', 'function (x) { return 1 }', 'x => x', 'Symbol(x)', 'Optional.empty', "data['x']"],
  ...['${chat}', 'Chat_${x}', '{{name}}', '{name}', '{0}', '<%= name %>', '<?php echo 1 ?>', '#{name}', '$(name)', '$name', '[[name]]'],
  ...['%CHAT%', '%%CHAT%%', '@name@', '!name!', '<null>', '<unset>', '?', '-', '***', 'AppState.ChatServerAppName', 'ChatServerAppName'],
  ...['"ChatServer_1"', "'ChatServer_1'", '\u201cChatServer_1\u201d', '\u2018ChatServer_1\u2019', '\u201eChatServer_1\u201c'],
  ...['\u00abChatServer_1\u00bb', '`ChatServer_1`', '"ChatServer_1', 'ChatServer_1"', '\\"ChatServer_1\\"', '&quot;X&quot;'],
  ...['Chat%20Server', 'Ch%C3%A4t', 'Ch%u00e4t', 'Sales &amp; Service', 'Ch\\u00e4t', 'java.lang.Object@1b2c3d4e', '[B@1b2c3d'],
];
const NAMES = [
  ...['ChatServer_1', 'Chat Server 1', 'chat.server.eu-1', '17', 'Chat/Server', 'Chät 1', 'チャット', 'Chat (backup)', 'Chat [Prod]'],
  ...['[Prod] Chat', 'Chat-None-1', "O'Brien Chat", "Customers'", 'Chat & Co', '100% Chat', 'Chat#1', 'chat@example.com', 'Chat$erver'],
  ...['Nullarbor', 'Nancy', 'Trueman', 'Objective', 'object', 'A+B', 'Chat_Server~2', 'DOMAIN\\ChatServer', 'Chat, EU', 'nullable'],
];

describe('a name that is the slip of a program', () => {
  it.each(SLIPS)('%s is refused wherever it stands, and nothing is sent', async (name) => {
    const refusals: readonly (readonly [object, string])[] = [
      [{ chatServerAppName: ` ${name}` }, 'chatServerAppName'],
      [{ userData: { ChatServerAppName: name } }, 'userData.ChatServerAppName'],
      [{ target: name, isOnline: '0' }, 'target'],
      [{ policy: name }, 'policy'],
    ];
    for (const [payload, field] of refusals) {
      const { response, order } = await ask(payload);
      expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:invalid_name', status: 422, field });
      expect(order).toBeUndefined();
    }
  });

  it.each(NAMES)('is not %s', async (name) => {
    expect((await ask({ chatServerAppName: name })).order?.chatServer).toBe(name);
  });

  it('is let pass where the target lists it among its Chat Servers', async () => {
    const file = 'targets: { default: { adapter: simulator, chatServers: ["{Chat}"] } }';
    const service = await startedService({ file });
    const answers = await Promise.all(
      ['{Chat}', '{Other}'].map((chatServerAppName) =>
        service.server.inject({ method: 'POST', url: PROBE, payload: { chatServerAppName } }),
      ),
    );
    await service.server.close();
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 422]);
  });

  it.each(['%', '[', '(', '"', '<', '{', '$', 'a.', '&', '\\', ' ', 'null', "'"])(
    'made of %j alone takes no longer than there is to read',
    (part) => {
      const startedMs = performance.now();
      for (const end of ['', 'x', ']', '%', "'"]) slipIn(part.repeat(60_000 / part.length) + end);
      expect(performance.now() - startedMs).toBeLessThan(300);
    },
  );
});

describe('the URL', () => {
  it.each([
    [`${PROBE}/`, PROBE],
    [`/${PROBE}`, PROBE],
    ['//interactions///a//probe//?x=//&y=/', '/interactions/a/probe?x=//&y=/'],
    [`http://x:1${PROBE}`, PROBE],
    [`HTTPS://user@x//interactions/a/probe/?q#f`, '/interactions/a/probe?q#f'],
    ['http://x', '/'],
    ['http://x?a=1', '/?a=1'],
    ['/', '/'],
    ['///', '/'],
    ['/?a=/', '/?a=/'],
    ['*', '*'],
    ['/interactions//probe', '/interactions//probe'],
    ['/interactions/probe/', '/interactions//probe'],
    ['//targets//guard//release', '/targets//guard/release'],
    ['/docs/', '/docs/'],
    ['//docs', '/docs'],
    ['/livez/', '/livez'],
    ['/interactions/a%2F/probe', '/interactions/a%2F/probe'],
  ])('%s is taken for %s', (url, tidy) => {
    expect(tidyUrl(url)).toBe(tidy);
  });

  it('once tidy stays so, and keeps its query', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'interactions', 'probe', 'docs', '', '%2F')),
        fc.webQueryParameters(),
        (segments, query) => {
          const tidy = tidyUrl(`/${segments.join('/')}?${query}`);
          expect(tidyUrl(tidy)).toBe(tidy);
          expect(tidy.slice(tidy.indexOf('?') + 1)).toBe(query);
        },
      ),
    ));

  it.each([`${PROBE}/`, `/${PROBE}`, '//interactions//0006Ka9HFHRR0T2B//probe//'])('%s gets its verdict', async (url) => {
    expect((await ask({ chatServerAppName: 'ChatServer_1' }, `${url}?target=default`)).order?.chatServer).toBe('ChatServer_1');
  });

  it.each(['/livez/', '//readyz', '/docs//', '//openapi.json/'])('%s is there', async (url) => {
    const { server } = await stubApi();
    expect((await server.inject(url)).statusCode).toBe(200);
  });
});
