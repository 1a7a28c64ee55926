import { describe, expect, it } from 'vitest';
import type { Answer, SafetyState } from '../../src/resilience/probe-service.ts';
import { askerThat, stubApi } from './stub-api.ts';

const URL = '/interactions/02JH8H2FE3Q3T00E/probe';

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

describe('/readyz', () => {
  const CALM: SafetyState = {
    guard: 'watching',
    delivered: true,
    gatewayOpen: false,
    serversDown: 0,
    probesParked: 0,
    controls: { absent: null, live: null },
    shadow: false,
    enforcePercent: 100,
  };
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
});
