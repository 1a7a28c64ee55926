import { describe, expect, it } from 'vitest';
import type { Position } from '../../src/evidence/evidence-rules.ts';
import { fanOut } from '../../src/probe/probe-order.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import { ANY, answered, evidenceRig } from './evidence-rig.ts';

describe('a record', () => {
  it('tells alone what was answered, of whom, when, where and why', () => {
    const { evidence, answer } = evidenceRig();
    answer({ probeId: 'p', requestId: 'r', interactionId: 'i' });
    expect(evidence.find('p')).toEqual({
      ...{
        probeId: 'p',
        requestId: 'r',
        traceId: null,
        caller: 'workflow',
        interactionId: 'i',
        target: 'default',
        policy: 'inline',
        chatServer: 'ChatServer_1',
      },
      ...{
        answeredAt: '1970-01-01T00:00:01.001Z',
        replica: 'probe-1',
        configuration: 'abc123',
        answered: 'stop',
        verdict: 'stop',
        evidence: 'dead',
      },
      ...{ reason: 'session_not_found', degraded: false, guarded: false, cause: null, shadowVerdict: null, simulated: false },
      ...{ servedBy: 'probe', faultCode: '100', faultString: 'not found', recheckAfterMs: null, elapsedMs: 6_012 },
      explanation: 'Stopped: ChatServer_1 says that the session does not exist (fault 100).',
      attempts: [
        {
          ...{ n: 1, startedMs: 0, durationMs: 6, reason: 'session_not_found', faultCode: '100', faultString: 'not found' },
          ...{ errorCode: null, errorMessage: null, written: true, detail: null },
        },
      ],
      state: {
        ...{ chatServer: 'healthy', chatServersDown: 0, gatewayOpen: false, guard: 'watching' },
        controls: { absent: null, live: null },
      },
      ...{ requests: 1, truth: null },
    });
  });

  it('tells how the target stood when it answered, not how it stands', () => {
    const { evidence, answer } = evidenceRig();
    const tell = (...events: readonly ServiceEvent[]): void => events.forEach(evidence.observe);
    const target = 'default';
    tell(
      { type: 'guard_changed', target, state: 'tripped' },
      { type: 'gateway_changed', target, open: true },
      { type: 'control_answered', target, control: 'live', state: 'wrong' },
      { type: 'server_changed', target, chatServer: 'ChatServer_1', from: 'healthy', to: 'suspect' },
      { type: 'server_changed', target, chatServer: null, from: 'healthy', to: 'suspect' },
    );
    answer({ probeId: 'p' }, { probeId: 'by type', chatServer: null }, { probeId: 'elsewhere', target: 'other' });
    tell(
      { type: 'guard_changed', target, state: 'watching' },
      { type: 'server_changed', target, chatServer: 'ChatServer_1', from: 'suspect', to: 'healthy' },
    );
    answer({ probeId: 'later' });
    tell({ type: 'guard_changed', target, state: 'released' });
    answer({ probeId: 'latest' });
    evidence.forget(target);
    answer({ probeId: 'begun anew' });
    const alarmed = { gatewayOpen: true, guard: 'tripped', controls: { absent: null, live: 'wrong' } };
    expect(evidence.find('p')?.state).toEqual({ ...alarmed, chatServer: 'suspect', chatServersDown: 2 });
    expect(evidence.find('by type')?.state.chatServer).toBe('suspect');
    expect(evidence.find('elsewhere')?.state).toMatchObject({ chatServer: 'healthy', chatServersDown: 0, guard: 'watching' });
    expect(evidence.find('later')?.state).toMatchObject({ chatServer: 'healthy', chatServersDown: 1, guard: 'watching' });
    expect(evidence.find('latest')?.state).toMatchObject({ chatServer: 'healthy', chatServersDown: 1, guard: 'released' });
    expect(evidence.find('begun anew')?.state).toMatchObject({ chatServersDown: 0, guard: 'watching' });
  });

  it('has texts from outside cut', () => {
    const { evidence, answer } = evidenceRig();
    answer({ probeId: 'p', chatServer: 'x'.repeat(60_000), faultString: 'y'.repeat(60_000) });
    const record = evidence.find('p');
    expect([record?.chatServer?.length, record?.faultString?.length, record?.attempts[0]?.faultString?.length]).toEqual([256, 256, 256]);
  });

  it('is one for a probe, however many requests it answers, and that of a stop if one of them was stopped', () => {
    const { evidence, answer } = evidenceRig();
    const shared = { probeId: 'p', interactionId: 'i' };
    answer({ ...shared, requestId: 'first', verdict: 'route' }, { ...shared, requestId: 'second', verdict: 'route' });
    expect(evidence.find('p')).toMatchObject({ requestId: 'first', answered: 'route', requests: 2 });
    evidence.judge('p', 'dead');
    answer({ ...shared, requestId: 'third' }, { ...shared, requestId: 'fourth', verdict: 'route' });
    expect(evidence.find('p')).toMatchObject({ requestId: 'third', answered: 'stop', requests: 4, truth: 'dead' });
    expect(evidence.ofInteraction('i')).toHaveLength(1);
    expect(evidence.list(ANY, null, 10).records).toHaveLength(1);
  });

  it('is not kept where nothing may be', () => {
    const { evidence, answer, events } = evidenceRig({ maxBytes: 0 });
    answer({ probeId: 'p' });
    expect([evidence.find('p'), evidence.ofInteraction('chat of p'), events]).toEqual([null, [], []]);
  });
});

it('a fault of it reaches nobody but the log', () => {
  const { evidence } = evidenceRig({
    nowMs: () => {
      throw new Error('evidence bug');
    },
  });
  const heard: string[] = [];
  const faults: unknown[] = [];
  const observe = fanOut<ServiceEvent>([evidence.observe, ({ type }) => heard.push(type)], (fault) => faults.push(fault));
  observe(answered({ probeId: 'p' }));
  expect([heard, faults]).toEqual([['probe_answered'], [new Error('evidence bug')]]);
});

describe('feedback', () => {
  it('is noted: the last word counts in the record, the first one alone is called the first', () => {
    const { evidence, answer, events } = evidenceRig();
    answer({ probeId: 'p', interactionId: 'i' });
    const changes = (['alive', 'alive', 'dead'] as const).map((truth) => evidence.judge('p', truth));
    expect(changes.map((feedback) => [feedback?.changed, feedback?.record.truth])).toEqual([
      [true, 'alive'],
      [false, 'alive'],
      [true, 'dead'],
    ]);
    const about = { type: 'feedback_given', probeId: 'p', interactionId: 'i', target: 'default', verdict: 'stop' };
    expect(events).toEqual([
      { ...about, truth: 'alive', isFirst: true },
      { ...about, truth: 'dead', isFirst: false },
    ]);
  });

  it('about a probe that is not kept is none', () => {
    const { evidence, events } = evidenceRig();
    expect(evidence.judge('unknown', 'alive')).toBeNull();
    expect(events).toEqual([]);
  });
});

describe('a list', () => {
  const rig = evidenceRig();
  rig.answer(
    { probeId: '1', verdict: 'route', target: 'east' },
    { probeId: '2', chatServer: 'ChatServer_2' },
    { probeId: '3', verdict: 'route', reason: 'timeout' },
    { probeId: '4', target: 'east', chatServer: null },
  );
  const listed = (filter: object, before: Position | null = null, limit = 10) => {
    const { records, next } = rig.evidence.list({ ...ANY, ...filter }, before, limit);
    return [records.map(({ probeId }) => probeId).join(''), next] as const;
  };

  it.each([
    [{}, '4321'],
    [{ verdict: 'stop' }, '42'],
    [{ verdict: 'route' }, '31'],
    [{ reason: 'timeout' }, '3'],
    [{ target: 'east' }, '41'],
    [{ chatServer: 'ChatServer_2' }, '2'],
    [{ sinceMs: 1_003 }, '43'],
    [{ verdict: 'stop', target: 'east' }, '4'],
    [{ verdict: 'route', reason: 'session_not_found' }, ''],
  ])('of %j has the newest first', (filter, found) => {
    expect(listed(filter)[0]).toBe(found);
  });

  it('comes in pages that say where the next one begins, and the last one that there is none', () => {
    const [first, next] = listed({}, null, 2);
    expect([first, next]).toEqual(['43', { order: 1_003_000, probeId: '3' }]);
    expect(listed({}, next, 2)).toEqual(['21', null]);
    expect(listed({}, null, 4)).toEqual(['4321', null]);
  });
});

it('pages neither repeat nor skip a record that is still there, whatever comes and goes between them', () => {
  const { evidence, answer } = evidenceRig({ maxBytes: 12_000 });
  answer(...Array.from({ length: 6 }, (_, n) => ({ probeId: `old-${n}`, verdict: 'route' }) as const));
  const first = evidence.list(ANY, null, 2);
  answer({ probeId: 'new', verdict: 'route' }, { probeId: 'a stop' });
  const second = evidence.list(ANY, first.next, 2);
  answer(...Array.from({ length: 50 }, (_, n) => ({ probeId: `flood-${n}`, verdict: 'route' }) as const));
  const third = evidence.list(ANY, second.next, 2);
  expect([first, second, third].map(({ records }) => records.map(({ probeId }) => probeId))).toEqual([
    ['old-5', 'old-4'],
    ['old-3', 'old-2'],
    [],
  ]);
  expect(third.next).toBeNull();
});
