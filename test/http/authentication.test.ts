import { type AddressInfo, connect } from 'node:net';
import { fastify } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SCOPES } from '../../src/config/access-schema.ts';
import { MAX_FAILED_LOGINS_PER_MINUTE } from '../../src/http/failed-logins.ts';
import { refuseUnlisted, SCOPE_OF_ROUTE } from '../../src/http/scopes.ts';
import { plantedIn, SECRETS } from '../support/secrets.ts';
import { sharedService, startedService } from '../support/service.ts';
import { callerWith, sharedApi, stubApi } from './stub-api.ts';

const TOKEN = SECRETS.apiToken;
const URL = '/interactions/0006Ka9HFHRR0T2B/probe';
const guarded = sharedService({ env: { CHATPROBE_API_TOKEN: TOKEN, CHATPROBE_TOKEN_HEADER: 'x-api-key' } });
const open = sharedService();

type Headers = Readonly<Record<string, string>>;

const ask = (headers: Headers, url = URL, { server } = guarded()) => server.inject({ method: 'POST', url, headers });
const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` });
const basic = (user: string, secret: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
});

it.each([
  ['as Bearer', bearer(TOKEN)],
  ['in another case', { authorization: `bearer ${TOKEN}` }],
  ['with blanks around it', { authorization: `Bearer   ${TOKEN} ` }],
  ['by Basic, with the name of the caller', basic('default', TOKEN)],
  ['in the header of the configuration', { 'x-api-key': TOKEN }],
  ['there, beside an Authorization that is meant for a proxy', { 'x-api-key': TOKEN, authorization: 'Basic cHJveHk6cHJveHk=' }],
  ['as Bearer, beside another value there', { 'x-api-key': 'else', ...bearer(TOKEN) }],
])('lets in who shows the secret %s', async (_how, headers) => {
  expect((await ask(headers)).json()).toMatchObject({ verdict: 'route' });
});

const refusals: readonly [string, Headers][] = [
  ['nothing', {}],
  ['an empty header', { authorization: '' }],
  ['Bearer alone', { authorization: 'Bearer' }],
  ['Bearer and a blank', { authorization: 'Bearer ' }],
  ['another secret', bearer(SECRETS.wrongToken)],
  ['one letter too much', bearer(`${TOKEN}x`)],
  ['one letter too few', bearer(TOKEN.slice(0, -1))],
  ['two secrets in one', { authorization: `Bearer ${TOKEN} ${TOKEN}` }],
  ['two schemes in one, as a proxy joins them', { authorization: `Basic eDp4, Bearer ${TOKEN}` }],
  ['the secret as Basic without a name', { authorization: `Basic ${TOKEN}` }],
  ['Basic with the name of nobody', basic('nobody', TOKEN)],
  ['Basic without a colon', { authorization: `Basic ${Buffer.from('default').toString('base64')}` }],
  ['Basic that is no base64', { authorization: 'Basic %%%' }],
  ['the secret without a scheme', { authorization: TOKEN }],
  ['an unknown scheme', { authorization: `Digest ${TOKEN}` }],
  ['an empty header of the configuration', { 'x-api-key': '' }],
  ['characters beyond ASCII', { authorization: 'Bearer t\u00f6ken' }],
  ['names of JavaScript', bearer('__proto__')],
];

describe('turned away without sending is who shows', () => {
  // Another one for each: it remembers failed log-ins.
  it.each(refusals)('%s', async (_what, headers) => {
    const service = await startedService({ env: { CHATPROBE_API_TOKEN: TOKEN, CHATPROBE_TOKEN_HEADER: 'x-api-key' } });
    onTestFinished(() => service.server.close());
    const response = await ask(headers, URL, service);
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toEqual(['Bearer realm="chat-probe"', 'Basic realm="chat-probe", charset="UTF-8"']);
    expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:unauthorized', field: 'authorization' });
    expect(response.body).not.toContain(TOKEN);
    expect(service.adapter.seen).toHaveLength(0);
  });
});

it('asks for the secret before it looks at anything else', async () => {
  expect((await ask({}, '/interactions/a.b/probe')).statusCode).toBe(401);
});

describe('over a real socket', () => {
  /** All that comes until the other side closes. */
  async function raw(lines: readonly string[]): Promise<string> {
    const { server, events } = await stubApi({ callers: [callerWith(TOKEN, 'probe')] });
    await server.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.write(`POST ${URL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    let text = '';
    for await (const chunk of socket) text += chunk;
    return `${text.slice(0, 12)}, asked ${events.filter(({ type }) => type === 'request_answered').length}`;
  }

  const good = `Authorization: Bearer ${TOKEN}`;
  it.each([
    ['a good secret', [good], '200'],
    ['none', [], '401'],
    ['a wrong one', [`Authorization: Bearer ${SECRETS.wrongToken}`], '401'],
    ['a good one after a wrong one', [`Authorization: Bearer ${SECRETS.wrongToken}`, good], '401'],
    ['a good one before a wrong one', [good, `authorization: Bearer ${SECRETS.wrongToken}`], '401'],
    ['the same one twice', [good, good], '401'],
    ['bytes beyond ASCII', ['Authorization: Bearer \u00ff\u00fe\u0080'], '401'],
    ['12 KiB', [`Authorization: Bearer ${'x'.repeat(12_000)}`], '401'],
    ['12 KiB of blanks', [`Authorization: Bearer${' '.repeat(12_000)}x y`], '401'],
    ['20 KiB', [`Authorization: Bearer ${'x'.repeat(20_000)}`], '431'],
    ['a header that goes on in a second line', ['Authorization: Bearer', ` ${TOKEN}`], '400'],
  ])('%s is answered with a status, and nothing breaks', async (_what, lines, status) => {
    expect(await raw(lines)).toBe(`HTTP/1.1 ${status}, asked ${status === '200' ? 1 : 0}`);
  });
});

describe('what a caller may do', () => {
  const routes = Object.entries(SCOPE_OF_ROUTE).map(([route, scope]) => ({ route, scope }));
  const callers = SCOPES.map((scope) => callerWith(`secret-of-${scope}`, scope));
  // So few connections that no stream begins, which would have no end.
  const all = sharedApi({ callers, hasStatusPage: true, maxConnections: 7 });
  const cases = routes.flatMap(({ route, scope }) => ['nobody', ...SCOPES].map((who) => ({ route, scope, who })));

  it.each(cases)('$route, which needs $scope, by $who', async ({ route, scope, who }) => {
    const method = /\/(?:probe|observations|feedback|release|guard)$/.test(route) ? 'POST' : 'GET';
    const query = route.endsWith('feedback') ? '?truth=dead' : route.endsWith('observations') ? '?outcome=done' : '';
    const url = `${route.replace(':id', '0006Ka9HFHRR0T2B').replace(':target', 'default')}${query}`;
    const headers = { ...(who === 'nobody' ? {} : bearer(`secret-of-${who}`)), 'sec-fetch-site': 'same-origin' };
    const response = await all().server.inject({ method, url, headers, ...(route === '/status/probe' ? { payload: { id: 'a' } } : {}) });
    // Nothing is kept of probes here, and no workflow sends by itself: whoever may ask is told so.
    const isMissing = /:probeId|observ/.test(route);
    if (scope === null || scope === who) return expect([200, 204, 302, 303, isMissing ? 404 : 200]).toContain(response.statusCode);
    expect(response.statusCode).toBe(who === 'nobody' ? 401 : 403);
    if (who === 'nobody') return;
    expect(response.json()).toMatchObject({
      type: 'urn:chat-probe:problem:forbidden',
      field: scope,
      detail: expect.stringContaining(scope),
    });
    expect(response.headers['www-authenticate']).toBe(`Bearer realm="chat-probe", error="insufficient_scope", scope="${scope}"`);
  });

  it('is in the list, or the service does not start', () => {
    const server = fastify();
    refuseUnlisted(server);
    expect(() => server.get('/evidence', () => 'x')).toThrow('/evidence has no place in the list of scopes');
  });
});

describe('the secret of the workflows', () => {
  const release = '/targets/default/guard/release';

  it('does not release the guard, and nobody can where nobody has that scope', async () => {
    expect((await ask(bearer(TOKEN), release)).statusCode).toBe(403);
    expect((await ask({}, release)).statusCode).toBe(401);
  });

  it('is not asked for where there is none', async () => {
    expect((await ask({}, URL, open())).statusCode).toBe(200);
    expect((await ask({}, release, open())).statusCode).toBe(200);
  });

  it('leaves the guard to that of the operators', async () => {
    const service = await startedService({ env: { CHATPROBE_API_TOKEN: TOKEN, CHATPROBE_OPS_TOKEN: SECRETS.opsToken } });
    onTestFinished(() => service.server.close());
    expect((await ask(bearer(SECRETS.opsToken), release, service)).statusCode).toBe(200);
    expect((await ask(bearer(SECRETS.opsToken), URL, service)).statusCode).toBe(403);
  });
});

describe('a caller with several secrets', () => {
  it('is let in by each, by new ones after a change, and no more by those that are gone', async () => {
    const { server, authentication } = await stubApi({ callers: [callerWith(SECRETS.oldToken, 'probe')] });
    await server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.server.address() as AddressInfo;
    const status = async (secret: string) =>
      (await fetch(`http://127.0.0.1:${port}${URL}`, { method: 'POST', headers: bearer(secret) })).status;
    expect([await status(SECRETS.oldToken), await status(SECRETS.newToken)]).toEqual([200, 401]);
    authentication.replace([{ name: 'probe', scopes: ['probe'], secrets: [SECRETS.oldToken, SECRETS.newToken], hashes: [] }]);
    expect([await status(SECRETS.oldToken), await status(SECRETS.newToken)]).toEqual([200, 200]);
    authentication.replace([callerWith(SECRETS.newToken, 'probe')]);
    expect([await status(SECRETS.oldToken), await status(SECRETS.newToken)]).toEqual([401, 200]);
  });
});

describe('two secrets of two callers in one request', () => {
  const both = sharedService({
    env: { CHATPROBE_API_TOKEN: TOKEN, CHATPROBE_OPS_TOKEN: SECRETS.opsToken, CHATPROBE_TOKEN_HEADER: 'x-api-key' },
  });

  it.each([
    ['workflow', { 'x-api-key': TOKEN, ...bearer(SECRETS.opsToken) }, 200, 403],
    ['operator', { 'x-api-key': SECRETS.opsToken, ...bearer(TOKEN) }, 403, 200],
  ])('are those of the %s, whose stands in the header of the configuration', async (_who, headers, probing, releasing) => {
    expect((await ask(headers, URL, both())).statusCode).toBe(probing);
    expect((await ask(headers, '/targets/default/guard/release', both())).statusCode).toBe(releasing);
  });
});

describe('after too many failed log-ins', () => {
  it('an address is told to wait, but a valid secret still passes', async () => {
    const service = await startedService({ env: { CHATPROBE_API_TOKEN: TOKEN } });
    onTestFinished(() => service.server.close());
    for (let n = 0; n < MAX_FAILED_LOGINS_PER_MINUTE; n += 1)
      expect((await ask(bearer(SECRETS.wrongToken), URL, service)).statusCode).toBe(401);
    const response = await ask(bearer(SECRETS.wrongToken), URL, service);
    expect(response.statusCode).toBe(429);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:too_many_failed_logins' });
    expect((await ask(bearer(TOKEN), URL, service)).json()).toMatchObject({ verdict: 'route' });
    const elsewhere = { method: 'POST', url: URL, headers: bearer(SECRETS.wrongToken), remoteAddress: '192.0.2.1' } as const;
    expect((await service.server.inject(elsewhere)).statusCode).toBe(401);
  });
});

describe('who asked', () => {
  it('stands in log and metrics by its name alone, and no secret ever does', async () => {
    const named = await startedService({ env: { CHATPROBE_API_TOKEN: TOKEN, CHATPROBE_OPS_TOKEN: SECRETS.opsToken } });
    onTestFinished(() => named.server.close());
    const shown = [
      bearer(TOKEN),
      bearer(SECRETS.wrongToken),
      basic('planted-user', SECRETS.basicPassword),
      bearer(SECRETS.opsToken),
      basic('default', TOKEN),
    ];
    const bodies: string[] = [];
    for (const headers of shown) bodies.push((await ask(headers, URL, named)).body);
    bodies.push((await named.server.inject('/metrics')).body, JSON.stringify(named.logLines()));
    expect(plantedIn(bodies.join('\n'))).toEqual([]);
    expect(bodies.join('\n')).not.toContain('planted-user');

    const callers = named.logLines().filter(({ msg }) => msg === 'probe finished' || msg === 'request refused' || msg === 'answer shared');
    expect(callers.map(({ caller }) => caller)).toEqual(['default', 'unknown', 'unknown', 'ops', 'default']);
    const count = (caller: string, outcome: string) =>
      named.metric(`chatprobe_caller_requests_total{caller="${caller}",outcome="${outcome}"}`);
    expect(await count('default', 'ok')).toBe(2);
    expect(await count('unknown', 'unauthorized')).toBe(2);
    expect(await count('ops', 'forbidden')).toBe(1);
    expect(await count('ops', 'ok')).toBe(0);
  });

  it('is anonymous where nobody is asked for', async () => {
    await ask({}, '/interactions/anonymous-1/probe', open());
    expect(open().logLines().at(-1)).toMatchObject({ caller: 'anonymous' });
    expect(await open().metric('chatprobe_caller_requests_total{caller="anonymous",outcome="ok"}')).toBeGreaterThan(0);
  });
});

it.each(['/', '/livez', '/readyz', '/metrics', '/openapi.json', '/docs/'])(
  'leaves %s open while nobody has the scope metrics',
  async (url) => {
    expect((await guarded().server.inject(url)).statusCode).toBe(200);
  },
);
