import { describe, expect, it } from 'vitest';
import { type Admission, type AdmissionControl, type AskedAttempt, type Downtime, NO_DOWNTIME } from '../../src/probe/admission.ts';
import { wait } from '../../src/probe/clock.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { DRAINING } from '../../src/probe/prober.ts';
import { always, inOrder, rig } from '../support/probe-run.ts';
import { orderWith } from '../support/samples.ts';

const SEND: Admission = { kind: 'send' };
const CANARY: Admission = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };

interface SpyGate extends AdmissionControl {
  readonly asked: AskedAttempt[];
  readonly told: (string | null)[];
}

function spyGate(
  admit: (asked: AskedAttempt, signal: AbortSignal) => Admission | Promise<Admission>,
  { moved = false, downtime = NO_DOWNTIME }: { readonly moved?: boolean; readonly downtime?: Downtime } = {},
): SpyGate {
  const asked: AskedAttempt[] = [];
  const told: (string | null)[] = [];
  return {
    asked,
    told,
    admit(attempt, signal) {
      asked.push(attempt);
      return admit(attempt, signal as AbortSignal);
    },
    release: (attempt, cut) => told.push(cut ? 'cut' : (attempt?.reason ?? null)),
    mayHaveMoved: () => moved,
    downtime: () => downtime,
  };
}

describe('the gate before each attempt', () => {
  it('is asked with the moments of the probe, and told what each attempt came to', async () => {
    const { clock, prober, adapter, controller } = rig(inOrder('orphaned', 'silent', 'delivered'));
    const gate = spyGate(() => SEND);
    await clock.advance(1_000);
    const order = orderWith(adapter, {}, { ha: true });
    expect(await clock.drive(prober.probe(order, controller.signal, gate))).toMatchObject({ reason: 'delivered' });
    const moments = { probeStartedAtMs: 1_000, lastMomentAtMs: 7_000, deadlineAtMs: 9_000 };
    expect(gate.asked).toEqual([1, 2, 3].map((n) => ({ n, confirms: n === 2, ...moments })));
    expect(gate.told).toEqual(['chat_server_not_found', 'timeout', 'delivered']);
  });

  it('may keep an attempt waiting: the attempt then gets the time that is left', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const gate = spyGate((_asked, signal) => wait(clock, 7_000, signal).then(() => SEND));
    await clock.drive(prober.probe(orderWith(adapter), controller.signal, gate));
    expect(adapter.seen).toMatchObject([{ atMs: 7_000, timeoutMs: 1_000 }]);
  });

  it('may end the probe with what another has proved, by the rules of the target', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const answered = async (onChatServerDown: 'stop' | 'route') =>
      clock.drive(
        prober.probe(
          orderWith(adapter, {}, { onChatServerDown }),
          controller.signal,
          spyGate(() => CANARY, { downtime: { isKnown: false, provenForMs: 1_000 } }),
        ),
      );
    const result = { evidence: 'orphaned', reason: 'chat_server_not_found', degraded: true, servedBy: 'canary', attempts: [] };
    expect(await answered('stop')).toMatchObject({ ...result, verdict: 'stop' });
    expect(await answered('route')).toMatchObject({ ...result, verdict: 'route', recheckAfterMs: 5_000 });
    expect(adapter.seen).toEqual([]);
  });

  it('what another has proved does not wear the fault of an attempt of one’s own', async () => {
    const { clock, prober, adapter, controller } = rig(always('other_fault'));
    const gate = spyGate(({ n }) => (n === 1 ? SEND : { kind: 'answer', reason: 'fault_unrecognised', servedBy: 'canary' }));
    const result = await clock.drive(prober.probe(orderWith(adapter), controller.signal, gate));
    expect(result).toMatchObject({ servedBy: 'canary', reason: 'fault_unrecognised', faultCode: null, faultString: null });
    expect(result?.attempts).toMatchObject([{ faultCode: '999' }]);
  });

  it('is asked about a confirmation only with high availability, and only after an answer that it may turn', async () => {
    const policy = { ...BUILT_IN_POLICIES.inline, attempts: 5 };
    const confirming = async (isHa: boolean) => {
      const { clock, prober, adapter, controller } = rig(inOrder('orphaned', 'dead', 'refused', 'orphaned', 'delivered'));
      const gate = spyGate(() => SEND);
      await clock.drive(prober.probe(orderWith(adapter, { policy }, { ha: isHa }), controller.signal, gate));
      return gate.asked.map(({ confirms }) => confirms);
    };
    // Fault 100 of a server that was down in the same probe proves nothing.
    expect(await confirming(true)).toEqual([false, true, false, false, true]);
    expect(await confirming(false)).toEqual([false, false]);
  });

  it('may know that the server has been down for long: one more answer ends the probe', async () => {
    const { clock, prober, adapter, controller } = rig(always('orphaned'));
    const probed = (onChatServerDown: 'auto' | 'stop' | 'route', provenForMs = 60_000) =>
      clock.drive(
        prober.probe(
          orderWith(adapter, {}, { onChatServerDown }),
          controller.signal,
          spyGate(() => SEND, { downtime: { isKnown: true, provenForMs } }),
        ),
      );
    const ended = { reason: 'chat_server_not_found', isKnownDown: true, servedBy: 'probe', elapsedMs: 10, attempts: [{ n: 1 }] };
    expect(await probed('auto')).toMatchObject({ ...ended, verdict: 'stop' });
    expect(await probed('stop')).toMatchObject({ ...ended, verdict: 'stop' });
    expect(await probed('route')).toMatchObject({ ...ended, verdict: 'route' });
    expect(await probed('auto', 0)).toMatchObject({ ...ended, reason: 'unconfirmed', verdict: 'route' });
    expect(adapter.seen).toHaveLength(4);
  });

  it('is asked how long a server has been down only of one that was not found', async () => {
    const { clock, prober, adapter, controller } = rig(always('dead'));
    const gate = spyGate(() => SEND, { downtime: { isKnown: true, provenForMs: 60_000 } });
    const result = await clock.drive(prober.probe(orderWith(adapter), controller.signal, gate));
    expect(result).toMatchObject({ verdict: 'stop', isKnownDown: false, attempts: [{}, {}, {}] });
  });

  it('may end the probe for a reason of our own, before or after an attempt', async () => {
    const { clock, prober, adapter, controller } = rig(always('dead'));
    const refusing = (from: number) =>
      spyGate(({ n }) => (n < from ? SEND : { kind: 'answer', reason: 'retry_suppressed', servedBy: 'none' }));
    const ended = { verdict: 'route', evidence: 'unknown', reason: 'retry_suppressed', faultCode: null };
    expect(await clock.drive(prober.probe(orderWith(adapter), controller.signal, refusing(1)))).toMatchObject({
      ...ended,
      servedBy: 'none',
    });
    expect(await clock.drive(prober.probe(orderWith(adapter), controller.signal, refusing(2)))).toMatchObject({
      ...ended,
      servedBy: 'probe',
    });
  });

  it('is told that nothing was sent where the admission came too late', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const gate = spyGate((_asked, signal) => wait(clock, 7_951, signal).then(() => SEND));
    const result = await clock.drive(prober.probe(orderWith(adapter), controller.signal, gate));
    expect(result).toMatchObject({ reason: 'deadline', servedBy: 'none' });
    expect([adapter.seen, gate.told]).toEqual([[], [null]]);
  });

  it('has 50 ms left for the last admission', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const gate = spyGate((_asked, signal) => wait(clock, 7_950, signal).then(() => SEND));
    expect(await clock.drive(prober.probe(orderWith(adapter), controller.signal, gate))).toMatchObject({ reason: 'delivered' });
  });

  it.each([
    ['hangs up', undefined, null],
    ['is cut by a drain', DRAINING, { verdict: 'route', reason: 'draining' }],
  ])('a caller who %s while an attempt is kept waiting ends the probe at once, and nothing is sent', async (_what, why, expected) => {
    const { clock, prober, adapter, controller, events } = rig(always('delivered'));
    const gate = spyGate((_asked, signal) => wait(clock, 5_000, signal).then(() => SEND));
    const outcome = prober.probe(orderWith(adapter), controller.signal, gate);
    await clock.advance(100);
    controller.abort(why);
    const result = await clock.drive(outcome);
    if (expected === null) expect(result).toBeNull();
    else expect(result).toMatchObject(expected);
    expect([clock.nowMs(), adapter.seen, gate.told]).toEqual([100, [], [null]]);
    expect(events.filter(({ type }) => type === 'probe_finished' || type === 'probe_cancelled')).toHaveLength(1);
  });

  it('that answers an aborted probe does not give it a verdict', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const gate = spyGate((_asked, signal) => wait(clock, 5_000, signal).then(() => CANARY));
    const outcome = prober.probe(orderWith(adapter), controller.signal, gate);
    controller.abort();
    expect(await clock.drive(outcome)).toBeNull();
    expect(gate.told).toEqual([]);
  });

  it('is told of an attempt that was cut short', async () => {
    const { clock, prober, adapter, controller } = rig(always('silent'));
    const gate = spyGate(() => SEND);
    const outcome = prober.probe(orderWith(adapter), controller.signal, gate);
    await clock.advance(100);
    controller.abort();
    await clock.drive(outcome);
    expect(gate.told).toEqual(['cut']);
  });

  it('is not asked about an interaction that is closed', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const gate = spyGate(() => SEND);
    await clock.drive(prober.probe(orderWith(adapter, { isOffline: true }), controller.signal, gate));
    expect(gate.asked).toEqual([]);
  });

  it('may know that the session has moved, so that fault 100 proves nothing', async () => {
    const { clock, prober, adapter, controller } = rig(always('dead'));
    const probed = (moved: boolean) =>
      clock.drive(
        prober.probe(
          orderWith(adapter),
          controller.signal,
          spyGate(() => SEND, { moved }),
        ),
      );
    expect(await probed(true)).toMatchObject({ verdict: 'route', evidence: 'unknown', reason: 'session_may_have_moved' });
    expect(await probed(false)).toMatchObject({ verdict: 'stop', reason: 'session_not_found' });
  });

  it('is told that nothing was made of an attempt whose adapter answers what no adapter may', async () => {
    const { clock, prober, adapter, controller } = rig(always('delivered'));
    const gate = spyGate(() => SEND);
    const lying = { ...adapter, send: () => Promise.resolve(undefined as never) };
    const result = await clock.drive(prober.probe(orderWith(lying), controller.signal, gate));
    expect(result).toMatchObject({ verdict: 'route', reason: 'internal_error' });
    expect(gate.told).toEqual([null]);
  });

  it('that breaks is a fault of ours: route', async () => {
    const { clock, prober, adapter, controller, events } = rig(always('dead'));
    const gate = spyGate(() => {
      throw new Error('gate bug');
    });
    const result = await clock.drive(prober.probe(orderWith(adapter), controller.signal, gate));
    expect(result).toMatchObject({ verdict: 'route', reason: 'internal_error' });
    expect(events).toContainEqual({ type: 'fault', requestId: 'request-1', fault: new Error('gate bug') });
  });
});
