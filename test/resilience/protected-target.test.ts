import { describe, expect, it } from 'vitest';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { EnforcementSettings } from '../../src/resilience/settings.ts';
import { isEnforced } from '../../src/resilience/stop-filters/filter-stop.ts';
import { CALM } from '../support/samples.ts';
import { outageRig } from './resilience-rig.ts';

const CONTROLS = {
  intervalMs: 1_000,
  absent: { interactionId: 'never-was', chatServer: null },
  live: { interactionId: 'known', chatServer: null },
};

describe('a watched target', () => {
  it('answers with the verdict that its probe came to', async () => {
    const { ask, answers, sent } = outageRig();
    answers.set('dead-chat', 'dead');
    expect(await ask('live-chat')).toMatchObject({ verdict: 'route', evidence: 'alive', probeId: 'probe of live-chat', guarded: false });
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'stop', evidence: 'dead', shadowVerdict: null });
    expect(sent).toEqual(['live-chat', 'dead-chat']);
  });

  it('stands as nothing has happened yet', () => {
    expect(outageRig().outage.state('east')).toEqual({ ...CALM, delivered: false });
  });

  it('tells of a delivery and of what is enforced', async () => {
    const { ask, outage } = outageRig({ enforcement: { shadow: true, enforcePercent: 7 } });
    await ask('live-chat');
    expect(outage.state('east')).toMatchObject({ delivered: true, shadow: true, enforcePercent: 7 });
    expect(outage.state('west')).toMatchObject({ delivered: false });
  });

  it('answers at once without sending when told to decline', () => {
    const { outage, order, sent } = outageRig({ enforcement: { shadow: true } });
    expect(outage.decline(order('some-chat'), 'draining')).toMatchObject({
      verdict: 'route',
      reason: 'draining',
      servedBy: 'none',
      probeId: 'probe of some-chat',
      guarded: false,
      shadowVerdict: 'route',
    });
    expect(sent).toEqual([]);
  });

  it('stops an interaction whose own data say that it is closed no more often than any other, however far apart', async () => {
    const MINUTE_MS = 60_000;
    const { clock, ask, told } = outageRig({ outage: { stopsPerInteraction: 2, messageWindowMs: 10 * MINUTE_MS } });
    const verdicts: unknown[] = [];
    for (const atMinute of [0, 9, 9.1, 10.3, 10.4]) {
      await clock.advance(atMinute * MINUTE_MS - clock.nowMs());
      // With each new chat some are forgotten whose last question lies back longer than the window.
      await ask(`another at ${atMinute}`, { isOffline: true });
      verdicts.push((await ask('closed-chat', { isOffline: true }))?.verdict);
    }
    expect(verdicts).toEqual(['stop', 'stop', 'route', 'stop', 'route']);
    expect(told('stop_withheld')).toMatchObject([{ because: 'repeated' }, { because: 'repeated' }]);
  });

  it('answers null to a caller who goes away, and judges nothing', async () => {
    const { clock, outage, order, answers, events } = outageRig({ guard: { requireDelivery: true } });
    answers.set('some-chat', 'dead');
    const caller = createCancelController();
    const answer = outage.ask(order('some-chat'), caller.signal);
    await clock.advance(5);
    caller.abort('gone');
    expect(await clock.drive(answer)).toBeNull();
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'request_abandoned', 'attempt_cancelled', 'probe_cancelled']);
  });

  it('tells those who could not wait for a shared probe what is hidden from them, where anything is', async () => {
    const shadowVerdictOf = async (enforcement: Partial<EnforcementSettings>) => {
      const { clock, outage, order } = outageRig({ enforcement });
      const { signal } = createCancelController();
      const first = outage.ask(order('some-chat'), signal);
      const joined = outage.ask(order('some-chat', { policy: { ...BUILT_IN_POLICIES.inline, deadlineMs: 5 } }), signal);
      const answer = await clock.drive(joined);
      await clock.drive(first);
      expect(answer).toMatchObject({ verdict: 'route', reason: 'deadline' });
      return answer?.shadowVerdict;
    };
    expect(await shadowVerdictOf({})).toBeNull();
    expect(await shadowVerdictOf({ shadow: true })).toBe('route');
    expect(await shadowVerdictOf({ enforcePercent: 0 })).toBe('route');
    expect(await shadowVerdictOf({ enforcePercent: 50 })).toBe(
      isEnforced({ shadow: false, enforcePercent: 50 }, 'some-chat') ? null : 'route',
    );
  });

  it('routes where the judgement breaks, and tells of the fault', async () => {
    const { ask, answers, told } = outageRig({ enforcement: { shadow: true }, breaksAt: 'stop_withheld' });
    answers.set('dead-chat', 'dead');
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'route', reason: 'internal_error' });
    expect(told('fault')).toEqual([{ type: 'fault', requestId: 'request-1', fault: new Error('observer bug') }]);
  });

  it('shares the proof of one probe with those who ask after it, and says so in its name', async () => {
    const { ask, told } = outageRig();
    await ask('live-chat');
    expect(await ask('live-chat', { probeId: 'another' })).toMatchObject({ servedBy: 'recent', probeId: 'probe of live-chat' });
    expect(told('message_saved')).toEqual([{ type: 'message_saved', target: 'east', by: 'recent' }]);
  });
});

describe('each answer', () => {
  it('is told once, with what was answered, what was found out and what spoke against it', async () => {
    const { clock, outage, order, answers, told } = outageRig({ guard: { requireDelivery: true } });
    answers.set('dead-chat', 'dead');
    const { signal } = createCancelController();
    const own = outage.ask(order('dead-chat'), signal);
    const joined = outage.ask(order('dead-chat', { probeId: 'joined', requestId: 'request-2' }), signal);
    await clock.drive(Promise.all([own, joined]));
    outage.decline(order('some-chat'), 'overloaded');
    const withheld = { answer: { verdict: 'route', evidence: 'dead' }, computed: 'stop', withheld: 'no_delivery', simulated: false };
    expect(told('probe_answered')).toMatchObject([
      { ...withheld, probe: { requestId: 'request-1' }, probeId: 'probe of dead-chat', answer: { servedBy: 'probe' } },
      { ...withheld, probe: { requestId: 'request-2' }, probeId: 'probe of dead-chat', answer: { servedBy: 'coalesced' } },
      { answer: { verdict: 'route', reason: 'overloaded' }, computed: 'route', withheld: null, probeId: 'probe of some-chat' },
    ]);
  });

  it('is told as the caller gets it where the judgement breaks', async () => {
    const { ask, answers, told } = outageRig({ enforcement: { shadow: true }, breaksAt: 'stop_withheld' });
    answers.set('dead-chat', 'dead');
    await ask('dead-chat');
    expect(told('probe_answered')).toMatchObject([
      { answer: { verdict: 'route', reason: 'internal_error' }, computed: 'stop', withheld: null, shadowVerdict: 'route' },
    ]);
  });
});

describe('stops that are withheld', () => {
  it('are told with the probe and the reason', async () => {
    const { ask, answers, told } = outageRig({ guard: { requireDelivery: true } });
    answers.set('dead-chat', 'dead');
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'route', guarded: true });
    expect(told('stop_withheld')).toEqual([
      { type: 'stop_withheld', because: 'no_delivery', probe: expect.objectContaining({ interactionId: 'dead-chat', target: 'east' }) },
    ]);
  });

  it('pass once a message was delivered to any chat of the target', async () => {
    const { ask, answers, told } = outageRig({ guard: { requireDelivery: true } });
    answers.set('dead-chat', 'dead');
    await ask('live-chat');
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'stop' });
    expect(told('stop_withheld')).toEqual([]);
  });

  it('are those of one target, whatever became of the stops of another', async () => {
    const { ask, answers, outage, told, west } = outageRig({ guard: { verdicts: 1 } });
    answers.set('dead-chat', 'dead');
    await ask('dead-chat');
    expect(outage.state('east').guard).toBe('tripped');
    expect(outage.state('west').guard).toBe('watching');
    expect(told('guard_changed')).toEqual([{ type: 'guard_changed', target: 'east', state: 'tripped' }]);
    await ask('live-chat', west);
    expect(outage.state('west').delivered).toBe(true);
    expect(outage.state('east').delivered).toBe(false);
  });

  it('pass for the minutes that an operator lets them', async () => {
    const { clock, ask, answers, outage } = outageRig({ guard: { verdicts: 1 } });
    answers.set('dead-chat', 'dead');
    await ask('dead-chat');
    expect(outage.release('east', 10)).toEqual({ state: 'released', releasedForMs: 600_000 });
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'stop', guarded: false });
    await clock.advance(599_980);
    expect(outage.state('east').guard).toBe('released');
    await clock.advance(10);
    expect(outage.state('east').guard).toBe('tripped');
  });

  it('pass no longer than that, which is told when it comes, whether or not anybody asks, and once', async () => {
    const { clock, outage, told } = outageRig();
    outage.release('east', 10);
    await clock.advance(60_000);
    outage.release('east', 10);
    await clock.advance(599_999);
    expect(told('guard_changed')).toMatchObject([{ state: 'released' }]);
    await clock.advance(1);
    expect(told('guard_changed')).toMatchObject([{ state: 'released' }, { state: 'watching' }]);
    outage.release('east', 10);
    outage.close();
    expect(clock.pending()).toBe(0);
  });

  it('of a server that fell while others answer are told as restoring', async () => {
    const { ask, answers, told } = outageRig({ rules: { ha: true, onChatServerDown: 'stop' } });
    await ask('first', { chatServer: 'A' });
    await ask('second', { chatServer: 'B' });
    answers.set('orphan', 'orphaned');
    expect(await ask('orphan', { chatServer: 'A' })).toMatchObject({ verdict: 'route', evidence: 'orphaned', guarded: true });
    expect(told('stop_withheld')).toMatchObject([{ because: 'restoring' }]);
  });

  it('of a verdict that is not enforced are told as shadow', async () => {
    const { ask, answers, told } = outageRig({ enforcement: { shadow: true } });
    answers.set('dead-chat', 'dead');
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'route', guarded: false, shadowVerdict: 'stop' });
    expect(told('stop_withheld')).toMatchObject([{ because: 'shadow' }]);
  });
});

describe('control probes', () => {
  it('ask for every target from the start on, and are no findings about chats', async () => {
    const { clock, outage, answers, sent, events, told } = outageRig({ controls: CONTROLS });
    answers.set('never-was', 'dead');
    await clock.advance(5_000);
    expect(sent).toEqual([]);
    outage.start();
    await clock.advance(50);
    expect(sent).toEqual(['never-was', 'known', 'never-was', 'known']);
    expect(told('control_answered')).toHaveLength(4);
    expect(told('control_answered')).toContainEqual({ type: 'control_answered', target: 'west', control: 'absent', state: 'right' });
    expect(told('control_answered')).toContainEqual({ type: 'control_answered', target: 'east', control: 'live', state: 'right' });
    expect(events).toHaveLength(4);
    expect(outage.state('east').controls).toEqual({ absent: 'right', live: 'right' });
    outage.close();
  });

  it.each([
    ['live', 'delivered', true],
    ['live', 'dead', false],
    ['absent', 'dead', false],
    ['absent', 'delivered', false],
  ] as const)('about the %s one, answered %s, count as a delivery: %s', async (control, answer, delivered) => {
    const { clock, outage, answers } = outageRig({ controls: { ...CONTROLS, absent: null, live: null, [control]: CONTROLS[control] } });
    answers.set(CONTROLS[control].interactionId, answer);
    outage.start();
    await clock.advance(50);
    expect(outage.state('east').delivered).toBe(delivered);
    outage.close();
  });

  it('with a wrong answer withhold stops', async () => {
    const { clock, outage, ask, answers, told } = outageRig({ controls: CONTROLS });
    answers.set('dead-chat', 'dead');
    outage.start();
    await clock.advance(50);
    expect(await ask('dead-chat')).toMatchObject({ verdict: 'route', guarded: true });
    expect(told('stop_withheld')).toMatchObject([{ because: 'controls' }]);
    outage.close();
  });

  it('end when the watch does', async () => {
    const { clock, outage, sent } = outageRig({ controls: CONTROLS });
    outage.start();
    await clock.advance(50);
    outage.close();
    outage.close();
    await clock.advance(60_000);
    expect(sent).toHaveLength(4);
    expect(clock.pending()).toBe(0);
  });
});

describe('what is in trouble', () => {
  const slow: Partial<ProbeOrder> = { chatServer: 'A' };

  it('is the Chat Server of one target, whose probes wait, while those of another ask', async () => {
    const { clock, outage, order, answers, told, west } = outageRig();
    for (const id of ['one', 'two', 'three']) answers.set(id, 'orphaned');
    const { signal } = createCancelController();
    const asked = ['one', 'two', 'three'].map((id) => outage.ask(order(id, slow), signal));
    await clock.advance(1_100);
    expect(told('server_changed')).toEqual([{ type: 'server_changed', target: 'east', chatServer: 'A', from: 'healthy', to: 'suspect' }]);
    expect(outage.state('east')).toMatchObject({ serversDown: 1, probesParked: 2 });
    expect(outage.state('west')).toMatchObject({ serversDown: 0, probesParked: 0 });
    expect(await clock.drive(outage.ask(order('live-chat', { ...slow, ...west }), signal))).toMatchObject({ servedBy: 'probe' });
    await clock.drive(Promise.all(asked));
    expect(outage.state('east').probesParked).toBe(0);
  });

  it('lets those who wait go with the watch', async () => {
    const { clock, outage, order, answers } = outageRig();
    for (const id of ['one', 'two']) answers.set(id, 'orphaned');
    const { signal } = createCancelController();
    const asked = ['one', 'two'].map((id) => outage.ask(order(id, slow), signal));
    await clock.advance(1_200);
    expect(outage.state('east').probesParked).toBeGreaterThan(0);
    outage.close();
    expect(outage.state('east').probesParked).toBe(0);
    await clock.drive(Promise.all(asked));
  });

  it('is a Chat Server for which nobody begins to wait while the gateway keeps failing', async () => {
    const { clock, ask, outage, order, answers } = outageRig();
    const { signal } = createCancelController();
    for (const id of ['one', 'two']) answers.set(id, 'orphaned');
    const refused = Array.from({ length: 20 }, (_, n) => `refused-${n}`);
    for (const id of refused) answers.set(id, 'auth');
    const first = outage.ask(order('one', slow), signal);
    // Its retry was the canary; the next one is not due for half a second.
    await clock.advance(1_020);
    await Promise.all(refused.map((id) => ask(id, { chatServer: 'B' })));
    await clock.advance(10);
    const askedAtMs = clock.nowMs();
    expect(await outage.ask(order('two', slow), signal)).toMatchObject({ reason: 'gateway_open', verdict: 'route', servedBy: 'none' });
    expect([clock.nowMs(), outage.state('east')]).toEqual([askedAtMs, expect.objectContaining({ gatewayOpen: true, probesParked: 0 })]);
    expect(await ask('live-chat', { chatServer: 'B' })).toMatchObject({ reason: 'delivered' });
    const waiting = outage.ask(order('two', slow), signal);
    expect(outage.state('east')).toMatchObject({ gatewayOpen: false, probesParked: 1 });
    await clock.drive(Promise.all([first, waiting]));
  });

  it('is the gateway of one target, for which nobody waits', async () => {
    const { clock, ask, outage, order, answers, told } = outageRig();
    answers.set('orphan', 'orphaned');
    const { signal } = createCancelController();
    const parked = ['orphan', 'other', 'third'].map((id) => outage.ask(order(id, slow), signal));
    answers.set('other', 'orphaned').set('third', 'orphaned');
    await clock.advance(1_100);
    expect(outage.state('east').probesParked).toBeGreaterThan(0);
    const failures = Array.from({ length: 20 }, (_, n) => `refused-${n}`);
    for (const id of failures) answers.set(id, 'auth');
    await Promise.all(failures.map((id) => ask(id, { chatServer: 'B' })));
    expect(told('gateway_changed')).toEqual([{ type: 'gateway_changed', target: 'east', open: true }]);
    expect(outage.state('east')).toMatchObject({ gatewayOpen: true, probesParked: 0 });
    expect(outage.state('west').gatewayOpen).toBe(false);
    expect((await clock.drive(Promise.all(parked))).map((answer) => answer?.reason)).toContain('gateway_open');
    expect(told('message_saved')).toContainEqual({ type: 'message_saved', target: 'east', by: 'gateway_open' });
  });
});
