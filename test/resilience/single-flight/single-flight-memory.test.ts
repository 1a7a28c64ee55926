import { describe, expect, it } from 'vitest';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import type { Clock } from '../../../src/probe/clock.ts';
import type { ProbeOrder } from '../../../src/probe/probe-order.ts';
import type { Reason } from '../../../src/probe/reasons.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { NO_FLEET } from '../../../src/resilience/fleet.ts';
import type { Answer } from '../../../src/resilience/probe-service.ts';
import { type Run, SingleFlight, type SingleFlightSettings } from '../../../src/resilience/single-flight/single-flight.ts';
import { orderWith } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';
import { heapBytes } from './heap-bytes.ts';
import { alive, answerTo, FLIGHT_SETTINGS, type FlightsRig, flightsRig, resultWith, within } from './single-flight-rig.ts';

describe('a chat that was found alive', () => {
  it('is answered for without asking again, a while', async () => {
    const { clock, ask, runs, events } = flightsRig();
    await clock.drive(ask().answer);
    await clock.advance(1_999);
    expect(await ask().answer).toEqual({
      verdict: 'route',
      evidence: 'alive',
      reason: 'delivered',
      degraded: false,
      recheckAfterMs: null,
      attempts: [],
      faultCode: null,
      faultString: null,
      servedBy: 'recent',
      isKnownDown: false,
      elapsedMs: 0,
      probeId: 'probe-1',
      guarded: false,
      shadowVerdict: null,
    });
    expect(events).toMatchObject([
      { type: 'message_saved', target: 'default', by: 'recent' },
      { type: 'answer_shared', request: { probeId: 'probe-2' }, probeId: 'probe-1', servedBy: 'recent' },
    ]);
    expect([runs.length, clock.pending()]).toEqual([1, 0]);
  });

  it('is asked again when the while is over, which answers from memory do not prolong', async () => {
    const { clock, ask, runs } = flightsRig();
    await clock.drive(ask().answer);
    await clock.advance(1_000);
    await ask().answer;
    await clock.advance(1_000);
    expect(await clock.drive(ask().answer)).toMatchObject({ servedBy: 'probe', probeId: 'probe-3' });
    expect(runs.length).toBe(2);
  });

  it('is asked again under another name, and remembered under the last', async () => {
    const { clock, ask } = flightsRig();
    const found: (string | undefined)[] = [];
    for (const chatServer of ['A', 'B', 'B', null, null, 'B']) {
      found.push((await clock.drive(ask({ chatServer }).answer))?.servedBy);
    }
    expect(found).toEqual(['probe', 'probe', 'recent', 'probe', 'recent', 'probe']);
  });

  it('is asked each time where memory is switched off', async () => {
    const { clock, ask } = flightsRig({ reuseAliveMs: 0 });
    await clock.drive(ask().answer);
    expect(await clock.drive(ask().answer)).toMatchObject({ servedBy: 'probe' });
  });

  it('is remembered though sharing is switched off', async () => {
    const ask = bareFlights({ coalesce: false }, async (order) => resultWith(order, 'delivered'));
    await ask('A');
    expect(await ask('A')).toMatchObject({ servedBy: 'recent' });
  });

  it('is found for each who asks, as what the probe of another found out when the chat was alive', async () => {
    const { clock, ask, judged } = flightsRig();
    await clock.drive(ask().answer);
    await clock.advance(500);
    await ask().answer;
    expect(judged).toMatchObject([
      { order: { requestId: 'request-1' }, probeId: 'probe-1', startedAtMs: 0, isOwn: true },
      {
        order: { requestId: 'request-2' },
        probeId: 'probe-1',
        startedAtMs: 100,
        isOwn: false,
        isNewcomer: false,
        result: { servedBy: 'recent' },
      },
    ]);
    expect(judged[0]?.chat).toBe(judged[1]?.chat);
  });

  it.each<Reason>(['session_not_found', 'chat_server_not_found', 'fault_unrecognised', 'timeout'])(
    'is the only kind: after %s it is asked again',
    async (reason) => {
      const { clock, ask } = flightsRig({}, () => ({ takesMs: 100, reason }));
      await clock.drive(ask().answer);
      expect(await clock.drive(ask().answer)).toMatchObject({ reason, servedBy: 'probe', probeId: 'probe-2' });
    },
  );
});

describe('the messages that one chat may get', () => {
  /** Asks at these moments, one after another. */
  async function reasonsAt(moments: readonly number[], settings: Partial<SingleFlightSettings>, names: readonly string[] = ['A']) {
    const { clock, ask } = flightsRig({ reuseAliveMs: 0, ...settings }, alive);
    const reasons: (Reason | undefined)[] = [];
    for (const [n, atMs] of moments.entries()) {
      await clock.advance(atMs - clock.nowMs());
      reasons.push((await clock.drive(ask({ chatServer: names[n % names.length] ?? null }).answer))?.reason);
    }
    return reasons;
  }
  const limited = { messageLimit: 2, messageWindowMs: 1_000 };

  it('are limited over any window, to the millisecond', async () => {
    // Delivered at 100, 700 and 1,100.
    expect(await reasonsAt([0, 600, 900, 1_099, 1_100, 1_699, 1_700], limited)).toEqual([
      'delivered',
      'delivered',
      'message_limit',
      'message_limit',
      'delivered',
      'message_limit',
      'delivered',
    ]);
  });

  it('are counted whatever the name they go by', async () => {
    expect(await reasonsAt([0, 200, 400], limited, ['A', 'B', 'C'])).toEqual(['delivered', 'delivered', 'message_limit']);
  });

  it('are ten in ten minutes by default', async () => {
    const moments = Array.from({ length: 11 }, (_, n) => n * 5_000);
    expect((await reasonsAt(moments, {})).map((reason) => reason === 'delivered')).toEqual([...Array<boolean>(10).fill(true), false]);
  });

  it('are not limited where the limit is 0', async () => {
    const moments = Array.from({ length: 30 }, (_, n) => n * 200);
    expect(new Set(await reasonsAt(moments, { ...limited, messageLimit: 0 }))).toEqual(new Set(['delivered']));
  });

  it('are counted for each chat apart', async () => {
    const { clock, ask } = flightsRig({ messageLimit: 1 });
    await clock.drive(ask({ interactionId: 'A' }).answer);
    expect(await clock.drive(ask({ interactionId: 'B' }).answer)).toMatchObject({ reason: 'delivered' });
  });
});

describe('other chats that come meanwhile', () => {
  const others = async ({ clock, ask }: FlightsRig): Promise<void> => {
    for (const interactionId of ['X', 'Y', 'Z']) await clock.drive(ask({ interactionId }).answer);
  };

  it('do not make one forgotten whose messages still count', async () => {
    const played = flightsRig({ reuseAliveMs: 0, messageLimit: 1, messageWindowMs: 200_000 });
    const { clock, ask } = played;
    await clock.drive(ask().answer);
    await clock.advance(150_000);
    await others(played);
    expect(await clock.drive(ask().answer)).toMatchObject({ reason: 'message_limit' });
  });

  it('do not make one forgotten that may still be answered for', async () => {
    const played = flightsRig({ reuseAliveMs: 200_000, messageWindowMs: 1 });
    const { clock, ask } = played;
    await clock.drive(ask().answer);
    await clock.advance(150_000);
    await others(played);
    expect(await clock.drive(ask().answer)).toMatchObject({ servedBy: 'recent' });
  });

  it('do not make one forgotten that has a run', async () => {
    const played = flightsRig({ reuseAliveMs: 0, messageWindowMs: 1 }, ({ interactionId }) => ({
      takesMs: interactionId.length > 1 ? 150_000 : 100,
      reason: 'delivered',
    }));
    const { clock, ask, runs } = played;
    const starter = ask(within(200_000));
    await clock.advance(130_000);
    await others(played);
    const joined = ask(within(200_000));
    await clock.drive(starter.answer);
    expect(joined.settled).toMatchObject({ answer: { servedBy: 'coalesced' } });
    expect(runs.length).toBe(4);
  });
});

it('nothing is held of the chats whose time is over, nor of the requests that asked', async () => {
  const clock = createVirtualClock();
  const ask = bareFlights({ reuseAliveMs: 1, messageWindowMs: 1 }, async (order) => resultWith(order, 'delivered'), clock);
  const beforeBytes = heapBytes();
  for (let n = 0; n < 500; n += 1) {
    const text = Buffer.alloc(40_000, `${n} `).toString('latin1');
    await ask(`chat${n}`, { probeId: text, userData: { text } });
    clock.stall(120_000);
  }
  expect(heapBytes() - beforeBytes).toBeLessThan(5_000_000);
});

/** Asks without moving time. */
function bareFlights(settings: Partial<SingleFlightSettings>, run: Run, clock: Clock = createVirtualClock()) {
  const flights = new SingleFlight({
    clock,
    settings: { ...FLIGHT_SETTINGS, ...settings },
    newcomerMs: 30_000,
    run,
    newcomer: () => undefined,
    fleet: NO_FLEET,
    observe: () => undefined,
  });
  const order = orderWith(scriptedAdapter(clock, []));
  const { signal } = createCancelController();
  return (interactionId: string, fields: Partial<ProbeOrder> = {}): Promise<Answer | null> =>
    flights.ask({ ...order, ...fields, interactionId }, signal).then(answerTo);
}
