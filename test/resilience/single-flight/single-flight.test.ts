import { describe, expect, it } from 'vitest';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import { BUILT_IN_POLICIES } from '../../../src/probe/policy.ts';
import type { ProbeOrder } from '../../../src/probe/probe-order.ts';
import { DRAINING } from '../../../src/probe/prober.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { NO_FLEET } from '../../../src/resilience/fleet.ts';
import { SingleFlight } from '../../../src/resilience/single-flight/single-flight.ts';
import { orderWith } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';
import { answerWith, type Course, FLIGHT_SETTINGS, flightsRig, within } from './single-flight-rig.ts';

const DEAD: Course = { takesMs: 100, reason: 'session_not_found' };

describe('requests that ask about the same chat at the same time', () => {
  it('share one message and its answer, each with its own waiting time', async () => {
    const { clock, ask, runs, flights } = flightsRig({}, () => DEAD);
    const starter = ask();
    await clock.advance(30);
    const first = ask();
    await clock.advance(30);
    const second = ask();
    expect(flights.size).toBe(1);
    const answer = await clock.drive(starter.answer);
    expect(answer).toEqual(answerWith(runs[0]?.result ?? expect.fail(), 'probe-1'));
    expect(answer).toMatchObject({ verdict: 'stop', faultCode: '100', servedBy: 'probe', probeId: 'probe-1' });
    expect(await first.answer).toEqual({ ...answer, servedBy: 'coalesced', elapsedMs: 70 });
    expect(await second.answer).toEqual({ ...answer, servedBy: 'coalesced', elapsedMs: 40 });
    expect([runs.length, flights.size, clock.pending()]).toEqual([1, 0, 0]);
  });

  it('are told of once each, but for the one that sent', async () => {
    const { clock, ask, events } = flightsRig();
    const starter = ask();
    ask();
    ask({ policyName: 'ha' });
    await clock.drive(starter.answer);
    const request = {
      interactionId: '0006Ka9HFHRR0T2B',
      target: 'default',
      policy: 'inline',
      chatServer: 'ChatServer_1',
      caller: 'workflow',
    };
    expect(events).toEqual([
      { type: 'message_saved', target: 'default', by: 'coalesced' },
      {
        type: 'answer_shared',
        request: { ...request, probeId: 'probe-2', requestId: 'request-2' },
        probeId: 'probe-1',
        servedBy: 'coalesced',
      },
      { type: 'message_saved', target: 'default', by: 'coalesced' },
      {
        type: 'answer_shared',
        request: { ...request, probeId: 'probe-3', requestId: 'request-3', policy: 'ha' },
        probeId: 'probe-1',
        servedBy: 'coalesced',
      },
    ]);
  });

  it('share a run only with those who name the same Chat Server; no name counts as one', async () => {
    const { clock, ask, runs } = flightsRig({}, () => DEAD);
    for (const chatServer of ['ChatServer_1', 'ChatServer_2', null, null, 'ChatServer_2', 'ChatServer_1']) ask({ chatServer });
    await clock.advance(1_000);
    expect(runs.map(({ order, sentAtMs }) => [order.chatServer, sentAtMs])).toEqual([
      ['ChatServer_1', 0],
      ['ChatServer_2', 100],
      [null, 200],
    ]);
  });

  it('still share the run of one name after that of another has ended', async () => {
    const { clock, ask, runs } = flightsRig({}, () => DEAD);
    for (const chatServer of ['ChatServer_1', 'ChatServer_2', 'ChatServer_3']) ask({ chatServer });
    await clock.advance(150);
    ask({ chatServer: 'ChatServer_3' });
    ask({ chatServer: 'ChatServer_2' });
    expect(runs.length).toBe(3);
    await clock.advance(100);
    ask({ chatServer: 'ChatServer_3' });
    expect(runs.length).toBe(3);
    ask({ chatServer: 'ChatServer_2' });
    expect(runs.length).toBe(4);
    await clock.advance(1_000);
  });

  it('do not share with, nor wait for, those that ask about another chat', async () => {
    const { clock, ask, runs } = flightsRig();
    ask({ interactionId: 'A' });
    ask({ interactionId: 'a' });
    await clock.advance(100);
    expect(runs.map(({ endedAtMs }) => endedAtMs)).toEqual([100, 100]);
  });

  it('start anew once the run has ended', async () => {
    const { clock, ask, runs } = flightsRig({}, () => DEAD);
    await clock.drive(ask().answer);
    await clock.drive(ask().answer);
    expect(runs.map(({ result }) => result?.servedBy)).toEqual(['probe', 'probe']);
  });

  it('run each for itself where sharing is switched off, one message at a time all the same', async () => {
    const { clock, ask, runs, mostInFlight } = flightsRig({ coalesce: false }, () => DEAD);
    const asked = [ask(), ask(), ask()];
    await clock.advance(1_000);
    expect(runs.map(({ sentAtMs }) => sentAtMs)).toEqual([0, 100, 200]);
    expect(asked.map(({ settled }) => settled?.answer?.servedBy)).toEqual(['probe', 'probe', 'probe']);
    expect(mostInFlight()).toBe(1);
  });
});

describe('a request whose interaction is closed already', () => {
  it('neither joins a run nor is joined', async () => {
    const { clock, ask, runs, flights } = flightsRig();
    const offline = ask({ isOffline: true });
    const starter = ask();
    const late = ask({ isOffline: true });
    expect(flights.size).toBe(1);
    expect(await late.answer).toMatchObject({ reason: 'session_offline', servedBy: 'probe', probeId: 'probe-3' });
    expect(await offline.answer).toMatchObject({ reason: 'session_offline', probeId: 'probe-1' });
    await clock.drive(starter.answer);
    expect(await ask({ isOffline: true }).answer).toMatchObject({ reason: 'session_offline' });
    expect(runs.length).toBe(4);
  });
});

describe('a request that joined a run', () => {
  it('asks on with the time that is left where the run of a less patient one found no life', async () => {
    const { clock, ask, runs, events } = flightsRig({}, ({ policy }) =>
      policy.deadlineMs === 1_000 ? { ...DEAD, takesMs: 300 } : { reason: 'delivered', takesMs: 200 },
    );
    const hasty = ask(within(1_000));
    await clock.advance(100);
    const [patient, another] = [ask(within(8_000)), ask(within(8_000))];
    await clock.advance(200);
    expect(hasty.settled?.answer).toMatchObject({ verdict: 'stop' });
    expect(runs.map(({ order }) => order.policy.deadlineMs)).toEqual([1_000, 7_800]);
    await clock.advance(200);
    expect(patient.settled?.answer).toMatchObject({ verdict: 'route', reason: 'delivered', servedBy: 'probe', elapsedMs: 300 });
    expect(another.settled?.answer).toMatchObject({ verdict: 'route', servedBy: 'coalesced', elapsedMs: 400 });
    expect(events.filter(({ type }) => type === 'message_saved')).toHaveLength(1);
  });

  it.each([
    [1_049, 1],
    [1_050, 2],
  ])('asks on only if there is time for an attempt (%i ms of patience, %i runs)', async (patienceMs, expected) => {
    const { clock, ask, runs } = flightsRig({}, () => ({ takesMs: 1_000, reason: 'session_not_found' }));
    ask(within(1_000));
    const patient = ask(within(patienceMs));
    await clock.drive(patient.answer);
    expect(runs.length).toBe(expected);
    if (expected === 1) expect(patient.settled?.answer).toMatchObject({ reason: 'session_not_found', servedBy: 'coalesced' });
  });

  it.each([
    ['deadline', 2],
    ['gateway_open', 1],
    ['message_limit', 1],
    ['retry_suppressed', 1],
    ['unconfirmed', 2],
  ] as const)('asks on where the run had no more time, not where the service ended it (%s)', async (reason, expected) => {
    const { clock, ask, runs } = flightsRig({}, () => ({ takesMs: 100, reason }));
    ask(within(1_000));
    const patient = ask(within(8_000));
    await clock.drive(patient.answer);
    expect(runs.length).toBe(expected);
  });

  it('asks on where the run of one with fewer attempts found no life, but not where it found the chat alive', async () => {
    const attempts = (n: number) => ({ policy: { ...BUILT_IN_POLICIES.inline, attempts: n } });
    const dead = flightsRig({}, () => ({ ...DEAD, takesMs: 100 }));
    dead.ask(attempts(1));
    dead.ask(attempts(2));
    await dead.clock.advance(150);
    expect(dead.runs).toHaveLength(2);
    const living = flightsRig();
    living.ask(attempts(1));
    const joined = living.ask(attempts(2));
    await living.clock.advance(150);
    expect([living.runs.length, joined.settled?.answer?.servedBy]).toEqual([1, 'coalesced']);
  });

  it('gets what the run found where no time is left to ask on', async () => {
    const { clock, ask, runs } = flightsRig({}, () => ({ ...DEAD, takesMs: 960 }));
    ask({ policy: { ...BUILT_IN_POLICIES.inline, attempts: 1 } });
    const joined = ask(within(1_000));
    await clock.advance(970);
    expect([runs.length, joined.settled?.answer?.verdict]).toEqual([1, 'stop']);
  });

  it('is not told to stop an orphan that its own deadline does not allow to stop', async () => {
    const { clock, ask } = flightsRig({}, () => ({ reason: 'chat_server_not_found', takesMs: 3_000 }));
    const patient = ask(within(55_000));
    const hasty = ask(within(8_000));
    await clock.advance(3_000);
    expect(patient.settled?.answer).toMatchObject({ verdict: 'stop', evidence: 'orphaned' });
    expect(hasty.settled?.answer).toMatchObject({
      verdict: 'route',
      evidence: 'orphaned',
      recheckAfterMs: 5_000,
      servedBy: 'coalesced',
      shadowVerdict: null,
    });
  });

  it('is told to stop an orphan of a Chat Server that is known to be down, however short its deadline', async () => {
    const { clock, ask } = flightsRig({}, () => ({ reason: 'chat_server_not_found', takesMs: 100, isKnownDown: true }));
    const asked = [ask(within(55_000)), ask(within(8_000)), ask(within(150))];
    await clock.advance(100);
    expect(asked.map(({ settled }) => settled?.answer?.verdict)).toEqual(['stop', 'stop', 'stop']);
  });

  it('is answered at its own deadline, and the run goes on for the others', async () => {
    const { clock, ask, events } = flightsRig({}, () => ({ ...DEAD, takesMs: 3_000 }));
    const starter = ask();
    await clock.advance(10);
    const joined = ask(within(500));
    await clock.advance(499);
    expect(joined.settled).toBeUndefined();
    await clock.advance(1);
    expect(joined.settled).toEqual({
      atMs: 510,
      answer: {
        verdict: 'route',
        evidence: 'unknown',
        reason: 'deadline',
        degraded: true,
        recheckAfterMs: 1_000,
        attempts: [],
        faultCode: null,
        faultString: null,
        servedBy: 'coalesced',
        isKnownDown: false,
        elapsedMs: 500,
        probeId: 'probe-1',
        guarded: false,
        shadowVerdict: null,
      },
    });
    expect(events.map(({ type }) => type)).toEqual(['message_saved', 'answer_shared']);
    expect(await clock.drive(starter.answer)).toMatchObject({ verdict: 'stop', servedBy: 'probe' });
    expect(clock.pending()).toBe(0);
  });

  it('waits no longer than the run, however long it might', async () => {
    const { clock, ask } = flightsRig({}, () => ({ takesMs: 60_000, reason: 'delivered' }));
    const starter = ask(within(300));
    const joined = ask(within(5_000));
    await clock.drive(starter.answer);
    expect(joined.settled).toMatchObject({ atMs: 300, answer: { servedBy: 'coalesced' } });
    expect(clock.pending()).toBe(0);
  });
});

describe('what is to be answered', () => {
  it('is found for each who asks, in the moment in which it is, as what one probe found out about one chat', async () => {
    const { clock, ask, judged } = flightsRig({}, () => DEAD);
    await clock.advance(7);
    ask();
    await clock.advance(30);
    ask();
    ask();
    expect(judged).toEqual([]);
    await clock.advance(1_000);
    const found = { probeId: 'probe-1', startedAtMs: 7, isNewcomer: true };
    expect(judged).toMatchObject([
      { ...found, order: { requestId: 'request-1' }, isOwn: true, result: { servedBy: 'probe' } },
      { ...found, order: { requestId: 'request-2' }, isOwn: false, result: { servedBy: 'coalesced' } },
      { ...found, order: { requestId: 'request-3' }, isOwn: false, result: { servedBy: 'coalesced' } },
    ]);
    expect(new Set(judged.map(({ chat }) => chat)).size).toBe(1);
    expect(judged[0]?.chat).toMatchObject({ stops: null });
  });

  it('is found anew for one who asked on, with the rest of their time', async () => {
    const { clock, ask, judged } = flightsRig({}, () => DEAD);
    ask(within(1_000));
    ask(within(8_000));
    await clock.advance(1_000);
    expect(judged).toMatchObject([
      { order: { requestId: 'request-1', policy: within(1_000).policy }, startedAtMs: 0, isOwn: true },
      { order: { requestId: 'request-2', policy: { deadlineMs: 7_900 } }, probeId: 'probe-2', startedAtMs: 100, isOwn: true },
    ]);
  });

  it('is found of one that is closed as of any, with what is remembered of its chat', async () => {
    const { clock, ask, judged } = flightsRig({}, () => DEAD);
    await clock.drive(ask().answer);
    await ask({ isOffline: true }).answer;
    expect(judged[1]).toMatchObject({ probeId: 'probe-2', startedAtMs: 100, isNewcomer: false, isOwn: true });
    expect(judged[1]?.chat).toBe(judged[0]?.chat);
  });

  it('comes with nothing remembered where the request was over before it began', async () => {
    const { flights, clock } = flightsRig();
    const controller = createCancelController();
    controller.abort(DRAINING);
    const found = await clock.drive(flights.ask(orderWith(scriptedAdapter(clock, [])), controller.signal));
    expect(found).toMatchObject({ result: { reason: 'draining' }, isOwn: true, isNewcomer: false, chat: null });
  });
});

describe('a chat that nobody asked about before', () => {
  it('is told once, by the first name that a question gives', async () => {
    const { clock, ask, newcomers } = flightsRig({}, () => DEAD);
    ask({ isOffline: true });
    expect(newcomers).toEqual([]);
    ask({ chatServer: 'A' });
    ask({ chatServer: 'A' });
    ask({ chatServer: 'B' });
    ask({ chatServer: null, interactionId: 'other' });
    await clock.advance(1_000);
    await clock.drive(ask({ chatServer: 'C' }).answer);
    expect(newcomers).toEqual(['A']);
  });

  it.each([
    [29_999, true],
    [30_000, false],
  ])('is new for half a minute from its first question on, for all who share a run (after %i ms: %s)', async (afterMs, isNewcomer) => {
    const { clock, ask, judged } = flightsRig({}, () => DEAD);
    await clock.advance(1_000);
    await clock.drive(ask().answer);
    await clock.advance(20_000);
    await clock.drive(ask().answer);
    await clock.advance(1_000 + afterMs - clock.nowMs());
    ask();
    await clock.advance(50);
    ask();
    await clock.advance(50);
    expect(judged.slice(1).map((found) => [found.startedAtMs, found.isNewcomer])).toEqual([
      [21_100, true],
      [1_000 + afterMs, isNewcomer],
      [1_000 + afterMs, isNewcomer],
    ]);
  });

  it.each([
    [119_000, 1],
    [121_000, 2],
  ])('is new again when nobody asked for longer than an agent keeps one that is gone (after %i ms: %i times)', async (afterMs, times) => {
    const { clock, ask, newcomers } = flightsRig({ messageWindowMs: 1_000 }, () => DEAD);
    await clock.drive(ask({ chatServer: 'A' }).answer);
    await clock.advance(afterMs);
    for (const interactionId of ['X', 'Y', 'Z']) await clock.drive(ask({ interactionId, chatServer: 'B' }).answer);
    await clock.drive(ask({ chatServer: 'A' }).answer);
    expect(newcomers.filter((name) => name === 'A')).toHaveLength(times);
  });
});

describe('a run that breaks', () => {
  it('answers all who wait for it, and frees its chat', async () => {
    const { clock, ask, flights } = flightsRig({}, () => ({ ...DEAD, breaks: true }));
    const asked = [ask(), ask(), ask({ chatServer: null })];
    await clock.advance(1_000);
    const broken = { verdict: 'route', evidence: 'unknown', reason: 'internal_error', degraded: true, attempts: [] };
    expect(asked.map(({ settled }) => settled)).toMatchObject([
      { atMs: 100, answer: { ...broken, servedBy: 'none', probeId: 'probe-1' } },
      { atMs: 100, answer: { ...broken, servedBy: 'coalesced', probeId: 'probe-1', elapsedMs: 100 } },
      { atMs: 200, answer: { ...broken, servedBy: 'none', probeId: 'probe-3' } },
    ]);
    expect([flights.size, clock.pending()]).toEqual([0, 0]);
  });

  it('is no different if it breaks before it has begun', async () => {
    const clock = createVirtualClock();
    const flights = new SingleFlight({
      clock,
      settings: FLIGHT_SETTINGS,
      newcomerMs: 30_000,
      run() {
        throw new Error('broken');
      },
      newcomer: () => undefined,
      fleet: NO_FLEET,
      observe: () => undefined,
    });
    const ask = (fields: Partial<ProbeOrder>) =>
      flights.ask(orderWith(scriptedAdapter(clock, []), fields), createCancelController().signal);
    const broken = { probeId: 'probe-1', result: { verdict: 'route', reason: 'internal_error', recheckAfterMs: 1_000 } };
    expect(await ask({})).toMatchObject(broken);
    expect(await ask({ isOffline: true })).toMatchObject(broken);
    expect(flights.size).toBe(0);
  });
});
