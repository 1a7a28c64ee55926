import { describe, expect, it } from 'vitest';
import { bytesHeldFor, createInFlight, type Load, type LoadLimits, whyDeclined } from '../../src/http/load-shedding.ts';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { askerThat, stubApi } from './stub-api.ts';

const LIMITS: LoadLimits = { maxInFlight: 100, maxInFlightOfTarget: 50, maxHeldBytes: 1_000, maxEventLoopDelayMs: 500, maxHeapShare: 0.8 };
const AT_ALL_LIMITS: Load = {
  phase: 'serving',
  inFlight: 99,
  inFlightOfTarget: 49,
  heldBytes: 1_000,
  eventLoopDelayMs: 500,
  heap: { usedBytes: 80, limitBytes: 100 },
};

describe('a new probe', () => {
  it.each([
    ['within every limit', {}, null],
    ['in the last phase before the end', { phase: 'leaving' }, null],
    ['of a service that closes', { phase: 'closing', inFlight: 100 }, 'draining'],
    ['beyond the places of all', { inFlight: 100, inFlightOfTarget: 50 }, 'in_flight'],
    ['beyond the places of its target', { inFlightOfTarget: 50 }, 'target_in_flight'],
    ['that would hold too much', { heldBytes: 1_001 }, 'held_bytes'],
    ['with the heap nearly full', { heap: { usedBytes: 81, limitBytes: 100 } }, 'heap'],
    ['while the event loop is late', { eventLoopDelayMs: 501 }, 'event_loop'],
  ] as const)('%s', (_name, load, why) => {
    expect(whyDeclined({ ...AT_ALL_LIMITS, ...load }, LIMITS)).toBe(why);
  });
});

it('those under way are counted by target, with what is held for them, until they leave', () => {
  const inFlight = createInFlight();
  const caller = (target: string, heldBytes: number) => ({ controller: createCancelController(), target, heldBytes });
  const [a, b] = [caller('a', 10), caller('b', 5)];
  const places = [inFlight.enter(a), inFlight.enter(b), inFlight.enter(caller('b', 1))];
  expect([inFlight.count, inFlight.countOf('a'), inFlight.countOf('b'), inFlight.countOf('c'), inFlight.heldBytes]).toEqual([
    3, 1, 2, 0, 16,
  ]);
  inFlight.leave(b, places[1] ?? -1);
  expect([inFlight.count, inFlight.countOf('b'), inFlight.heldBytes]).toEqual([2, 1, 11]);
  inFlight.cut();
  expect([a.controller.signal.aborted, b.controller.signal.aborted]).toEqual([true, false]);
});

it('what is held for a caller grows with his user data, however they are made up, and with what Node.js keeps of his request', () => {
  const none = bytesHeldFor({}, 0);
  expect(bytesHeldFor({}, 16_384) - none).toBe(16_384);
  expect(bytesHeldFor({ A: 'x'.repeat(16_000) }, 0) - none).toBeGreaterThan(48_000);
  const many = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`k${n}`, 1]));
  expect(bytesHeldFor({ A: { B: many } }, 0) - none).toBeGreaterThan(48_000);
});

describe('a shed probe', () => {
  const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';

  it.each([
    [{ maxHeldBytes: 65_536 }, { userData: { A: 'x'.repeat(15_000) } }, 'held_bytes'],
    [{ maxHeapShare: 0 }, {}, 'heap'],
    [{ maxInFlight: 0 }, {}, 'in_flight'],
  ])('by %j is routed at once, as overloaded, and told by its cause', async (limits, userData, because) => {
    const asker = askerThat({});
    const api = await stubApi({ asker, limits });
    const response = await api.server.inject({ method: 'POST', url: PROBE, payload: { ...userData, more: ['y'] } });
    expect([response.statusCode, response.json()]).toEqual([200, expect.objectContaining({ verdict: 'route', reason: 'overloaded' })]);
    expect(asker.asked).toEqual([]);
    expect(api.events).toContainEqual({ type: 'probe_shed', target: 'default', because });
    expect(api.inFlight.count).toBe(0);
  });

  it('is none because of those whose secret is still being compared, however many they are', async () => {
    const api = await stubApi({ limits: { maxInFlight: 1 } });
    for (let n = 0; n < 20; n += 1) api.inFlight.enter({ controller: createCancelController(), target: null, heldBytes: 0 });
    expect((await api.server.inject({ method: 'POST', url: PROBE })).json()).toMatchObject({ reason: 'delivered' });
  });

  it('is none within the limit', async () => {
    const api = await stubApi({ limits: { maxHeldBytes: 65_536 } });
    const response = await api.server.inject({ method: 'POST', url: PROBE, payload: { userData: { A: 'x'.repeat(8_000) } } });
    expect(response.json()).toMatchObject({ reason: 'delivered' });
  });
});
