import { describe, expect, it } from 'vitest';
import { SECRETS } from '../support/secrets.ts';
import { callerWith, sharedApi } from './stub-api.ts';

const HOST = 'probe.example:8080';
const BASIC = { authorization: `Basic ${Buffer.from(`ops:${SECRETS.opsToken}`).toString('base64')}` };
const BEARER = { authorization: `Bearer ${SECRETS.apiToken}` };
const callers = [callerWith(SECRETS.opsToken, 'ops'), callerWith(SECRETS.apiToken, 'ops', 'probe')];
const api = sharedApi({ callers, hasStatusPage: true });
const open = sharedApi({ hasStatusPage: true });
const keyed = sharedApi({ callers, tokenHeader: 'x-api-key' });

type Headers = Readonly<Record<string, string | string[]>>;

const post = async (url: string, headers: Headers, { server } = api()) =>
  await server.inject({
    method: 'POST',
    url,
    payload: 'minutes=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded', host: HOST, ...headers },
  });

describe('a browser that acts for a page of another site', () => {
  const foreign: readonly [string, Headers][] = [
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another name of this site', { 'sec-fetch-site': 'same-site' }],
    ['that says it in a word which is not known', { 'sec-fetch-site': 'elsewhere' }],
    ['that says it and more', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['of another site, in a browser from before', { origin: 'https://evil.example' }],
    ['of another port of this host', { origin: 'http://probe.example:9090' }],
    ['of a name that begins like this one', { origin: 'http://probe.example.evil.example:8080' }],
    ['in a frame without rights', { origin: 'null' }],
    ['of the other usual port of this host', { origin: 'https://probe.example', host: 'probe.example:80' }],
    ['with a Host that is more than one', { origin: 'http://probe.example', host: 'x@probe.example' }],
    ['of a file, and a Host that is empty', { origin: 'file://', host: '' }],
    ['whose origin is none', { origin: 'probe.example:8080' }],
    ['whose origin says right, and which says that it is foreign', { origin: `http://${HOST}`, 'sec-fetch-site': 'cross-site' }],
  ];

  it.each(foreign)('releases no guard by the API: %s', async (_which, headers) => {
    for (const login of [BASIC, BEARER]) {
      const response = await post('/targets/default/guard/release', { ...login, ...headers });
      expect(response.json()).toMatchObject({ status: 403, type: 'urn:chat-probe:problem:cross_site' });
    }
  });

  it.each(foreign)('releases no guard and sends no message by the page: %s', async (_which, headers) => {
    for (const url of ['/status/guard', '/status/probe'])
      expect((await post(url, { ...BASIC, ...headers })).json()).toMatchObject({ status: 403, type: 'urn:chat-probe:problem:cross_site' });
  });

  it.each(foreign)('sends no message with a secret that browsers send by themselves: %s', async (_which, headers) => {
    const basic = { authorization: `Basic ${Buffer.from(`ops-probe:${SECRETS.apiToken}`).toString('base64')}` };
    expect((await post('/interactions/a/probe', { ...basic, ...headers })).json()).toMatchObject({ status: 403, field: 'origin' });
    // This one no browser sends by itself, so whoever sends it means it.
    expect((await post('/interactions/a/probe', { ...BEARER, ...headers })).statusCode).toBe(200);
  });

  it.each(foreign)(
    'sends no message by being where it is, or by its certificate, where no secret is asked for: %s',
    async (_which, headers) => {
      expect((await post('/interactions/a/probe', headers, open())).json()).toMatchObject({ status: 403, field: 'origin' });
      expect((await post('/interactions/a/probe', {}, open())).statusCode).toBe(200);
    },
  );

  it.each(foreign)('opens no stream, of which there are few: %s', async (_which, headers) => {
    const response = await open().server.inject({ url: '/status/events', headers: { host: HOST, ...headers } });
    expect(response.json()).toMatchObject({ status: 403, field: 'origin' });
  });

  it('is none, but a proxy that hands on all headers, where a secret comes that no page can send', async () => {
    const headers = { 'x-api-key': SECRETS.apiToken, 'sec-fetch-site': 'cross-site' };
    expect((await post('/interactions/a/probe', headers, keyed())).statusCode).toBe(200);
  });

  it('may read what it cannot read: no header lets it, and nothing changes', async () => {
    const response = await api().server.inject({ url: '/probes', headers: { ...BASIC, host: HOST, 'sec-fetch-site': 'cross-site' } });
    expect([response.statusCode, response.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });
});

describe('a page of this service', () => {
  const own: readonly [string, Headers][] = [
    ['as browsers say it', { 'sec-fetch-site': 'same-origin', origin: `http://${HOST}` }],
    ['behind a proxy that writes another Host', { 'sec-fetch-site': 'same-origin', origin: 'https://status.example' }],
    ['as browsers said it before', { origin: `http://${HOST}` }],
    ['whose host is written otherwise', { origin: `http://${HOST.toUpperCase()}` }],
    ['behind a proxy that writes the usual port into Host', { origin: 'https://status.example', host: 'status.example:443' }],
    ['the same over plain HTTP', { origin: 'http://status.example', host: 'Status.Example:80' }],
    ['by an address of IPv6', { origin: 'http://[::1]:8080', host: '[::1]:8080' }],
  ];

  it.each(own)('may act: %s', async (_how, headers) => {
    expect((await post('/status/guard', { ...BASIC, ...headers })).statusCode).toBe(303);
    expect((await post('/targets/default/guard/release', { ...BASIC, ...headers })).statusCode).toBe(200);
  });
});

describe('a program, which says nothing of where it comes from', () => {
  it('uses the API, and not the forms of the page', async () => {
    expect((await post('/targets/default/guard/release', BASIC)).statusCode).toBe(200);
    for (const url of ['/status/guard', '/status/probe']) expect((await post(url, BASIC)).statusCode).toBe(403);
  });
});
