import { describe, expect, it } from 'vitest';
import { createAdapter } from '../../src/adapters/registry.ts';
import { sharedService, startedService } from '../support/service.ts';
import { sharedApi, stubApi } from './stub-api.ts';

const FILE = `
targets:
  default: { adapter: workflow, ha: false, restoreWindowMs: 45000, guard: { requireDelivery: false, massStop: false },
    patterns: { sessionNotFound: ['*with specified id was not found'], chatServerNotFound: [Not found by name], delivered: ['*'] } }
  unconfirmed: { adapter: workflow, ha: false, onChatServerDown: stop, guard: { requireDelivery: false } }
  gateway: { adapter: gateway, gateways: [http://127.0.0.1:1], ha: false }
`;
const LOST = { outcome: 'error', description: 'interaction with specified id was not found', chatServerAppName: 'ChatServer_1' };
const service = sharedService({ file: FILE });
let chats = 0;
const freshChat = (): string => {
  chats += 1;
  return `observed-${chats}`;
};

async function observe(payload: object | string, { id = freshChat(), query = '', type = 'application/json', accept = '*/*' } = {}) {
  const headers = { 'content-type': type, accept };
  const url = `/interactions/${id}/observations${query}`;
  const response = await service().server.inject({ method: 'POST', url, headers, payload });
  return {
    status: response.statusCode,
    text: response.body,
    body: String(response.headers['content-type']).includes('json') ? response.json() : null,
  };
}

describe('an observation', () => {
  it("is answered with a probe's keys, and when to send again", async () => {
    const { status, body } = await observe(LOST);
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ verdict: 'stop', evidence: 'dead', servedBy: 'observation', attempts: 1 }),
    ]);
    expect(Object.keys(body).slice(-3)).toEqual(['elapsedMs', 'probeId', 'askAgainAfterMs']);
    expect(body).toMatchObject({ askAgainAfterMs: null, faultCode: '100', faultString: LOST.description, simulated: false });
  });

  it('asks for another message where that may bring another answer', async () => {
    const { body } = await observe({ outcome: 'timeout' });
    expect(body).toMatchObject({ verdict: 'route', reason: 'timeout', recheckAfterMs: null });
    expect(body.askAgainAfterMs).toBeGreaterThan(500);
  });

  it.each([
    ['JSON', JSON.stringify(LOST), 'application/json', ''],
    ['a form', new URLSearchParams(LOST).toString(), 'application/x-www-form-urlencoded', ''],
    ['JSON labelled as plain text', JSON.stringify(LOST), 'text/plain', ''],
    ['the query', '', 'text/plain', `?${new URLSearchParams(LOST).toString()}`],
    [
      'names and words in any case',
      JSON.stringify({ OUTCOME: ' Error ', Description: LOST.description, CHATSERVERAPPNAME: 'ChatServer_1' }),
      'application/json',
      '',
    ],
    [
      'numbers as texts, empty variables',
      JSON.stringify({ ...LOST, attempt: '2.0', round: 'undefined', content: null, error: '' }),
      'application/json',
      '',
    ],
    ['JSON within JSON as text', JSON.stringify({ ...LOST, description: '', content: '{"FaultCode":"100"}' }), 'application/json', ''],
    [
      'a text with what looks like fields',
      new URLSearchParams({ ...LOST, error: 'a; content=1 outcome=done' }).toString(),
      'text/plain',
      '',
    ],
  ])('is read from %s', async (_name, payload, type, query) => {
    expect(await observe(payload, { type, query })).toMatchObject({ status: 200, body: { verdict: 'stop' } });
  });

  it('as plain text is one word', async () => {
    expect((await observe(LOST, { accept: 'text/plain' })).text).toBe('stop');
  });

  it('shows its attempts with debug', async () => {
    expect((await observe({ ...LOST, debug: true })).body.attemptLog).toMatchObject([{ n: 1, reason: 'session_not_found', durationMs: 0 }]);
  });

  it.each([
    ['no outcome', {}, 400, 'invalid_field', 'outcome'],
    ['another outcome', { outcome: 'failed' }, 400, 'invalid_field', 'outcome'],
    ['an attempt that is none', { ...LOST, attempt: 0 }, 422, 'out_of_bounds', 'attempt'],
    ['a round that is none', { ...LOST, round: 'x' }, 422, 'out_of_bounds', 'round'],
    ['an unknown target', { ...LOST, target: 'x' }, 404, 'unknown_target', 'target'],
    ['a target that sends by itself', { ...LOST, target: 'gateway' }, 404, 'unknown_target', 'target'],
    ['an unknown policy', { ...LOST, policy: 'x' }, 422, 'unknown_policy', 'policy'],
    ["a name that is a program's slip", { ...LOST, chatServerAppName: '[object Object]' }, 422, 'invalid_name', 'chatServerAppName'],
    ['an outcome that came twice', '{"outcome":"done","outcome":"error"}', 400, 'invalid_field', 'outcome'],
  ])('with %s is refused, and nothing is judged', async (_name, payload, status, code, field) => {
    const id = freshChat();
    expect(await observe(payload, { id })).toMatchObject({ status, body: { type: `urn:chat-probe:problem:${code}`, field } });
    expect((await service().server.inject(`/interactions/${id}/probes`)).json().probes).toEqual([]);
  });

  it('of a chat without an id is refused', async () => {
    expect(await observe(LOST, { id: 'undefined' })).toMatchObject({ status: 400, body: { field: 'id' } });
  });

  it('that says that the chat is closed needs no message, but what was delivered lives', async () => {
    expect((await observe({ isOnline: 0 })).body).toMatchObject({
      verdict: 'stop',
      evidence: 'closed',
      servedBy: 'none',
      askAgainAfterMs: null,
    });
    expect((await observe({ ...LOST, isOnline: 'false' })).body).toMatchObject({ verdict: 'stop', evidence: 'closed' });
    expect((await observe({ outcome: 'done', isOnline: 0 })).body).toMatchObject({ verdict: 'route', evidence: 'alive' });
  });

  it('of the code of a fault twice in JSON proves nothing', async () => {
    const content = '{"FaultCode":"100","FaultCode":"100"}';
    expect((await observe({ outcome: 'done', content })).body).toMatchObject({ verdict: 'route', reason: 'fault_unrecognised' });
    expect((await observe(`{"outcome":"done","content":${content}}`)).body).toMatchObject({
      verdict: 'route',
      reason: 'fault_unrecognised',
    });
    const deep = `${'{"a":'.repeat(70)}{"FaultCode":"100"}${'}'.repeat(70)}`;
    expect((await observe({ outcome: 'done', content: deep })).body).toMatchObject({ verdict: 'route', reason: 'fault_unrecognised' });
  });

  it('is told as a request that was served by it, and kept as evidence', async () => {
    const id = freshChat();
    await observe(LOST, { id });
    expect(await service().metric('chatprobe_requests_total{target="default",verdict="stop",served_by="observation"}')).toBeGreaterThan(0);
    const { probes } = (await service().server.inject(`/interactions/${id}/probes`)).json();
    expect(probes).toMatchObject([
      { answered: 'stop', servedBy: 'observation', explanation: expect.stringContaining('The workflow itself sent the messages') },
    ]);
    expect(
      service()
        .logLines()
        .find((line) => line['interactionId'] === id),
    ).toMatchObject({ msg: 'probe finished', servedBy: 'observation' });
  });

  it('stops nothing while no text is confirmed', async () => {
    for (const told of [LOST, { outcome: 'error', error: 'Not found by name' }, { outcome: 'done', content: { FaultCode: 100 } }]) {
      expect((await observe({ ...told, target: 'unconfirmed', chatServerAppName: 'A' })).body).toMatchObject({
        verdict: 'route',
        evidence: 'unknown',
      });
    }
  });
});

describe('a probe for a target whose workflows send', () => {
  it('is routed, told why in the log', async () => {
    const { server } = await startedServiceThatProbes();
    const { statusCode, body } = await server.inject({ method: 'POST', url: '/interactions/0006Ka9HFHRR0T2B/probe' });
    expect([statusCode, JSON.parse(body)]).toEqual([
      200,
      expect.objectContaining({ verdict: 'route', reason: 'gateway_misrouted', attempts: 1 }),
    ]);
    await server.close();
  });
});

async function startedServiceThatProbes() {
  const makeAdapter = () =>
    createAdapter(
      { kind: 'workflow' },
      { clock: { nowMs: () => 0, schedule: () => () => undefined }, wallNowMs: () => 0, onFarEnd: () => undefined },
    );
  return startedService({ file: FILE, makeAdapter });
}

describe('the texts that were observed', () => {
  it('are shown masked, with what is confirmed', async () => {
    await observe({ outcome: 'error', description: "no chat 0006Ka9HFHRR0T2B for 'Jane Doe', +49 171 1234567", target: 'unconfirmed' });
    const { statusCode, body } = await service().server.inject('/targets/unconfirmed/observed-texts');
    const { texts, confirmed, target } = JSON.parse(body);
    expect([statusCode, target, confirmed]).toEqual([
      200,
      'unconfirmed',
      { sessionNotFound: false, chatServerNotFound: false, delivered: false },
    ]);
    expect(texts[0]).toEqual({
      text: 'no chat # for #',
      outcome: 'error',
      reason: 'error_unrecognised',
      count: 1,
      firstSeenMs: expect.any(Number),
      lastSeenMs: expect.any(Number),
    });
  });

  it.each(['nobody', 'gateway'])('are not there for the target %s', async (target) => {
    const response = await service().server.inject(`/targets/${target}/observed-texts`);
    expect([response.statusCode, response.json()]).toEqual([404, expect.objectContaining({ field: 'target' })]);
  });
});

describe('what keeps us from judging', () => {
  const URL = '/interactions/0006Ka9HFHRR0T2B/observations';
  const faulty = sharedApi({
    observe: () => {
      throw new Error('bug');
    },
  });

  it('never keeps the workflow without a verdict: a fault of ours routes, and is told', async () => {
    const response = await faulty().server.inject({ method: 'POST', url: URL, payload: LOST });
    const routed = { verdict: 'route', reason: 'internal_error', interactionId: '0006Ka9HFHRR0T2B', askAgainAfterMs: null };
    expect([response.statusCode, response.json()]).toEqual([200, expect.objectContaining(routed)]);
    expect(faulty().events.filter(({ type }) => type === 'fault')).toHaveLength(1);
    const word = await faulty().server.inject({ method: 'POST', url: URL, payload: LOST, headers: { accept: 'text/plain' } });
    expect(word.body).toBe('route');
  });

  it('is shed under load, told as such', async () => {
    const { server, events } = await stubApi({ observe: () => Promise.reject() as never, limits: { maxHeapShare: 0 } });
    const response = await server.inject({ method: 'POST', url: URL, payload: LOST });
    expect(response.json()).toMatchObject({ verdict: 'route', reason: 'overloaded', askAgainAfterMs: null });
    expect(events.map(({ type }) => type)).toEqual(['probe_shed', 'request_answered']);
  });

  it('is told as the reason, and nothing is judged', async () => {
    const drained = await startedService({ file: FILE });
    drained.lifecycle.phase = 'closing';
    const response = await drained.server.inject({ method: 'POST', url: '/interactions/0006Ka9HFHRR0T2B/observations', payload: LOST });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      expect.objectContaining({ verdict: 'route', reason: 'draining', servedBy: 'none', askAgainAfterMs: null }),
    ]);
    await drained.server.close();
  });
});
