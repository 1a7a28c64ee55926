import { describe, expect, it } from 'vitest';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import { type Changes, outageRig } from './resilience-rig.ts';

const { inline, ha } = BUILT_IN_POLICIES;
const HA = { ha: true, onChatServerDown: 'auto' } as const;
const on = (chatServer: string, fields: Partial<ProbeOrder> = {}): Partial<ProbeOrder> => ({ chatServer, ...fields });
const stopped = { verdict: 'stop', evidence: 'orphaned', guarded: false };
const withheld = { verdict: 'route', evidence: 'orphaned', guarded: true };

type Rules = Partial<TargetRules>;

function rig({ rules, ...changes }: Changes = {}) {
  const made = outageRig({ ...changes, rules: { ...HA, ...rules } });
  const { signal } = createCancelController();
  const askAll = (ids: readonly string[], fields: Partial<ProbeOrder>) =>
    made.clock.drive(Promise.all(ids.map((id) => made.outage.ask(made.order(id, fields), signal))));
  const causes = () => made.events.flatMap((event) => (event.type === 'stop_withheld' ? [event.because] : []));
  /** Chats that nobody asked about before, which live on B. */
  let chats = 0;
  const newcomers = async (times: number): Promise<void> => {
    const first = chats;
    chats += times;
    await askAll(
      Array.from({ length: times }, (_, n) => `living-${first + n}`),
      on('B'),
    );
  };
  return { ...made, askAll, causes, newcomers };
}

/**
 * A fell a minute ago, and since then more new chats went to B than a living A would miss. The chat `ghost` of A was asked about as it
 * fell and again a second ago, when the last proof was made.
 */
async function knownDown(changes: Changes = {}) {
  const made = rig(changes);
  const { clock, answers, ask, newcomers } = made;
  answers.set('A', 'orphaned');
  await ask('ghost', on('A'));
  await clock.advance(55_000 - clock.nowMs());
  await newcomers(570);
  await ask('ghost', on('A'));
  made.events.length = 0;
  made.sent.length = 0;
  return made;
}

describe('a ghost of a Chat Server that is known to be down', () => {
  it('is stopped at once by the proof that stands, without a message', async () => {
    const { clock, ask, sent } = await knownDown();
    const askedAtMs = clock.nowMs();
    expect(await ask('ghost', on('A'))).toMatchObject({ ...stopped, servedBy: 'canary', attempts: [], isKnownDown: true });
    expect([clock.nowMs(), sent]).toEqual([askedAtMs, []]);
  });

  it.each([
    ['inline', inline],
    ['ha', ha],
    ['one attempt', { ...inline, attempts: 1 }],
  ])('is stopped after one message where no proof stands, whatever the policy (%s)', async (_name, policy) => {
    const { clock, ask, newcomers, sent } = await knownDown();
    await clock.advance(10_000);
    await newcomers(1);
    sent.length = 0;
    const askedAtMs = clock.nowMs();
    expect(await ask('ghost', on('A', { policy }))).toMatchObject({ ...stopped, servedBy: 'probe', attempts: [{ n: 1 }] });
    expect([clock.nowMs() - askedAtMs, sent]).toEqual([10, ['ghost']]);
  });

  it('is one of many that share that message', async () => {
    const { clock, askAll, newcomers, sent } = await knownDown();
    const ghosts = Array.from({ length: 50 }, (_, n) => `ghost-${n}`);
    await askAll(ghosts, on('A'));
    await clock.advance(40_000);
    await newcomers(570);
    sent.length = 0;
    const all = await askAll(ghosts, on('A', { policy: ha }));
    expect(all.map((answer) => answer?.verdict)).toEqual(ghosts.map(() => 'stop'));
    expect(sent).toHaveLength(1);
  });

  it('asks for itself where there is no canary', async () => {
    const { ask, sent } = await knownDown({ outage: { canary: false } });
    expect(await ask('ghost', on('A'))).toMatchObject({ ...stopped, servedBy: 'probe', attempts: [{ n: 1 }] });
    expect(sent).toEqual(['ghost']);
  });

  it.each<[Rules['onChatServerDown'] & string, string]>([
    ['auto', 'stop'],
    ['stop', 'stop'],
    ['route', 'route'],
  ])('is answered at once by the rule of the target: %s, %s', async (onChatServerDown, verdict) => {
    const { ask, sent } = await knownDown({ rules: { onChatServerDown } });
    expect(await ask('ghost', on('A'))).toMatchObject({ verdict, evidence: 'orphaned', guarded: false, isKnownDown: true });
    expect(sent).toEqual([]);
  });

  it('has the time of its policy and is routed where nobody else was heard of for 15 s: all may be out of sight', async () => {
    const { clock, ask, causes, newcomers } = await knownDown();
    await clock.advance(15_001);
    const patient = await ask('ghost', on('A', { policy: ha }));
    expect(patient).toMatchObject({ ...withheld, recheckAfterMs: 5_000 });
    expect(patient?.elapsedMs).toBeGreaterThan(50_000);
    expect(causes()).toEqual(['out_of_sight']);
    await newcomers(1);
    expect(await ask('ghost', on('A'))).toMatchObject(stopped);
  });

  it.each([
    [50_009, { verdict: 'route', isKnownDown: false }],
    [50_010, stopped],
  ])('is one from the moment on in which the restore window and its lag are over (after %i ms)', async (atMs, expected) => {
    const { clock, ask, answers, newcomers } = rig();
    answers.set('A', 'orphaned');
    // Found down at 10, by its first message.
    await ask('ghost', on('A'));
    await clock.advance(49_000 - clock.nowMs());
    await newcomers(570);
    await clock.advance(atMs - clock.nowMs());
    expect(await ask('ghost', on('A'))).toMatchObject(expected);
  });

  it('may have been routed for a minute and more in between, but not for longer than 90 s', async () => {
    const { clock, ask, newcomers } = await knownDown();
    await clock.advance(80_000);
    await newcomers(1);
    expect(await ask('ghost', on('A'))).toMatchObject(stopped);
    await clock.advance(95_000);
    await newcomers(1);
    expect(await ask('ghost', on('A'))).toMatchObject({ verdict: 'route', isKnownDown: false });
  });

  it('is one that lives as soon as anything says so', async () => {
    const { clock, ask, answers, newcomers } = await knownDown();
    answers.set('living', 'delivered');
    await clock.advance(5_000);
    expect(await ask('living', on('A'))).toMatchObject({ verdict: 'route', evidence: 'alive' });
    await newcomers(1);
    expect(await ask('ghost', on('A'))).toMatchObject({ verdict: 'route', isKnownDown: false });
  });
});

describe('a new chat of a Chat Server that is known to be down', () => {
  it('is never stopped by what was known before it came, nor soon after', async () => {
    const { clock, ask, causes, newcomers } = await knownDown();
    for (const afterMs of [0, 5_000, 5_000, 5_000, 5_000, 5_000]) {
      await clock.advance(afterMs);
      await newcomers(600);
      expect(await ask('new', on('A'))).toMatchObject({ ...withheld, recheckAfterMs: 5_000, isKnownDown: true });
    }
    expect(new Set(causes())).toEqual(new Set(['still_used']));
    await clock.advance(30_000);
    await newcomers(600);
    expect(await ask('new', on('A'))).toMatchObject(stopped);
  });

  it('keeps the ghosts there from being stopped, until so many new ones went elsewhere', async () => {
    const { clock, ask, newcomers } = await knownDown();
    await ask('new', on('A'));
    expect(await ask('ghost', on('A'))).toMatchObject(withheld);
    await clock.advance(30_000);
    await newcomers(569);
    expect(await ask('ghost', on('A'))).toMatchObject(withheld);
    await newcomers(1);
    expect(await ask('ghost', on('A'))).toMatchObject(stopped);
  });

  it.each<[string, Rules, Partial<ProbeOrder>]>([
    ['stop', { onChatServerDown: 'stop' }, { policy: inline }],
    ['auto and a deadline as long as the restore window', {}, { policy: ha }],
  ])('has the whole time of its policy where that may stop it: %s', async (_rule, rules, fields) => {
    const { clock, ask, newcomers, outage, order } = await knownDown({ rules });
    const { signal } = createCancelController();
    const asked = outage.ask(order('new', on('A', fields)), signal);
    const { deadlineMs, attemptTimeoutMs } = fields.policy ?? inline;
    for (let n = 0; n < 600; n += 1) {
      clock.schedule((n * deadlineMs) / 600, () => void outage.ask(order(`other-${n}`, on('B')), signal));
    }
    const startedAtMs = clock.nowMs();
    const answer = await clock.drive(asked);
    expect(answer).toMatchObject({ evidence: 'orphaned', isKnownDown: false });
    expect(clock.nowMs() - startedAtMs).toBeGreaterThanOrEqual(deadlineMs - attemptTimeoutMs);
    // By then it is either too soon after it named its Chat Server, or late enough.
    expect(answer?.verdict).toBe(deadlineMs > 30_000 ? 'stop' : 'route');
    await newcomers(1);
    expect(await ask('ghost', on('A'))).toMatchObject(deadlineMs > 30_000 ? stopped : withheld);
  });
});

describe('a start in the middle of an outage', () => {
  it.each<[string, Rules, Partial<ProbeOrder>]>([
    ['stop', { onChatServerDown: 'stop' }, { policy: inline }],
    ['auto and a long deadline', {}, { policy: ha }],
  ])('stops nobody until a restore window is over, by whatever rule: %s', async (_rule, rules, fields) => {
    const { clock, ask, answers, causes, newcomers } = rig({ rules });
    answers.set('A', 'orphaned');
    while (clock.nowMs() < 50_000) {
      expect(await ask('ghost', on('A', fields))).toMatchObject({ ...withheld, recheckAfterMs: 2_000 });
      await clock.advance(5_000);
      await newcomers(1);
    }
    expect(new Set(causes())).toEqual(new Set(['restoring']));
    await newcomers(570);
    expect(await ask('ghost', on('A', { policy: inline }))).toMatchObject(stopped);
  });

  it('stops nobody at all where no Chat Server is found', async () => {
    const { clock, askAll, answers, causes } = rig({ rules: { onChatServerDown: 'stop' } });
    for (const name of ['A', 'B', 'C']) answers.set(name, 'orphaned');
    const verdicts = new Set<string | undefined>();
    while (clock.nowMs() < 300_000) {
      for (const name of ['A', 'B', 'C']) {
        for (const answer of await askAll(
          [1, 2, 3].map((n) => `${name}-${n}`),
          on(name),
        ))
          verdicts.add(answer?.verdict);
      }
      await clock.advance(10_000);
    }
    expect([...verdicts]).toEqual(['route']);
    expect(new Set(causes())).toEqual(new Set(['restoring', 'out_of_sight']));
  });

  it('stops at once, new or not, where there is nowhere to restore to', async () => {
    for (const rules of [{ ha: false }, { singleChatServer: true, onChatServerDown: 'stop' }] as const) {
      const { ask, answers } = rig({ rules });
      answers.set('A', 'orphaned');
      expect(await ask('ghost', on('A'))).toMatchObject(stopped);
    }
    const { ask, answers } = rig({ rules: { singleChatServer: true } });
    answers.set('A', 'orphaned');
    expect(await ask('ghost', on('A'))).toMatchObject({ verdict: 'route', guarded: false });
    expect(await ask('ghost', on('A', { policy: ha }))).toMatchObject(stopped);
  });

  it('stops where it is not to be held', async () => {
    const { ask, answers } = rig({ rules: { onChatServerDown: 'stop' }, outage: { holdWhileRestoring: false } });
    answers.set('A', 'orphaned');
    expect(await ask('ghost', on('A'))).toMatchObject(stopped);
  });
});

describe('a target that goes wrong', () => {
  /** A and B have delivered; from now on every answer is this one. Chats come one after another, half a second apart. */
  async function goesWrong(answer: 'dead' | 'orphaned', changes: Changes) {
    const made = rig(changes);
    const { clock, ask, answers, outage, order } = made;
    await ask('first', on('A'));
    await ask('second', on('B'));
    for (const name of ['A', 'B']) answers.set(name, answer);
    const { signal } = createCancelController();
    const asked: ReturnType<typeof outage.ask>[] = [];
    for (let n = 0; n < 100; n += 1) {
      asked.push(outage.ask(order(`chat-${n}`, on(n % 2 === 0 ? 'A' : 'B')), signal));
      await clock.advance(500);
    }
    const all = await clock.drive(Promise.all(asked));
    return { ...made, stops: all.filter((one) => one?.verdict === 'stop').length };
  }

  it('stops nobody with high availability: first answers are there before the first stop', async () => {
    const { stops, causes, outage } = await goesWrong('dead', {});
    expect([stops, outage.state('east').guard]).toEqual([0, 'tripped']);
    expect(new Set(causes())).toEqual(new Set(['mass_stop']));
    expect((await goesWrong('orphaned', { rules: { onChatServerDown: 'stop' } })).stops).toBe(0);
  });

  it('stops ten without it, and none where it takes seconds until a stop', async () => {
    expect((await goesWrong('dead', { rules: { ha: false } })).stops).toBe(10);
    expect((await goesWrong('orphaned', { rules: { ha: false } })).stops).toBeLessThanOrEqual(10);
  });

  it('is believed again with the next delivery', async () => {
    const { ask, answers, outage, clock } = await goesWrong('dead', { guard: { verdicts: 1_000 } });
    answers.set('living', 'delivered');
    await ask('living', on('A'));
    expect(outage.state('east').guard).toBe('watching');
    await clock.advance(60_000);
    expect(await ask('dead', on('A'))).toMatchObject({ verdict: 'stop', evidence: 'dead' });
  });

  it('stops them where the guard is switched off', async () => {
    const { stops } = await goesWrong('dead', { guard: { massStop: false } });
    expect(stops).toBe(100);
  });
});

describe('the stops of one interaction', () => {
  it('are five in ten minutes, and then nobody is told to ask again', async () => {
    const { clock, ask, answers } = rig({ rules: { ha: false } });
    answers.set('dead', 'dead');
    const verdicts: (string | undefined)[] = [];
    for (let n = 0; n < 6; n += 1) verdicts.push((await ask('dead'))?.verdict);
    expect(verdicts).toEqual(['stop', 'stop', 'stop', 'stop', 'stop', 'route']);
    expect(await ask('dead')).toMatchObject({ verdict: 'route', guarded: true, recheckAfterMs: null });
    await clock.advance(600_000);
    expect(await ask('dead')).toMatchObject({ verdict: 'stop' });
  });
});

describe('the retry budget', () => {
  const NONE = { retryShare: 0, retriesPerSecond: 0 };

  it('lets what confirms a stop pass, and nothing else', async () => {
    const { ask, answers, told } = rig({ outage: NONE });
    answers.set('dead', 'dead').set('unknown', 'other_fault');
    expect(await ask('dead', { chatServer: null })).toMatchObject({ reason: 'retry_suppressed', attempts: [{}] });
    expect(await ask('dead', on('A'))).toMatchObject({ verdict: 'stop', attempts: [{}, {}, {}] });
    expect(await ask('unknown', on('A'))).toMatchObject({ reason: 'retry_suppressed', attempts: [{}] });
    expect(told('message_saved')).toContainEqual({ type: 'message_saved', target: 'east', by: 'retry_suppressed' });
  });

  it('lets it not pass where no stop would', async () => {
    const { ask, answers } = rig({ outage: NONE, guard: { verdicts: 1, share: 0 } });
    answers.set('dead', 'dead').set('another', 'dead');
    expect(await ask('dead', on('A'))).toMatchObject({ guarded: true, attempts: [{}, {}, {}] });
    expect(await ask('another', on('A'))).toMatchObject({ reason: 'retry_suppressed', attempts: [{}] });
  });
});
