import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServiceOptions, sharedService, startedService } from '../support/service.ts';

interface Asked {
  readonly id?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly form?: string;
  readonly headers?: Record<string, string>;
}

const shared = sharedService();
let chats = 0;

/** About a chat of its own unless told otherwise, with what was sent for it. */
async function ask(options: Asked = {}, { server, adapter } = shared()) {
  const before = adapter.seen.length;
  chats += 1;
  const { id = `chat-${chats}`, query = '', body, form, headers } = options;
  const formHeaders = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const payload = form ?? (body === undefined ? undefined : isRaw ? body : JSON.stringify(body));
  const jsonHeaders = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await server.inject({
    method: 'POST',
    url: `/interactions/${id}/probe${query}`,
    headers: { ...formHeaders, ...jsonHeaders, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return { id, response, sent: adapter.seen.slice(before) };
}

/** All that was sent is one message, and this is it. */
async function sentFor(options: Asked) {
  const { id, sent } = await ask(options);
  expect(sent).toHaveLength(1);
  return { id, ...sent[0]?.request };
}

/** A service for one test. */
async function alone(options: ServiceOptions = {}) {
  const service = await startedService(options);
  onTestFinished(() => service.server.close());
  return service;
}

async function answerTo(options: Asked) {
  return (await ask(options)).response.json();
}

describe('a well-formed probe', () => {
  it.each([
    ['no body', {}],
    ['an empty JSON body', { headers: { 'content-type': 'application/json' } }],
    ['an empty form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['an empty body of any kind', { headers: { 'content-type': 'text/plain' } }],
    ['an empty body of no kind at all', { headers: { 'content-type': 'nonsense' } }],
    ['a JSON body with a byte order mark', { body: '\ufeff{}' }],
    ['a form of names alone', { form: 'chatServerAppName&isOnline&userData' }],
    ['an identity encoding', { body: {}, headers: { 'content-encoding': 'Identity' } }],
    ['a blank JSON body', { body: '  \n' }],
    ['a JSON null', { body: 'null' }],
    ['an empty object', { body: {} }],
    ['fields that nobody knows', { body: { IxnVirtualQueue: 'x', constructor: 1, __proto__x: 2 }, query: '?utm=1' }],
  ])('with %s gets a verdict', async (_name, options) => {
    const { id, response, sent } = await ask(options);
    expect([response.statusCode, response.json().verdict]).toEqual([200, 'route']);
    expect(sent[0]?.request).toMatchObject({ appName: null, userData: { InteractionId: id, Id: id } });
  });

  it.each([
    ['JSON', { body: { chatServerAppName: 'ChatServer_1' } }],
    ['a form', { form: 'chatServerAppName=ChatServer_1' }],
    ['the query', { query: '?chatServerAppName=ChatServer_1' }],
    ['JSON in another case', { body: { CHATSERVERAPPNAME: 'ChatServer_1' } }],
    [
      'a form whose type is in another case',
      { form: 'chatServerAppName=ChatServer_1&userData=', headers: { 'content-type': 'Application/X-WWW-Form-URLEncoded' } },
    ],
    ['a form in another case', { form: 'ChatServerAppname=ChatServer_1' }],
    ['a form beside names alone', { form: 'chatServerAppName=ChatServer_1&debug&userData&isOnline' }],
    [
      'a form beside names that only begin like ours',
      { form: 'chatServerAppName=ChatServer_1&userDataX=1&isOnline.x=0&targets[]=a&x[target]=b' },
    ],
    ['a form beside parts that say nothing', { form: 'chatServerAppName=ChatServer_1&userData[x]=&target[]=null' }],
    ['a form that begins as a query does', { form: '?chatServerAppName=ChatServer_1' }],
    ['a query that begins twice', { query: '??chatServerAppName=ChatServer_1' }],
    ['the query beside a URL in it', { query: '?page=https://x/%3Fa=1;target=b&chatServerAppName=ChatServer_1' }],
    ['JSON beside a key in it that nobody knows, twice', { body: '{"x":1,"chatServerAppName":"ChatServer_1","x":{"target":"a"}}' }],
    ['user data', { body: { userData: { ChatServerAppName: 'ChatServer_1' } } }],
    ['user data in another case', { body: { UserData: { chatserverappname: 'ChatServer_1' } } }],
    ['the body over the query', { body: { chatServerAppName: 'ChatServer_1' }, query: '?chatServerAppName=ChatServer_2' }],
    ['its own field over user data', { body: { chatServerAppName: 'ChatServer_1', userData: { ChatServerAppName: 'ChatServer_2' } } }],
    ['the query where the body says nothing', { body: { chatServerAppName: '' }, query: '?chatServerAppName=ChatServer_1' }],
    ['a value given twice alike', { query: '?chatServerAppName=ChatServer_1&CHATSERVERAPPNAME=ChatServer_1&chatServerAppName=' }],
    [
      'JSON with a character set',
      { body: { chatServerAppName: 'ChatServer_1' }, headers: { 'content-type': 'application/json; charset=UTF-8' } },
    ],
  ])('takes the Chat Server from %s', async (_name, options) => {
    const { response, sent } = await ask(options);
    expect(response.json()).toMatchObject({ verdict: 'route', chatServer: 'ChatServer_1' });
    expect(sent[0]?.request.appName).toBe('ChatServer_1');
  });

  it.each(['', 'undefined', 'null', 'NULL'])('takes the word %j for nothing', async (word) => {
    const answer = await answerTo({
      body: { chatServerAppName: word, target: word, policy: word, attempts: word, deadlineMs: word, isOnline: word, userData: null },
    });
    expect(answer).toMatchObject({ target: 'default', policy: 'inline', chatServer: null, verdict: 'route' });
  });

  it.each([
    ['Latin-1', 'latin1', Buffer.from('{"chatServerAppName":"Ch\u00e4t_1"}', 'latin1')],
    ['UTF-16', 'utf-16le', Buffer.from('{"chatServerAppName":"Ch\u00e4t_1"}', 'utf16le')],
    ['UTF-8', '"UTF-8"', Buffer.from('\ufeff{"chatServerAppName":"Ch\u00e4t_1"}')],
  ])('is read in the character set that it names: %s', async (_name, charset, body) => {
    const headers = { 'content-type': `application/json; charset=${charset}` };
    expect((await sentFor({ body, headers })).appName).toBe('Ch\u00e4t_1');
  });

  it.each([' ChatServer_1', 'ChatServer_1\n', '\tChatServer_1 '])('takes the Chat Server %j without the space around it', async (name) => {
    expect((await sentFor({ body: { chatServerAppName: name } })).appName).toBe('ChatServer_1');
  });

  it('takes a blank name for nothing', async () => {
    const body = { chatServerAppName: ' ', target: ' null ', userData: { ChatServerAppName: 'ChatServer_1' } };
    expect((await sentFor({ body })).appName).toBe('ChatServer_1');
  });

  it('takes a form as browsers and workflows write it', async () => {
    expect((await sentFor({ form: 'chatServerAppName=Ch%C3%A4t+1&chatServerAppName=&target=' })).appName).toBe('Ch\u00e4t 1');
  });

  it('takes a Chat Server that is a number for its digits', async () => {
    expect((await sentFor({ body: { chatServerAppName: 17 } })).appName).toBe('17');
  });

  it.each(['0', 0, false, 'false', 'FALSE', ' 0', 'False\t'])('with isOnline %j is stopped without a message', async (isOnline) => {
    const { response, sent } = await ask({ body: { isOnline } });
    expect(response.json()).toMatchObject({
      verdict: 'stop',
      evidence: 'closed',
      reason: 'session_offline',
      attempts: 0,
      servedBy: 'none',
      degraded: false,
    });
    expect(sent).toEqual([]);
  });

  it.each([
    ['user data', { body: { userData: { IsOnline: '0' } } }],
    ['a form', { form: 'IsOnline=0' }],
    ['the query', { query: '?isonline=false' }],
  ])('takes isOnline from %s', async (_name, options) => {
    expect(await answerTo(options)).toMatchObject({ verdict: 'stop', evidence: 'closed' });
  });

  it.each(['1', 'true', 'no', '00', '0 1', 1, true, {}, [], ['0']])('with isOnline %j is sent', async (isOnline) => {
    expect(await answerTo({ body: { isOnline } })).toMatchObject({ verdict: 'route', evidence: 'alive' });
  });

  it.each([
    ['the body and the user data', { body: { isOnline: '1', userData: { IsOnline: '0' } } }],
    ['the user data and the body', { body: { isOnline: '0', userData: { IsOnline: '1' } } }],
    ['the body and the query', { body: { isOnline: '0' }, query: '?isOnline=1' }],
    ['the query and the body', { body: { isOnline: 1 }, query: '?isOnline=0' }],
    ['the query and the user data', { body: { userData: { isonline: '1' } }, query: '?isOnline=0' }],
    ['one form', { form: 'isOnline=0&IsOnline=1' }],
    ['one query', { query: '?isOnline=0&isOnline=true' }],
    ['a form and the query', { form: 'isOnline=false', query: '?ISONLINE=yes' }],
    ['one body in two cases', { body: '{"isOnline":"1","IsOnline":"0"}' }],
    ['one body under one key', { body: '{"isOnline":"1","isOnline":"0"}' }],
    ['one body under one key, escaped once', { body: '{"is\\u004fnline":"1","isOnline":"0"}' }],
    ['user data in two cases', { body: { userData: { IsOnline: '0', isonline: '1' } } }],
    ['user data under one key', { body: '{"userData":{"IsOnline":1,"IsOnline":0}}' }],
    ['user data that came twice', { body: '{"userData":{"IsOnline":"1"},"userData":{"IsOnline":"0"}}' }],
    ['a list and the query', { body: { isOnline: ['1'] }, query: '?isOnline=0' }],
  ])('is sent where isOnline contradicts itself: %s', async (_name, options) => {
    const { response, sent } = await ask(options);
    expect(response.json()).toMatchObject({ verdict: 'route', evidence: 'alive' });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['the same twice', { form: 'isOnline=0&isOnline=0', query: '?IsOnline=0' }],
    ['the same in other words', { body: { isOnline: '0', userData: { IsOnline: 'False' } }, query: '?isOnline=%200' }],
    ['nothing', { body: { isOnline: '0', IsOnline: null, userData: { IsOnline: 'undefined' } }, query: '?isOnline=&isOnline=null' }],
    ['what is nested further down', { body: { isOnline: '0', userData: { A: { IsOnline: '1' } } } }],
    ['another key that came twice', { body: '{"isOnline":"0","x":1,"x":2,"userData":{"A":1,"A":2}}' }],
  ])('is stopped where beside isOnline 0 stands %s', async (_name, options) => {
    expect(await answerTo(options)).toMatchObject({ verdict: 'stop', evidence: 'closed' });
  });

  it('forwards user data as it is, but for the id', async () => {
    const { id, userData } = await sentFor({
      body: {
        userData: { Service: 'Ünïcode', Count: 3, Nested: { Deep: { x: 'y' } }, InteractionId: 'forged', ID: 'forged', constructor: 'c' },
      },
    });
    expect(userData).toEqual({
      Service: 'Ünïcode',
      Count: 3,
      Nested: { Deep: { x: 'y' } },
      InteractionId: id,
      Id: id,
      constructor: 'c',
    });
  });

  it.each([
    ['whole numbers', { attempts: 2, deadlineMs: 1_500 }],
    ['strings', { attempts: '2', deadlineMs: '1500' }],
    ['strings with a fraction of zeros', { attempts: '2.0', deadlineMs: '1500.00' }],
  ])('takes overrides as %s', async (_name, body) => {
    const service = await alone({ turns: [{ afterMs: 0, answer: 'refused' }] });
    const { response, sent } = await ask({ body: { ...body, debug: 'TRUE' } }, service);
    expect(response.json()).toMatchObject({ attempts: 2, reason: 'connect_refused', attemptLog: [{ n: 1 }, { n: 2 }] });
    expect(sent[0]?.timeoutMs).toBeLessThanOrEqual(1_500);
  });

  it.each(['A', '0000GaBNKN2Q0021', 'a_b~c-d', 'x'.repeat(64)])('may have the id %s', async (id) => {
    expect(await answerTo({ id })).toMatchObject({ interactionId: id, verdict: 'route' });
  });

  it.each(['undefined1', 'nullable', 'xnan', 'nil-1', '_true', 'NONE0', 'False~', 'Infinity'])(
    'may have the id %s, which only holds an empty word',
    async (id) => {
      const { response, sent } = await ask({ id });
      expect(response.json()).toMatchObject({ interactionId: id, verdict: 'route' });
      expect(sent).toHaveLength(1);
    },
  );

  it('has its id decoded once', async () => {
    expect(await answerTo({ id: '%30006Ka9HFHRR0T2B' })).toMatchObject({ interactionId: '0006Ka9HFHRR0T2B' });
  });
});

describe('a mistake of the caller is refused, nothing is sent,', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : { a: deep(levels - 1) });

  it.each([
    ['an id with a dot', { id: 'a.b' }, 400, 'invalid_id', 'id'],
    ['an id that decodes to a slash', { id: 'a%2Fb' }, 400, 'invalid_id', 'id'],
    ['an id encoded twice', { id: '%2530' }, 400, 'invalid_id', 'id'],
    ['an id with a line break', { id: 'a%0Ab' }, 400, 'invalid_id', 'id'],
    ['an id of 65 characters', { id: 'x'.repeat(65) }, 400, 'invalid_id', 'id'],
    ['an id of 8,000 characters', { id: 'x'.repeat(8_000) }, 400, 'invalid_id', 'id'],
    ['an id that is no text', { id: '%E0%A4%A' }, 400, 'invalid_url', 'id'],
    ['the id "undefined"', { id: 'undefined' }, 400, 'invalid_id', 'id'],
    ['the id "undefined", percent-encoded', { id: '%75ndefine%64' }, 400, 'invalid_id', 'id'],
    ['the id "null"', { id: 'null' }, 400, 'invalid_id', 'id'],
    ['the id "NaN"', { id: 'NaN' }, 400, 'invalid_id', 'id'],
    ['the id "None"', { id: 'None' }, 400, 'invalid_id', 'id'],
    ['the id "NIL", whose session was closed', { id: 'NIL', query: '?isOnline=0' }, 400, 'invalid_id', 'id'],
    ['the id "True"', { id: 'True' }, 400, 'invalid_id', 'id'],
    ['the id "fALSE"', { id: 'fALSE' }, 400, 'invalid_id', 'id'],
    ['an empty id', { id: '' }, 400, 'invalid_id', 'id'],
    ['broken JSON', { body: '{"attempts":' }, 400, 'invalid_body', 'body'],
    ['an array', { body: [] }, 400, 'invalid_body', 'body'],
    ['a bare string', { body: '"x"' }, 400, 'invalid_body', 'body'],
    ['a bare number', { body: '7' }, 400, 'invalid_body', 'body'],
    ['an object for a name', { body: { chatServerAppName: {} } }, 400, 'invalid_field', 'chatServerAppName'],
    ['an array for a target', { body: { target: ['default'] } }, 400, 'invalid_field', 'target'],
    ['a flag for a policy', { body: { policy: true } }, 400, 'invalid_field', 'policy'],
    [
      'an object for a name in user data',
      { body: { userData: { ChatServerAppName: { a: 1 } } } },
      400,
      'invalid_field',
      'userData.ChatServerAppName',
    ],
    ['a name in bytes that are not UTF-8', { form: 'chatServerAppName=Ch%E4t_1' }, 400, 'invalid_field', 'chatServerAppName'],
    ['a name in the query that is not UTF-8', { query: '?target=d%E4' }, 400, 'invalid_field', 'target'],
    ['a name with a zero in it', { body: { chatServerAppName: 'a\u0000b' } }, 400, 'invalid_field', 'chatServerAppName'],
    ['a name with a line break in it', { body: { policy: 'a\nb' } }, 400, 'invalid_field', 'policy'],
    [
      'a garbled name in user data',
      { body: { userData: { ChatServerAppName: 'Ch\ufffdt' } } },
      400,
      'invalid_field',
      'userData.ChatServerAppName',
    ],
    [
      'a character set that nobody knows',
      { body: '{}', headers: { 'content-type': 'application/json; charset=klingon' } },
      415,
      'unsupported_media_type',
      'body',
    ],
    ['a number that has lost digits', { body: '{"userData":{"A":12345678901234567890}}' }, 400, 'invalid_field', 'userData.A'],
    ['a field twice in the query', { query: '?target=a&target=b' }, 400, 'invalid_field', 'target'],
    ['a field twice in the body', { body: '{"policy":"ha","Policy":"inline"}' }, 400, 'invalid_field', 'policy'],
    [
      'a field twice in JSON',
      { body: '{"chatServerAppName":"A","target":"default","chatServerAppName":"B"}' },
      400,
      'invalid_field',
      'chatServerAppName',
    ],
    ['a field twice in JSON, escaped once', { body: '{"deadlineMs":500,"deadline\\u004ds":5000}' }, 400, 'invalid_field', 'deadlineMs'],
    ['a field twice in JSON, the last time null', { body: '{"Target":"a","Target":null}' }, 400, 'invalid_field', 'target'],
    [
      'a name twice in user data',
      { body: '{"userdata":{"chatServerAppName":"A","chatServerAppName":"B"}}' },
      400,
      'invalid_field',
      'userData.ChatServerAppName',
    ],
    ['a name of digits too many', { body: '{"chatServerAppName":12345678901234567890}' }, 400, 'invalid_field', 'chatServerAppName'],
    ['user data in a form', { form: 'userData=[object Object]&isOnline=0' }, 400, 'invalid_field', 'userData'],
    ['user data as JSON in a form', { form: 'userData=%7B%22ChatServerAppName%22%3A%22A%22%7D' }, 400, 'invalid_field', 'userData'],
    ['user data in a form as PHP writes it', { form: 'isOnline=0&userData%5BChatServerAppName%5D=A' }, 400, 'invalid_field', 'userData'],
    ['user data in a form as Spring writes it', { form: 'UserData.ChatServerAppName=A' }, 400, 'invalid_field', 'userData'],
    ['user data in the query', { query: '?userdata[ChatServerAppName]=A' }, 400, 'invalid_field', 'userData'],
    ['user data in the query beside JSON', { query: '?userdata.x=A', body: { isOnline: '0' } }, 400, 'invalid_field', 'userData'],
    ['a list in a form', { form: 'chatServerAppName[]=A' }, 400, 'invalid_field', 'chatServerAppName'],
    ['a list in a form, with its index', { form: 'isonline[0]=0' }, 400, 'invalid_field', 'isOnline'],
    ['a form joined by semicolons', { form: 'chatServerAppName=A;isOnline=0' }, 400, 'invalid_field', 'isOnline'],
    ['a form joined by commas', { form: 'isOnline=0, chatserverappname = A' }, 400, 'invalid_field', 'chatServerAppName'],
    ['a form joined by bars', { form: 'target=default|USERDATA=x' }, 400, 'invalid_field', 'userData'],
    ['a form joined by & that were percent-encoded', { form: 'debug=true%26isOnline%3D0' }, 400, 'invalid_field', 'isOnline'],
    ['a query with two question marks', { query: '?chatServerAppName=A?target=default' }, 400, 'invalid_field', 'target'],
    ['user data that is text', { body: { userData: 'x' } }, 400, 'invalid_field', 'userData'],
    ['user data that is a list', { body: { userData: [] } }, 400, 'invalid_field', 'userData'],
    ['infinity in user data', { body: '{"userData":{"A":1e999}}' }, 400, 'invalid_field', 'userData.A'],
    ['__proto__ in user data', { body: '{"userData":{"__proto__":{"x":1}}}' }, 400, 'invalid_field', 'userData.__proto__'],
    ['__proto__ deep in user data', { body: '{"userData":{"A":{"__proto__":"x"}}}' }, 400, 'invalid_field', 'userData.A.__proto__'],
    ['user data nested too deep', { body: { userData: deep(17) } }, 400, 'invalid_field', 'userData'],
    ['user data over 16 KiB', { body: { userData: { A: 'ü'.repeat(8_192) } } }, 413, 'too_large', 'userData'],
    ['a body over 64 KiB', { body: { x: 'x'.repeat(65_536) } }, 413, 'too_large', 'body'],
    ['plain text', { body: 'hello', headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type', 'body'],
    ['XML', { body: '<a/>', headers: { 'content-type': 'application/xml' } }, 415, 'unsupported_media_type', 'body'],
    ['a compressed body', { body: '{}', headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type', 'body'],
    ['an unknown target', { body: { target: 'elsewhere' } }, 404, 'unknown_target', 'target'],
    ['a URL for a target', { body: { target: 'http://127.0.0.1:1/' } }, 404, 'unknown_target', 'target'],
    ['an inherited name for a target', { body: { target: 'constructor' } }, 404, 'unknown_target', 'target'],
    ['an unknown policy', { body: { policy: 'patient' } }, 422, 'unknown_policy', 'policy'],
    ['an inherited name for a policy', { body: { policy: 'toString' } }, 422, 'unknown_policy', 'policy'],
    ['no attempts', { body: { attempts: 0 } }, 422, 'out_of_bounds', 'attempts'],
    ['one attempt, which can confirm nothing', { body: { attempts: 1 } }, 422, 'out_of_bounds', 'attempts'],
    ['too many attempts', { body: { attempts: 11 } }, 422, 'out_of_bounds', 'attempts'],
    ['half an attempt', { body: { attempts: 1.5 } }, 422, 'out_of_bounds', 'attempts'],
    ['a negative number', { body: { attempts: -1 } }, 422, 'out_of_bounds', 'attempts'],
    ['a word for a number', { query: '?deadlineMs=soon' }, 422, 'out_of_bounds', 'deadlineMs'],
    ['a list for a number', { body: { deadlineMs: [500] } }, 422, 'out_of_bounds', 'deadlineMs'],
    ['a deadline below the bound', { form: 'deadlineMs=99' }, 422, 'out_of_bounds', 'deadlineMs'],
    ['a deadline above the bound', { body: { deadlineMs: '60001' } }, 422, 'out_of_bounds', 'deadlineMs'],
  ] as const)('and named: %s', async (_name, options, status, code, field) => {
    const { response, sent } = await ask(options);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({
      type: `urn:chat-probe:problem:${code}`,
      status,
      field,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(response.headers['x-request-id']).toEqual(expect.any(String));
    expect(sent).toEqual([]);
  });

  it.each(['undefined', 'NULL', '%6eil', ''])('and an empty variable in place of the id (%j) is called so', async (id) => {
    const service = await alone();
    const { response } = await ask({ id, body: { isOnline: '0' }, headers: { accept: 'text/plain' } }, service);
    expect(response.json()).toMatchObject({ status: 400, field: 'id', detail: expect.stringMatching(/empty variable/) });
    expect(service.logLines().filter(({ msg }) => msg === 'probe finished')).toEqual([]);
    expect(await service.metric('chatprobe_requests_total{target="default",verdict="stop",served_by="none"}')).toBe(0);
  });

  it('and the bound is named', async () => {
    const { response } = await ask({ body: { attempts: 11 } }, await alone({ env: { CHATPROBE_MAX_ATTEMPTS: '7' } }));
    expect(response.json().detail).toBe('must be a whole number from 2 to 7');
  });
});
