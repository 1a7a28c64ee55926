import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Answer, ProbeService } from '../../src/resilience/probe-service.ts';
import { SECRETS } from '../support/secrets.ts';
import { askerThat, callerWith, sharedApi, stubApi } from './stub-api.ts';

const URL = '/interactions/02JH8H2FE3Q3T00E/probe';
const FAULT = { verdict: 'route', reason: 'internal_error', degraded: true, interactionId: '02JH8H2FE3Q3T00E' };

async function answerWith(fields: Partial<Answer>, headers: Readonly<Record<string, string>> = {}) {
  const asker = askerThat(fields);
  const { server, events } = await stubApi({ asker });
  return { response: await server.inject({ method: 'POST', url: URL, headers }), events, asker };
}

describe('an answer', () => {
  it('tells beside what served it whether a stop was withheld and which verdict is not enforced', async () => {
    const { response } = await answerWith({ guarded: true, shadowVerdict: 'stop' });
    expect(Object.keys(response.json()).slice(11, 16)).toEqual(['servedBy', 'guarded', 'shadowVerdict', 'simulated', 'recheckAfterMs']);
    expect(response.json()).toMatchObject({ verdict: 'route', guarded: true, shadowVerdict: 'stop' });
  });

  it('has both keys also where nothing is withheld', async () => {
    expect((await answerWith({ verdict: 'stop' })).response.json()).toMatchObject({ verdict: 'stop', guarded: false, shadowVerdict: null });
  });

  it('names the probe behind it, which may be that of another request', async () => {
    const { response, asker } = await answerWith({ probeId: 'of-another', servedBy: 'coalesced' });
    expect(response.json()).toMatchObject({ probeId: 'of-another', servedBy: 'coalesced' });
    expect(asker.asked[0]?.probeId).not.toBe('of-another');
  });

  it('is told to those who listen as the caller got it', async () => {
    const { events } = await answerWith({ verdict: 'route', shadowVerdict: 'stop', servedBy: 'recent' });
    expect(events).toEqual([{ type: 'request_answered', target: 'default', verdict: 'route', servedBy: 'recent' }]);
  });

  it('as plain text is the enforced verdict', async () => {
    expect((await answerWith({ shadowVerdict: 'stop' }, { accept: 'text/plain' })).response.body).toBe('route');
  });

  it('to a fault of ours has both keys too', async () => {
    const asker = { ...askerThat({}), ask: () => Promise.reject(new Error('asker bug')) };
    const { server } = await stubApi({ asker });
    const response = await server.inject({ method: 'POST', url: URL });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      expect.objectContaining({ verdict: 'route', reason: 'internal_error', guarded: false, shadowVerdict: null }),
    ]);
  });

  it('while we are closing is the one to a declined probe', async () => {
    const asker = askerThat({});
    const { server, lifecycle, events } = await stubApi({ asker });
    lifecycle.phase = 'closing';
    const response = await server.inject({ method: 'POST', url: URL });
    expect(response.json()).toMatchObject({ verdict: 'route', reason: 'draining', servedBy: 'none' });
    expect(asker.asked).toEqual([]);
    expect(events).toEqual([{ type: 'request_answered', target: 'default', verdict: 'route', servedBy: 'none' }]);
  });
});

describe('a fault of ours while a caller waits', () => {
  const nonsense: unknown = {};
  const faults: readonly [string, ProbeService['ask']][] = [
    [
      'thrown before there is a promise',
      () => {
        throw new Error('bug');
      },
    ],
    ['a rejected promise', () => Promise.reject(new Error('bug'))],
    ['an answer that cannot be written', async () => nonsense as Answer],
  ];

  it.each(faults)('%s routes, is told, and leaves nothing behind', async (_name, ask) => {
    const { server, inFlight, events } = await stubApi({ asker: { ...askerThat({}), ask } });
    for (let n = 1; n <= 2; n += 1) {
      const response = await server.inject({ method: 'POST', url: URL });
      expect([response.statusCode, response.json()]).toEqual([200, expect.objectContaining(FAULT)]);
    }
    expect(events.filter(({ type }) => type === 'fault')).toHaveLength(2);
    expect(inFlight.count).toBe(0);
  });
});

it('listens for a hang-up no longer than the caller waits', async () => {
  const { server } = await stubApi();
  let socket: Socket | undefined;
  server.server.on('connection', (connected: Socket) => {
    socket = connected;
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const listeners: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const response = await fetch(`http://127.0.0.1:${port}${URL}`, { method: 'POST' });
    await response.text();
    listeners.push(socket?.listenerCount('close') ?? -1);
  }
  expect(new Set(listeners).size).toBe(1);
  if (socket !== undefined) await Promise.all([once(socket, 'close'), server.close()]);
});

it('asks nothing for a caller who is gone before the turn has ended in which it came', async () => {
  const asker = askerThat({});
  const { server, inFlight } = await stubApi({ asker });
  server.server.prependListener('request', ({ headers, socket }) => {
    if (headers['x-request-id'] === 'gone') socket.destroy();
  });
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}${URL}`;
  await expect(fetch(url, { method: 'POST', headers: { 'x-request-id': 'gone' } })).rejects.toThrow();
  expect((await fetch(url, { method: 'POST', headers: { 'x-request-id': 'here' } })).status).toBe(200);
  expect(asker.asked.map(({ requestId }) => requestId)).toEqual(['here']);
  expect(inFlight.count).toBe(0);
});

describe('every kind of answer names the request and forbids guessing its type', () => {
  const open = sharedApi();
  const guarded = sharedApi({ callers: [callerWith(SECRETS.apiToken, 'probe')] });
  const requests: readonly [number, InjectOptions, typeof open?][] = [
    [200, { method: 'POST', url: URL }],
    [200, { method: 'POST', url: URL, headers: { accept: 'text/plain' } }],
    [400, { method: 'POST', url: '/interactions/no%20id/probe' }],
    [401, { method: 'POST', url: URL }, guarded],
    [404, { method: 'GET', url: '/nowhere' }],
    [404, { method: 'POST', url: `${URL}?target=nowhere` }],
    [405, { method: 'GET', url: URL }],
    [413, { method: 'POST', url: URL, payload: { userData: { text: 'x'.repeat(70_000) } } }],
    [415, { method: 'POST', url: URL, headers: { 'content-type': 'text/xml' }, payload: '<id/>' }],
    [422, { method: 'POST', url: `${URL}?policy=nothing` }],
    [200, { method: 'GET', url: '/livez' }],
    [200, { method: 'HEAD', url: '/livez' }],
    [200, { method: 'GET', url: '/openapi.json' }],
    [200, { method: 'GET', url: '/docs/' }],
    [302, { method: 'GET', url: '/docs/static/index.html' }],
    [200, { method: 'GET', url: '/docs/static/swagger-ui.css' }],
  ];

  it.each(requests)('%i %o', async (status, request, api = open) => {
    const response = await api().server.inject({ ...request, headers: { ...request.headers, 'x-request-id': 'ors-4711' } });
    expect(response.statusCode).toBe(status);
    expect(response.headers).toMatchObject({ 'x-request-id': 'ors-4711', 'x-content-type-options': 'nosniff' });
  });
});
