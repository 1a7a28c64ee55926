import { describe, expect, it } from 'vitest';
import { slipIn } from '../../src/http/probe-lookup.ts';
import type { TargetState } from '../../src/http/readiness.ts';
import { startedService } from '../support/service.ts';
import { askerThat, sharedApi } from './stub-api.ts';

const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';
const asker = askerThat({});
const api = sharedApi({ asker });

async function ask(payload: object) {
  const before = asker.asked.length;
  const response = await api().server.inject({ method: 'POST', url: PROBE, payload });
  return { response, order: asker.asked[before] };
}

const SLIPS = [
  ...['[object Object]', '[object Undefined]', 'Chat_[object Object]', '[]', '["a"]', '{}', '{"a":1}', '[ChatServer_1]'],
  ...['NaN', 'nan', 'None', 'nil', 'True', '-Infinity', '#N/A', 'ChatServer_undefined', 'null_1', 'ChatServer_NaN', 'undefinedundefined'],
  ...['(void 0)', 'void 0', '(null)', 'getName()', 'function (x) { return 1 }', 'x => x', 'Symbol(x)', 'Optional.empty', "data['x']"],
  ...['${chat}', 'Chat_${x}', '{{name}}', '{name}', '{0}', '<%= name %>', '<?php echo 1 ?>', '#{name}', '$(name)', '$name', '[[name]]'],
  ...['%CHAT%', '%%CHAT%%', '@name@', '!name!', '<null>', '<unset>', '?', '-', '***', 'AppState.ChatServerAppName', 'ChatServerAppName'],
  ...['"ChatServer_1"', "'ChatServer_1'", '\u201cChatServer_1\u201d', '\u2018ChatServer_1\u2019', '\u201eChatServer_1\u201c'],
  ...['\u00abChatServer_1\u00bb', '`ChatServer_1`', '"ChatServer_1', 'ChatServer_1"', '\\"ChatServer_1\\"', '&quot;X&quot;'],
  ...['SCALAR(0x558e6c7d2190)', 'main=HASH(0x55d0c8)', '#<Object:0x00007fe0fed22800>', '#<struct Chat>', 'table: 0x5581D2C0'],
  ...['C$$Lambda$249/0x00007fcb88154208@10feca44', "b'ChatServer_1'", "u'ChatServer_1'", 'Array', 'Object id #3', 'Resource id #3'],
  ...['System.String[]', 'System.Collections.Hashtable', 'System.Collections.Generic.List`1[System.String]', 'System.Data.DataRow'],
  ...['System.__ComObject', 'map[name:x]', '%!s(MISSING)', 'Chat_%!d(string=x)', 'Chat[name=x]', "Chat(name='x', id=1)"],
  ...['Some(ChatServer_1)', 'Optional(ChatServer_1)', '__CHAT_SERVER__', ':chatServer', '%s', 'Chat_%s', '%(name)s', 'Nothing'],
  ...['#REF!', '#NAME?', '#VALUE!', '#NULL!', '#DIV/0!'],
  ...['Chat%20Server', 'Ch%C3%A4t', 'Ch%u00e4t', 'Sales &amp; Service', 'Ch\\u00e4t', 'java.lang.Object@1b2c3d4e', '[B@1b2c3d'],
];
const NAMES = [
  ...['ChatServer_1', 'Chat Server 1', 'chat.server.eu-1', '17', 'Chat/Server', 'Chät 1', 'チャット', 'Chat (backup)', 'Chat [Prod]'],
  ...['[Prod] Chat', 'Chat-None-1', "O'Brien Chat", "Customers'", 'Chat & Co', '100% Chat', 'Chat#1', 'chat@example.com', 'Chat$erver'],
  ...['Nullarbor', 'Nancy', 'Trueman', 'Objective', 'object', 'A+B', 'Chat_Server~2', 'DOMAIN\\ChatServer', 'Chat, EU', 'nullable'],
  ...['Array_1', 'System Chat', 'System.Chat', 'System.Data', 'Bot "A" 1', 'Chat_0x1', 'Something', 'Nothing But Chat', 'Chat [eu=1]'],
  ...[
    'Awesome (1)',
    'Map 1',
    '_chat_',
    '_Chat__EU_',
    'رسائل\u200cفارسی',
    '100%discount',
    '#1 Chat!',
    'Chat: EU',
    'Bob',
    'u2',
    '辻\u{e0100}',
  ],
];

it('a target is answered for by a service of its own, found by the name that the request gives', async () => {
  const file = 'targets: { default: { adapter: simulator, ha: false }, other: { adapter: simulator, ha: false } }';
  const { server } = await startedService({ file });
  const post = (url: string) => server.inject({ method: 'POST', url });
  expect((await post(`${PROBE}?target=other`)).json()).toMatchObject({ target: 'other', reason: 'delivered' });
  expect((await post('/targets/other/guard/release')).json()).toMatchObject({ target: 'other', guard: 'released' });
  const { targets } = (await server.inject('/readyz')).json();
  await server.close();
  const seen = targets.map(({ target, safety }: TargetState) => [target, safety.delivered, safety.guard]);
  expect(seen).toEqual([
    ['default', false, 'watching'],
    ['other', true, 'released'],
  ]);
});

/** What nobody sees in a name that was copied from somewhere, or is half of a character. */
const INVISIBLE = [
  ...['\u200bChatServer_1', 'Chat\u00adServer', '\u202eChat', 'Chat\ufeffServer', 'Chat\u2028Server', 'Chat\u2060', 'Chat\u2066Server'],
  ...['Chat\u061cServer', 'Chat\u3164', 'Chat\u{e0041}Server', 'Chat\ud800', '\udc00Chat'],
];

it.each(INVISIBLE)('the name %j is refused, and nothing is sent', async (name) => {
  for (const payload of [{ chatServerAppName: name }, { target: name }, { userData: { ChatServerAppName: name } }]) {
    const { response, order } = await ask(payload);
    expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:invalid_field', status: 400 });
    expect(order).toBeUndefined();
  }
});

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

  it.each(['%', '[', '(', '"', '<', '{', '$', 'a.', '&', '\\', ' ', 'null', "'", '_', ':', '0x', 'a(', '1[', 'b"'])(
    'made of %j alone takes no longer than there is to read',
    (part) => {
      const startedMs = performance.now();
      for (const end of ['', 'x', ']', '%', "'"]) slipIn(part.repeat(60_000 / part.length) + end);
      expect(performance.now() - startedMs).toBeLessThan(300);
    },
  );
});
