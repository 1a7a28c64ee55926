import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/probe/adapter.ts';
import { ADMIT_ALL, type AdmissionControl } from '../../src/probe/admission.ts';
import type { Attempt } from '../../src/probe/attempt.ts';
import { LEFT_OUT } from '../../src/probe/echo.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { createProber, DRAINING } from '../../src/probe/prober.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { always, inOrder, rig } from '../support/probe-run.ts';
import { orderWith, REQUEST } from '../support/samples.ts';
import { adapterThat, outcomeOf, scriptedAdapter } from '../support/scripted-adapter.ts';

const { inline, ha } = BUILT_IN_POLICIES;

describe('sends', () => {
  it('once where the first message is delivered', async () => {
    const { run, adapter, clock } = rig(always('delivered'));
    expect(await run()).toMatchObject({
      verdict: 'route',
      evidence: 'alive',
      reason: 'delivered',
      degraded: false,
      servedBy: 'probe',
      elapsedMs: 10,
    });
    expect(adapter.seen).toHaveLength(1);
    expect(clock.nowMs()).toBe(10);
  });

  it('the message of the target to the named server, with the id under every id key', async () => {
    const { run, adapter } = rig(always('delivered'));
    const others = { interactionid: 'the caller cannot say', ID: 'nor so' };
    await run({ userData: { ServiceType: 'chat', ...others, Nested: { a: 1 } }, chatServer: 'ChatServer_9' });
    expect(adapter.seen[0]).toEqual({
      atMs: 0,
      timeoutMs: 2_000,
      request: {
        referenceId: 1,
        appName: 'ChatServer_9',
        messageText: '[probe]',
        messageType: null,
        visibility: 'VIP',
        userData: { ServiceType: 'chat', Nested: { a: 1 }, InteractionId: '0006Ka9HFHRR0T2B', Id: '0006Ka9HFHRR0T2B' },
      },
    });
  });

  it('text, type and visibility as the target has them', async () => {
    const { run, adapter } = rig(always('delivered'));
    const { target } = orderWith(adapter);
    await run({ target: { ...target, message: { text: 'still there?', type: 'probe', visibility: 'INT', idKeys: ['Id'] } } });
    expect(adapter.seen[0]?.request).toMatchObject({
      messageText: 'still there?',
      messageType: 'probe',
      visibility: 'INT',
      userData: { Id: '0006Ka9HFHRR0T2B' },
    });
    expect(adapter.seen[0]?.request.userData).not.toHaveProperty('InteractionId');
  });

  it('the true id whatever the caller put in its place', async () => {
    const { run, adapter } = rig(always('delivered'));
    await run({ userData: { InteractionId: 'forged', Id: 'forged' } });
    expect(adapter.seen[0]?.request.userData).toEqual({ InteractionId: '0006Ka9HFHRR0T2B', Id: '0006Ka9HFHRR0T2B' });
  });

  it('a fresh reference id each time', async () => {
    const { run, adapter } = rig(always('orphaned'));
    await run();
    expect(adapter.seen.map(({ request }) => request.referenceId)).toEqual([1, 2, 3]);
  });

  it('nothing where the session is closed already', async () => {
    const { run, adapter, events } = rig(always('delivered'));
    expect(await run({ isOffline: true })).toMatchObject({
      verdict: 'stop',
      evidence: 'closed',
      reason: 'session_offline',
      degraded: false,
      servedBy: 'none',
    });
    expect(adapter.seen).toHaveLength(0);
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'probe_finished']);
  });
});

describe('with high availability', () => {
  it('stops only when the last attempt, at the pin, still finds no session', async () => {
    const { run, adapter } = rig(always('dead'));
    expect(await run()).toMatchObject({
      verdict: 'stop',
      evidence: 'dead',
      reason: 'session_not_found',
      faultCode: '100',
      recheckAfterMs: null,
      elapsedMs: 6_010,
    });
    expect(adapter.seen.map(({ atMs }) => atMs)).toEqual([0, 3_005, 6_000]);
  });

  it('covers 53 s with the policy ha', async () => {
    const { run, adapter } = rig(always('orphaned', 0));
    expect(await run({ policy: ha }, { onChatServerDown: 'auto' })).toMatchObject({
      verdict: 'stop',
      evidence: 'orphaned',
      degraded: true,
    });
    expect(adapter.seen.map(({ atMs }) => Math.round(atMs))).toEqual([0, 10_600, 21_200, 31_800, 42_400, 53_000]);
  });

  it('routes a chat that comes back while it is asking', async () => {
    const { run, adapter } = rig(inOrder('orphaned', 'orphaned', 'delivered'));
    expect(await run()).toMatchObject({
      verdict: 'route',
      evidence: 'alive',
      attempts: [{ n: 1 }, { n: 2 }, { n: 3, reason: 'delivered' }],
    });
    expect(adapter.seen).toHaveLength(3);
  });

  it('does not take the death of a restarted server for the death of the chat', async () => {
    const { run } = rig(inOrder('orphaned', 'dead', 'dead'));
    expect(await run()).toMatchObject({
      verdict: 'route',
      evidence: 'unknown',
      reason: 'session_may_have_moved',
      degraded: true,
      recheckAfterMs: 2_000,
    });
  });

  it('stands by a server that is down at the end, whatever came before', async () => {
    const { run } = rig(inOrder('orphaned', 'dead', 'orphaned'));
    expect(await run({}, { onChatServerDown: 'stop' })).toMatchObject({ verdict: 'stop', reason: 'chat_server_not_found' });
  });

  it('does not stop where the last attempt cannot tell', async () => {
    const { run } = rig(inOrder('dead', 'dead', 'refused'));
    expect(await run()).toMatchObject({
      verdict: 'route',
      evidence: 'unknown',
      reason: 'connect_refused',
      faultCode: null,
      faultString: null,
    });
  });
});

describe('without high availability', () => {
  it('stops on the first proof', async () => {
    const { run, adapter } = rig(always('dead'));
    expect(await run({}, { ha: false })).toMatchObject({ verdict: 'stop', evidence: 'dead', elapsedMs: 10 });
    expect(adapter.seen).toHaveLength(1);
  });

  it('gives a server that is down plain pauses to come back', async () => {
    const { run, adapter } = rig(always('orphaned'), [0, 0.5]);
    expect(await run({}, { ha: false })).toMatchObject({ verdict: 'stop', evidence: 'orphaned' });
    expect(adapter.seen.map(({ atMs }) => atMs)).toEqual([0, 1_010, 1_920]);
  });
});

describe('trouble on the way', () => {
  it('is retried with plain pauses and never becomes a stop', async () => {
    const { run, adapter } = rig(always('refused'));
    expect(await run()).toMatchObject({ verdict: 'route', degraded: true, reason: 'connect_refused', recheckAfterMs: 5_000 });
    expect(adapter.seen.map(({ atMs }) => atMs)).toEqual([0, 1_010, 2_020]);
  });

  it('is not retried where somebody must mend it', async () => {
    const { run, adapter } = rig(always('auth'));
    expect(await run()).toMatchObject({ verdict: 'route', reason: 'gateway_auth', recheckAfterMs: null });
    expect(adapter.seen).toHaveLength(1);
  });

  it('honours the time the gateway asks for', async () => {
    const { run, adapter } = rig([
      { afterMs: 0, answer: { busyMs: 2_500 } },
      { afterMs: 0, answer: 'delivered' },
    ]);
    expect(await run()).toMatchObject({ reason: 'delivered' });
    expect(adapter.seen.map(({ atMs }) => atMs)).toEqual([0, 2_500]);
  });

  it('ends early where the gateway asks for more time than there is', async () => {
    const { run } = rig(always({ busyMs: 60_000 }));
    expect(await run()).toMatchObject({ reason: 'gateway_busy', recheckAfterMs: 60_000, elapsedMs: 10 });
  });

  it('takes an answer to another message for no answer', async () => {
    const { run } = rig(always('mismatch'));
    expect(await run()).toMatchObject({ verdict: 'route', reason: 'reply_mismatch' });
  });
});

describe('answers that the table does not know', () => {
  it.each(['other_fault', 'other_error'] as const)('are retried and routed: %s', async (answer) => {
    const { run, adapter } = rig(always(answer));
    expect(await run()).toMatchObject({ verdict: 'route', evidence: 'unknown', degraded: true });
    expect(adapter.seen).toHaveLength(3);
  });

  it('stop where the target says so', async () => {
    const { run } = rig(always('other_fault'));
    expect(await run({}, { onUnrecognised: 'stop' })).toMatchObject({
      verdict: 'stop',
      reason: 'fault_unrecognised',
      faultCode: '999',
      degraded: true,
    });
  });
});

describe('an answer that repeats what was sent', () => {
  const userData = { Name: 'Erika Mustermann', Nested: { Card: '4111111111111111' } };
  const clock = createVirtualClock();
  const ask = async (reply: object) => {
    const adapter = adapterThat(async ({ referenceId }) => {
      const outcome = outcomeOf('dead', { ...REQUEST, referenceId });
      return outcome.kind === 'reply' ? { kind: 'reply', reply: { ...outcome.reply, ...reply } } : outcome;
    });
    const prober = createProber({ clock, random: () => 0, nextReferenceId: () => 7, observe: () => undefined });
    const result = await clock.drive(prober.probe(orderWith(adapter, { userData }, { ha: false }), new AbortController().signal));
    return { reason: result?.reason, record: result?.attempts[0] };
  };

  it('is proof for what it says, and is kept without the user data', async () => {
    const { reason, record } = await ask({ faultString: 'no session of Erika Mustermann' });
    expect([reason, record?.faultString]).toEqual(['session_not_found', `no session of ${LEFT_OUT}`]);
  });

  it.each([
    [{ faultCode: '4111111111111111' }, { faultCode: LEFT_OUT }],
    [{ kind: 'error', errorCode: 9, errorMessage: 'bad "Card"' }, { errorMessage: `bad ${LEFT_OUT}` }],
  ])('is kept without it wherever it stands: %j', async (reply, kept) => {
    expect((await ask(reply)).record).toMatchObject(kept);
  });
});

describe('time', () => {
  it('is counted from the start of the probe, whatever the clock says then', async () => {
    const { clock, run } = rig(inOrder('refused', 'delivered'));
    await clock.advance(60_000);
    expect(await run()).toMatchObject({
      elapsedMs: 1_020,
      attempts: [
        { startedMs: 0, durationMs: 10 },
        { startedMs: 1_010, durationMs: 10 },
      ],
    });
  });

  it('of 50 ms is enough for an attempt', async () => {
    const { start, clock, adapter } = rig(inOrder('refused', 'delivered'));
    const result = start();
    await clock.advance(10);
    clock.stall(7_940);
    expect(await clock.drive(result)).toMatchObject({ reason: 'delivered' });
    expect(adapter.seen).toMatchObject([{ timeoutMs: 2_000 }, { timeoutMs: 50 }]);
  });

  it('a reply that came in while this process hung counts, though its time is over', async () => {
    const { start, clock } = rig([{ afterMs: 2_050, answer: 'delivered' }]);
    const outcome = start();
    await clock.advance(100);
    // Timers come first when it wakes: the one of the attempt before the reply.
    clock.stall(2_500);
    expect(await clock.drive(outcome)).toMatchObject({ reason: 'delivered', elapsedMs: 2_600 });
  });

  it.each([
    [19, 'timeout'],
    [20, 'delivered'],
  ])('a timer %i ms late makes of a reply that waits: %s', async (lateMs, reason) => {
    const { start, clock } = rig([{ afterMs: 2_010, answer: 'delivered' }]);
    const outcome = start({ policy: { ...inline, attempts: 1 } });
    await clock.advance(0);
    clock.stall(2_000 + lateMs);
    expect(await clock.drive(outcome)).toMatchObject({ reason });
  });

  it('an attempt that got no reply while this process hung ends in the next turn', async () => {
    const { start, clock, adapter } = rig([{ afterMs: 0, answer: 'silent' }]);
    const outcome = start({ policy: { ...inline, attempts: 1 } });
    await clock.advance(0);
    clock.stall(2_500);
    expect(await clock.drive(outcome)).toMatchObject({ reason: 'timeout', elapsedMs: 2_500 });
    expect(adapter.seen).toHaveLength(1);
  });

  it('cuts each attempt at its limit and the last at the deadline', async () => {
    const { run, adapter } = rig(always('silent'));
    expect(await run({ policy: { ...inline, pauseMs: 1_500 } })).toMatchObject({ verdict: 'route', reason: 'timeout', elapsedMs: 8_000 });
    expect(adapter.seen.map(({ atMs, timeoutMs }) => [atMs, timeoutMs])).toEqual([
      [0, 2_000],
      [3_500, 2_000],
      [7_000, 1_000],
    ]);
  });

  it('is over for an attempt in the moment that its limit comes, where nothing held us up', async () => {
    const { run } = rig(always('delivered', 2_000));
    expect(await run({ policy: { ...inline, attempts: 1 } })).toMatchObject({ reason: 'timeout', elapsedMs: 2_000 });
  });

  it('is kept even where the adapter does not settle', async () => {
    const { run } = rig(always('stuck'));
    expect(await run({ policy: { ...inline, attempts: 1 } })).toMatchObject({ reason: 'timeout', elapsedMs: 2_020 });
  });

  it('that ran out while nothing was sent is a deadline of its own', async () => {
    const { start, clock, adapter } = rig(always('dead'));
    const result = start();
    await clock.advance(10);
    // The process sleeps through the pause, as a stalled event loop would, and wakes with 49 ms left.
    clock.stall(7_941);
    expect(await clock.drive(result)).toMatchObject({
      verdict: 'route',
      evidence: 'unknown',
      reason: 'deadline',
      faultCode: null,
      attempts: [{ n: 1 }],
    });
    expect(adapter.seen).toHaveLength(1);
  });
});

describe('a caller who hangs up', () => {
  it('before the first send causes none', async () => {
    const { start, adapter, controller, events } = rig(always('delivered'));
    controller.abort();
    expect(await start()).toBeNull();
    expect(adapter.seen).toHaveLength(0);
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'probe_cancelled']);
  });

  it('during a send ends it at once', async () => {
    const { start, clock, adapter, controller, events } = rig(always('silent'));
    const result = start();
    await clock.advance(500);
    controller.abort();
    expect(await result).toBeNull();
    expect(clock.nowMs()).toBe(500);
    expect(adapter.aborted()).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'attempt_cancelled', 'probe_cancelled']);
    await clock.advance(60_000);
    expect(adapter.seen).toHaveLength(1);
  });

  it('during a pause ends it at once, and nothing more is sent', async () => {
    const { start, clock, adapter, controller, events } = rig(always('dead'));
    const result = start();
    await clock.advance(1_000);
    controller.abort();
    expect(await result).toBeNull();
    expect(clock.nowMs()).toBe(1_000);
    await clock.advance(60_000);
    expect(adapter.seen).toHaveLength(1);
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'attempt_finished', 'probe_cancelled']);
  });

  it('is not held up by an adapter that does not settle', async () => {
    const { start, clock, controller } = rig(always('stuck'));
    const result = start();
    await clock.advance(100);
    controller.abort();
    expect(await clock.drive(result)).toBeNull();
    expect(clock.nowMs()).toBe(120);
  });

  it.each([
    ['delivered', ['attempt_finished', 'probe_finished']],
    ['refused', ['attempt_finished', 'probe_cancelled']],
  ] as const)('does not undo an outcome that came together with it: %s', async (answer, told) => {
    const { clock, controller, events, prober } = rig(always('delivered'));
    // The far end's outcome and the abort reach the adapter in the same tick.
    const adapter = adapterThat(
      (request, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(outcomeOf(answer, request)))),
    );
    const result = prober.probe(orderWith(adapter), controller.signal);
    await clock.advance(10);
    controller.abort();
    expect((await result)?.reason ?? null).toBe(answer === 'delivered' ? 'delivered' : null);
    expect(events.map(({ type }) => type)).toEqual(['probe_started', ...told]);
  });

  it.each(['silent', 'stuck', 'dead'] as const)('leaves no timer and no listener behind, whatever the adapter does: %s', async (answer) => {
    const { start, clock, controller } = rig(always(answer));
    const result = start();
    await clock.advance(100);
    controller.abort();
    await clock.drive(result);
    expect(clock.pending()).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

it('a probe that ends by itself leaves no timer and no listener behind', async () => {
  const { run, clock, controller } = rig(inOrder('refused', 'silent', 'delivered'));
  await run();
  expect(clock.pending()).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

describe('what an attempt tells of the message', () => {
  it.each([
    ['refused', false, false],
    ['auth', true, true],
    ['stuck', true, false],
    ['throws', true, false],
    ['delivered', true, false],
  ] as const)('%s: written is %s, rejected %s', async (answer, written, rejected) => {
    const { run } = rig(always(answer));
    expect((await run({ policy: { ...inline, attempts: 1 } }))?.attempts[0]).toMatchObject({ written, rejected });
  });

  it.each([
    ['delivered', {}],
    ['dead', { faultCode: '100', faultString: 'interaction with specified id was not found' }],
    ['orphaned', { errorCode: 1, errorMessage: 'Not found by name' }],
    ['refused', {}],
    ['stuck', {}],
  ] as const)('%s: the words of the answer, in the fields that are theirs', async (answer, words) => {
    const { run } = rig(always(answer));
    const none = { faultCode: null, faultString: null, errorCode: null, errorMessage: null };
    expect((await run({ policy: { ...inline, attempts: 1 } }))?.attempts).toMatchObject([{ ...none, ...words }]);
  });

  it.each([
    ['delivered', null],
    ['refused', 'scripted'],
    ['stuck', 'adapter overdue'],
    ['throws', 'adapter broken'],
  ] as const)('%s: the detail for the person on call is %s', async (answer, detail) => {
    const { run } = rig(always(answer));
    expect((await run({ policy: { ...inline, attempts: 1 } }))?.attempts[0]?.detail).toBe(detail);
  });

  it('no fault of an answer to another message', async () => {
    const foreign: SendOutcome = {
      kind: 'reply',
      reply: { kind: 'fault', referenceId: -1, userData: null, service: 'Chat', faultCode: '100', faultString: 'x' },
    };
    const { clock, prober } = rig(always('delivered'));
    const result = prober.probe(
      orderWith(
        adapterThat(async () => foreign),
        { policy: { ...inline, attempts: 1 } },
      ),
      new AbortController().signal,
    );
    expect(await clock.drive(result)).toMatchObject({
      reason: 'reply_mismatch',
      faultCode: null,
      faultString: null,
      attempts: [{ faultCode: null }],
    });
  });
});

describe('a drain', () => {
  it('during a send answers route at once', async () => {
    const { start, clock, controller, events } = rig(always('silent'));
    const result = start();
    await clock.advance(300);
    controller.abort(DRAINING);
    expect(await result).toMatchObject({
      verdict: 'route',
      evidence: 'unknown',
      reason: 'draining',
      degraded: true,
      attempts: [{ n: 1, reason: 'draining' }],
      elapsedMs: 300,
    });
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'attempt_cancelled', 'probe_finished']);
  });

  it('during a pause answers route, without the proof of the attempt before', async () => {
    const { start, clock, controller } = rig(always('dead'));
    const result = start();
    await clock.advance(300);
    controller.abort(DRAINING);
    expect(await result).toMatchObject({ verdict: 'route', reason: 'draining', faultCode: null, servedBy: 'probe' });
  });
});

describe('a fault of ours', () => {
  it('in the adapter routes, is told, and is not repeated', async () => {
    const { run, adapter, events } = rig(always('throws'));
    expect(await run()).toMatchObject({ verdict: 'route', reason: 'internal_error', degraded: true });
    expect(adapter.seen).toHaveLength(1);
    expect(events.map(({ type }) => type)).toEqual(['probe_started', 'fault', 'attempt_finished', 'probe_finished']);
  });

  it('in the adapter is the same where it throws before it promises anything', async () => {
    const { clock, prober, controller, events } = rig(always('delivered'));
    const order = orderWith(
      adapterThat(() => {
        throw new Error('adapter bug');
      }),
    );
    expect(await clock.drive(prober.probe(order, controller.signal))).toMatchObject({ reason: 'internal_error' });
    expect(events).toContainEqual({ type: 'fault', requestId: 'request-1', fault: new Error('adapter bug') });
    expect(clock.pending()).toBe(0);
  });

  it('in chance itself routes, and the probe still ends', async () => {
    const clock = createVirtualClock();
    const types: string[] = [];
    const prober = createProber({
      clock,
      random: () => {
        throw new Error('no entropy');
      },
      nextReferenceId: () => 1,
      observe: ({ type }) => types.push(type),
    });
    const given: (Attempt | null)[] = [];
    const gate: AdmissionControl = { ...ADMIT_ALL, release: (attempt) => given.push(attempt) };
    const result = prober.probe(orderWith(scriptedAdapter(clock, always('dead'))), new AbortController().signal, gate);
    expect(await clock.drive(result)).toMatchObject({ verdict: 'route', reason: 'internal_error', faultCode: null });
    expect(types).toEqual(['probe_started', 'attempt_finished', 'fault', 'probe_finished']);
    expect(given).toMatchObject([{ reason: 'session_not_found' }]);
  });

  it.each([false, true])('on the way to a send gives back what the gate had admitted, once (which breaks too: %s)', async (breaks) => {
    const clock = createVirtualClock();
    const types: string[] = [];
    const given: (Attempt | null)[] = [];
    const prober = createProber({
      clock,
      random: () => 0,
      nextReferenceId: () => {
        throw new Error('out of numbers');
      },
      observe: ({ type }) => types.push(type),
    });
    const gate: AdmissionControl = {
      ...ADMIT_ALL,
      release(attempt) {
        given.push(attempt);
        if (breaks) throw new Error('bookkeeping bug');
      },
    };
    const result = prober.probe(orderWith(scriptedAdapter(clock, [])), new AbortController().signal, gate);
    expect(await clock.drive(result)).toMatchObject({ verdict: 'route', reason: 'internal_error', attempts: [] });
    expect(given).toEqual([null]);
    expect(types).toEqual(['probe_started', 'fault', ...(breaks ? ['fault'] : []), 'probe_finished']);
  });
});

it.each(['overloaded', 'draining'] as const)('declines with %s at once, without sending, and tells it like any probe', (reason) => {
  const clock = createVirtualClock();
  const adapter = scriptedAdapter(clock, always('delivered'));
  const types: string[] = [];
  const prober = createProber({ clock, random: () => 0, nextReferenceId: () => 1, observe: ({ type }) => types.push(type) });
  expect(prober.decline(orderWith(adapter), reason)).toMatchObject({
    verdict: 'route',
    reason,
    degraded: true,
    servedBy: 'none',
    attempts: [],
    elapsedMs: 0,
  });
  expect(adapter.seen).toHaveLength(0);
  expect(types).toEqual(['probe_started', 'probe_finished']);
});

it('keeps two probes at once apart', async () => {
  const { start, clock } = rig([
    { afterMs: 50, answer: 'dead' },
    { afterMs: 10, answer: 'delivered' },
    { afterMs: 10, answer: 'dead' },
  ]);
  const [first, second] = [start({ probeId: 'a' }, { ha: false }), start({ probeId: 'b' }, { ha: false })];
  expect(await clock.drive(second)).toMatchObject({ verdict: 'route' });
  expect(await clock.drive(first)).toMatchObject({ verdict: 'stop' });
});
