import { describe, expect, it } from 'vitest';
import { MAX_FAILED_LOGINS_PER_MINUTE } from '../../src/http/failed-logins.ts';
import { sharedService } from '../support/service.ts';

const TOKEN = 'correct-horse-battery';
const URL = '/interactions/0006Ka9HFHRR0T2B/probe';
const guarded = sharedService({ env: { CHATPROBE_API_TOKEN: TOKEN } });
const open = sharedService();

const ask = (authorization?: string, url = URL, { server } = guarded()) =>
  server.inject({ method: 'POST', url, headers: authorization === undefined ? {} : { authorization } });

it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`])('lets %s in', async (authorization) => {
  expect((await ask(authorization)).json()).toMatchObject({ verdict: 'route' });
});

it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer wrong', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN])(
  'turns %j away without sending',
  async (authorization) => {
    const before = guarded().adapter.seen.length;
    const response = await ask(authorization);
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="chat-probe"');
    expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:unauthorized', field: 'authorization' });
    expect(response.body).not.toContain(TOKEN);
    expect(guarded().adapter.seen).toHaveLength(before);
  },
);

it('asks for the token before it looks at anything else', async () => {
  expect((await ask(undefined, '/interactions/a.b/probe')).statusCode).toBe(401);
});

describe('after too many failed log-ins', () => {
  const fresh = sharedService({ env: { CHATPROBE_API_TOKEN: TOKEN } });

  it('tells the caller to wait, but still lets a valid token in', async () => {
    for (let n = 0; n < MAX_FAILED_LOGINS_PER_MINUTE; n += 1) expect((await ask('Bearer wrong', URL, fresh())).statusCode).toBe(401);
    const response = await ask('Bearer wrong', URL, fresh());
    expect(response.statusCode).toBe(429);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:too_many_failed_logins' });
    expect((await ask(`Bearer ${TOKEN}`, URL, fresh())).json()).toMatchObject({ verdict: 'route' });
  });
});

it.each(['/', '/livez', '/readyz', '/metrics', '/openapi.json', '/docs/'])('leaves %s open', async (url) => {
  expect((await guarded().server.inject(url)).statusCode).toBe(200);
});

it('lets everybody in where no token is configured', async () => {
  expect((await ask(undefined, URL, open())).statusCode).toBe(200);
});
