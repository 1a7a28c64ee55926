import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Answer, ProbeService } from '../../src/resilience/probe-service.ts';
import { askerThat, type Behind, stubApi } from './stub-api.ts';

const URL = '/interactions/02JH8H2FE3Q3T00E/probe';
const FAULT = { verdict: 'route', reason: 'internal_error', degraded: true, interactionId: '02JH8H2FE3Q3T00E' };

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

describe('every kind of answer names the request and forbids guessing its type', () => {
  const requests: readonly [number, InjectOptions, Behind?][] = [
    [200, { method: 'POST', url: URL }],
    [200, { method: 'POST', url: URL, headers: { accept: 'text/plain' } }],
    [400, { method: 'POST', url: '/interactions/no%20id/probe' }],
    [401, { method: 'POST', url: URL }, { apiToken: 'secret' }],
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

  it.each(requests)('%i %o', async (status, request, behind = {}) => {
    const { server } = await stubApi(behind);
    const response = await server.inject({ ...request, headers: { ...request.headers, 'x-request-id': 'ors-4711' } });
    expect(response.statusCode).toBe(status);
    expect(response.headers).toMatchObject({ 'x-request-id': 'ors-4711', 'x-content-type-options': 'nosniff' });
  });
});
