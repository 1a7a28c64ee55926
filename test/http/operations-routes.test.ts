import { describe, expect, it, onTestFinished } from 'vitest';
import type { AdapterHealth } from '../../src/probe/adapter.ts';
import type { SafetyState } from '../../src/resilience/probe-service.ts';
import { CALM } from '../support/samples.ts';
import { type Service, sharedService, startedService } from '../support/service.ts';
import { stubApi } from './stub-api.ts';

const shared = sharedService();

const withHealth = async (health: () => Promise<AdapterHealth>): Promise<Service> => {
  const service = await startedService({
    makeAdapter: () => ({
      kind: 'any',
      isSimulated: () => true,
      send: () => Promise.reject(new Error('unused')),
      health,
      close: async () => undefined,
    }),
  });
  onTestFinished(() => service.server.close());
  return service;
};

describe('/readyz', () => {
  const ALARMED: SafetyState = {
    guard: 'tripped',
    delivered: false,
    gatewayOpen: true,
    serversDown: 3,
    probesParked: 9_000,
    controls: { absent: 'wrong', live: 'unknown' },
    shadow: true,
    enforcePercent: 12.5,
  };

  it.each([
    ['calm', CALM],
    ['alarmed', ALARMED],
  ])('tells how a target guards itself and is ready whether it is %s', async (_name, safety) => {
    const state = { target: 'default', adapter: 'gateway', interactionServer: 'connected', simulated: false, safety } as const;
    const { server } = await stubApi({ targetStates: async () => [state] });
    const response = await server.inject('/readyz');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ ready: true, draining: false, targets: [state] });
  });

  it.each(['linked', 'catching_up', 'apart'] as const)(
    'tells of the store that replicas share, and is ready whether or not it is there: %s',
    async (state) => {
      const { server } = await stubApi({ storeState: () => ({ state, replicas: 3 }) });
      const response = await server.inject('/readyz');
      expect(response.statusCode).toBe(200);
      expect(response.json()).toEqual({ ready: true, draining: false, targets: [], store: { state, replicas: 3 } });
    },
  );

  it.each(['connected', 'disconnected', 'unknown'] as const)('is ready whether or not Interaction Server is: %s', async (state) => {
    const service = await withHealth(async () => state);
    const response = await service.server.inject('/readyz');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      ready: true,
      draining: false,
      targets: [
        {
          target: 'default',
          adapter: 'simulator',
          interactionServer: state,
          simulated: true,
          safety: { ...CALM, delivered: false },
        },
      ],
    });
  });

  it.each(['leaving', 'closing'] as const)('is not ready while %s', async (phase) => {
    const service = await withHealth(async () => 'connected');
    service.lifecycle.phase = phase;
    const response = await service.server.inject('/readyz');
    expect([response.statusCode, response.json().ready, response.json().draining]).toEqual([503, false, true]);
  });
});

it('/livez answers also while draining', async () => {
  const { server, lifecycle } = await stubApi();
  lifecycle.phase = 'closing';
  expect((await server.inject('/livez')).json()).toEqual({ status: 'ok' });
});

it('/ points to what there is', async () => {
  const { links } = (await shared().server.inject('/')).json();
  for (const path of [links.docs, links.openapi, links.metrics, links.livez, links.readyz]) {
    expect([200, 302]).toContain((await shared().server.inject(path)).statusCode);
  }
});

describe('/docs', () => {
  it('shows Swagger UI under a policy that lets it load from here only and never forces https', async () => {
    const response = await shared().server.inject('/docs/');
    expect(response.body).toContain('swagger-ui');
    const policy = String(response.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(response.headers['strict-transport-security']).toBeUndefined();
    for (const [, asset] of response.body.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)) {
      expect((await shared().server.inject(`/docs/${asset}`)).statusCode).toBe(200);
    }
  });
});

describe('what is not there', () => {
  it('is a 404 problem', async () => {
    const response = await shared().server.inject({ method: 'POST', url: '/interactions/a/b/probe' });
    expect([response.statusCode, response.json().type]).toEqual([404, 'urn:chat-probe:problem:unknown_route']);
  });

  it.each([
    ['GET', '/interactions/0006Ka9HFHRR0T2B/probe', 'POST'],
    ['DELETE', '/interactions/0006Ka9HFHRR0T2B/probe?x=1', 'POST'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['PUT', '/', 'GET, HEAD'],
  ] as const)('%s %s is a 405 problem that tells what is allowed', async (method, url, allow) => {
    const response = await shared().server.inject({ method, url });
    expect([response.statusCode, response.headers['allow'], response.json().type]).toEqual([
      405,
      allow,
      'urn:chat-probe:problem:method_not_allowed',
    ]);
    expect(shared().adapter.seen).toHaveLength(0);
  });
});

it('no request, however odd, brings up a series of HTTP that was not there at zero', async () => {
  const series = async (): Promise<readonly string[]> =>
    (await shared().server.inject('/metrics')).body
      .split('\n')
      .filter((line) => line.startsWith('chatprobe_http_requests_total{'))
      .map((line) => line.split(' ')[0] ?? '');
  const before = await series();
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'] as const) {
    for (const url of ['/nope', '/livez', '/interactions/a/probe', '/docs/static/nope.js', '/%E0%A4%A'])
      await shared().server.inject({ method, url });
  }
  const payload = 'x'.repeat(70_000);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    await shared().server.inject({ method, url: '/nope', headers: { 'content-type': 'application/json' }, payload });
  await shared().server.inject({ method: 'POST', url: '/nope', headers: { 'content-type': 'application/json' }, payload: '{' });
  const asset = await shared().server.inject('/docs/static/swagger-ui.css');
  await shared().server.inject({ url: '/docs/static/swagger-ui.css', headers: { 'if-none-match': String(asset.headers.etag) } });
  expect(await series()).toEqual(before);
});
