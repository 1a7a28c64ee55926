import { describe, expect, it, onTestFinished } from 'vitest';
import { ProbeAnswer } from '../../src/http/probe-answer.ts';
import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { realClock } from '../../src/probe/clock.ts';
import { inOrder } from '../support/probe-run.ts';
import { scriptedAdapter } from '../support/scripted-adapter.ts';
import { type Service, type ServiceOptions, sharedService, startedService } from '../support/service.ts';

const URL = '/interactions/02JH8H2FE3Q3T00E/probe';
/** Without high availability one answer decides, so no test waits. */
const NO_HA = { CHATPROBE_ADAPTER: 'simulator', CHATPROBE_HA: 'false' };
const shared = sharedService({ env: NO_HA });

/** About a chat that nobody has asked about yet. */
let chats = 0;
async function ask(options: { query?: string; headers?: Record<string, string> } = {}, { server } = shared()) {
  chats += 1;
  return server.inject({ method: 'POST', url: `/interactions/chat-${chats}/probe${options.query ?? ''}`, headers: options.headers ?? {} });
}

/** A service for one test. */
async function alone(options: ServiceOptions = {}): Promise<Service> {
  const service = await startedService({ env: NO_HA, ...options });
  onTestFinished(() => service.server.close());
  return service;
}

it('has every key of the contract, in its order', async () => {
  const { server } = await alone({ turns: inOrder('dead') });
  const response = await server.inject({ method: 'POST', url: `${URL}?chatServerAppName=ChatServer_1` });
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  expect(Object.keys(response.json())).toEqual([
    ...['interactionId', 'verdict', 'evidence', 'reason', 'degraded', 'attempts', 'faultCode', 'faultString', 'chatServer'],
    ...['target', 'policy', 'servedBy', 'guarded', 'shadowVerdict', 'simulated', 'recheckAfterMs', 'elapsedMs', 'probeId'],
  ]);
  expect(response.json()).toMatchObject({
    interactionId: '02JH8H2FE3Q3T00E',
    verdict: 'stop',
    evidence: 'dead',
    reason: 'session_not_found',
    degraded: false,
    attempts: 1,
    faultCode: '100',
    faultString: 'interaction with specified id was not found',
    chatServer: 'ChatServer_1',
    target: 'default',
    policy: 'inline',
    servedBy: 'probe',
    guarded: false,
    shadowVerdict: null,
    simulated: false,
    recheckAfterMs: null,
  });
});

describe('whether it is made up', () => {
  const TWO =
    'server: { maxInFlight: 1 }\ntargets: { default: { adapter: simulator, ha: false }, gw: { adapter: gateway, gateways: [http://127.0.0.1:9], ha: false } }';
  /** One after the other, for the targets in their order. */
  const adapters = (...simulated: readonly boolean[]) => {
    const ways = simulated.map((isSimulated) => ({ ...scriptedAdapter(realClock, inOrder('delivered')), isSimulated: () => isSimulated }));
    return () => ways.shift()!;
  };

  it.each([
    ['delivered', {}, ''],
    ['session_offline', {}, '&isOnline=0'],
    ['overloaded', { busy: true }, ''],
    ['draining', { phase: 'closing' }, ''],
  ] as const)('is told of its target, also where it is %s', async (reason, trouble, query) => {
    const service = await alone({ env: {}, file: TWO, makeAdapter: adapters(true, false) });
    if ('phase' in trouble) service.lifecycle.phase = trouble.phase;
    if ('busy' in trouble) service.inFlight.enter({ controller: createCancelController(), target: 'another', heldBytes: 0 });
    const told = async (target: string) => (await service.server.inject({ method: 'POST', url: `${URL}?target=${target}${query}` })).json();
    expect(await told('default')).toMatchObject({ reason, simulated: true });
    expect(await told('gw')).toMatchObject({ reason, simulated: false });
  });

  it.each([
    [true, adapters(true, true)],
    [false, adapters(true, false)],
  ])('is %s where a fault of ours hides the target, by whether all are', async (simulated, makeAdapter) => {
    const service = await alone({ env: {}, file: TWO, makeAdapter });
    const inFlight: { enter: unknown } = service.inFlight;
    inFlight.enter = () => {
      throw new Error('bookkeeping bug');
    };
    const response = await service.server.inject({ method: 'POST', url: URL });
    expect(response.json()).toMatchObject({ reason: 'internal_error', target: null, simulated });
    expect(Object.keys(response.json())).toEqual(Object.keys(ProbeAnswer.properties).filter((key) => key !== 'attemptLog'));
  });

  it('is no part of the one word of plain text', async () => {
    const service = await alone({ makeAdapter: adapters(true) });
    const response = await service.server.inject({ method: 'POST', url: URL, headers: { accept: 'text/plain' } });
    expect(response.body).toBe('route');
  });
});

it('keeps the keys, null where unknown', async () => {
  const response = await ask({}, await alone({ turns: inOrder('auth') }));
  expect(response.json()).toMatchObject({
    verdict: 'route',
    degraded: true,
    faultCode: null,
    faultString: null,
    chatServer: null,
    recheckAfterMs: null,
  });
});

it('is ASCII only, and strings from outside are cut to 256 characters', async () => {
  const name = `Zürich ☎ ${'x'.repeat(300)}`;
  const response = await ask({ query: `?chatServerAppName=${encodeURIComponent(name)}` });
  expect(response.body).toMatch(/^[\x20-\x7e]*$/);
  expect(response.body).toContain('Z\\u00fcrich \\u260e ');
  expect(response.json().chatServer).toBe(name.slice(0, 256));
  expect(shared().adapter.seen.at(-1)?.request.appName).toBe(name);
});

it('does not end a cut string in half a character', async () => {
  const response = await ask({ query: `?chatServerAppName=${encodeURIComponent(`${'x'.repeat(255)}😀`)}` });
  expect(response.json().chatServer).toBe('x'.repeat(255));
});

it('with debug tells every attempt', async () => {
  const response = await ask(
    { query: '?debug=true&attempts=2' },
    await alone({ turns: inOrder('orphaned', 'delivered'), random: () => 0.999 }),
  );
  expect(response.json().attemptLog).toEqual([
    {
      n: 1,
      startedMs: expect.any(Number),
      durationMs: expect.any(Number),
      reason: 'chat_server_not_found',
      faultCode: null,
      faultString: null,
      errorCode: 1,
      errorMessage: 'Not found by name',
    },
    {
      n: 2,
      startedMs: expect.any(Number),
      durationMs: expect.any(Number),
      reason: 'delivered',
      faultCode: null,
      faultString: null,
      errorCode: null,
      errorMessage: null,
    },
  ]);
});

it('has no attempt log without debug', async () => {
  expect((await ask({ query: '?debug=1' })).json()).not.toHaveProperty('attemptLog');
});

describe('as plain text', () => {
  it.each([
    ['route', inOrder('delivered')],
    ['stop', inOrder('dead')],
  ] as const)('is the word %s alone', async (verdict, turns) => {
    const response = await ask({ query: '?chatServerAppName=a', headers: { accept: 'text/plain' } }, await alone({ turns }));
    expect([response.statusCode, response.body, response.headers['content-type']]).toEqual([200, verdict, 'text/plain; charset=utf-8']);
  });

  it.each([
    'text/plain; charset=utf-8',
    'TEXT/PLAIN',
    'text/plain, */*; q=0.01',
    'application/json;q=0.5, text/plain',
    'text/html, text/plain',
  ])('answers Accept: %s', async (accept) => {
    expect((await ask({ headers: { accept } })).body).toBe('route');
  });
});

it.each([
  '*/*',
  'application/json',
  'text/html',
  'text/*',
  'application/xml;q=0.1',
  'application/json, text/plain',
  'text/plain;q=0',
  'text/plain;q=0.5, */*',
  'nonsense',
  '',
])('is JSON for Accept: %s', async (accept) => {
  const response = await ask({ headers: { accept } });
  expect([response.statusCode, response.json().verdict]).toEqual([200, 'route']);
});

describe('a request id', () => {
  it.each(['ors-4711', 'a/b:c=d@e~f.g+h', 'x'.repeat(128)])('%s comes back', async (id) => {
    expect((await ask({ headers: { 'x-request-id': id } })).headers['x-request-id']).toBe(id);
  });

  it.each(['a b', 'a"b', 'x'.repeat(129), ''])('%j is replaced', async (id) => {
    expect((await ask({ headers: { 'x-request-id': id } })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('our own trouble never becomes an error status', () => {
  const broken = (send: InteractionServerAdapter['send']): ServiceOptions => ({
    makeAdapter: () => ({ kind: 'broken', isSimulated: () => false, send, health: async () => 'unknown', close: async () => undefined }),
  });
  const ROUTES = { verdict: 'route', evidence: 'unknown', reason: 'internal_error', degraded: true };

  it('when the adapter throws', async () => {
    const send = (): never => {
      throw new Error('adapter bug');
    };
    const service = await alone(broken(send));
    const response = await ask({}, service);
    expect([response.statusCode, response.json()]).toEqual([200, expect.objectContaining(ROUTES)]);
    expect(service.logLines()).toContainEqual(expect.objectContaining({ level: 'error', msg: 'fault in this service' }));
    expect(await service.metric('chatprobe_faults_total')).toBe(1);
  });

  it('when the adapter answers nonsense', async () => {
    const nonsense: unknown = {};
    const response = await ask({}, await alone(broken(async () => nonsense as never)));
    expect([response.statusCode, response.json()]).toEqual([200, expect.objectContaining(ROUTES)]);
  });

  it.each([
    ['application/json', expect.objectContaining({ ...ROUTES, interactionId: '02JH8H2FE3Q3T00E', target: null })],
    ['text/plain', 'route'],
  ])('when we break after the probe (%s)', async (accept, answer) => {
    const service = await alone();
    const inFlight: { enter: unknown } = service.inFlight;
    inFlight.enter = () => {
      throw new Error('bookkeeping bug');
    };
    const response = await service.server.inject({ method: 'POST', url: URL, headers: { accept } });
    expect(response.statusCode).toBe(200);
    expect(accept === 'text/plain' ? response.body : response.json()).toEqual(answer);
    expect(service.logLines()).toContainEqual(
      expect.objectContaining({ level: 'error', err: expect.objectContaining({ message: 'bookkeeping bug' }) }),
    );
  });

  it('when there are more probes than we take', async () => {
    const file = 'server: { maxInFlight: 1 }';
    const service = await alone({ file, turns: [{ afterMs: 500, answer: 'delivered' }] });
    const [first, second] = await Promise.all([1, 2].map(() => service.server.inject({ method: 'POST', url: URL })));
    const reasons = [first?.json().reason, second?.json().reason];
    expect(reasons.sort()).toEqual(['delivered', 'overloaded']);
    expect(service.adapter.seen).toHaveLength(1);
    expect(await service.metric('chatprobe_probes_total{target="default",evidence="unknown",verdict="route",reason="overloaded"}')).toBe(1);
    expect(service.inFlight.count).toBe(0);
  });

  it('while we are closing', async () => {
    const service = await alone();
    service.lifecycle.phase = 'closing';
    const response = await service.server.inject({ method: 'POST', url: URL });
    expect(response.json()).toMatchObject({ verdict: 'route', reason: 'draining', degraded: true, servedBy: 'none' });
    expect(response.headers['connection']).toBe('close');
    expect(service.adapter.seen).toHaveLength(0);
  });
});
