import { describe, expect, it } from 'vitest';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { fleetRig, type Replica } from './fleet-rig.ts';

const HA = { rules: { ha: true, onChatServerDown: 'auto' } } as const;
const on = (chatServer: string) => ({ chatServer });
const { inline } = BUILT_IN_POLICIES;

async function two(changes: Parameters<typeof fleetRig>[0] = {}) {
  const rig = fleetRig(changes);
  const [one, other] = [await rig.birth(), await rig.birth()];
  // Each has heard of the other.
  await rig.clock.advance(100);
  return { ...rig, one, other };
}

/** Newcomers elsewhere, so many that a living A would hardly be missed by all of them. */
async function newcomersOnB({ clock, asked }: Awaited<ReturnType<typeof two>>, replicas: readonly Replica[], times: number, from = 0) {
  for (let n = 0; n < times; n += 10) {
    const questions = Array.from({ length: 10 }, (_, k) => replicas[(n + k) % replicas.length]?.ask(`living-${from + n + k}`, on('B')));
    await asked(questions.map((question) => question ?? Promise.reject(new Error('no replica'))));
    await clock.advance(60);
  }
}

describe('a Chat Server that one replica finds down', () => {
  it('is asked by one canary at a time, whichever replica has probes waiting', async () => {
    const rig = await two(HA);
    const { clock, answers, one, other, asked, sentTo } = rig;
    answers.set('A', 'orphaned');
    await asked([one.ask('first', on('A'), undefined)]);
    await clock.advance(200);
    const begunAtMs = clock.nowMs();
    const before = sentTo('A').length;
    await asked([1, 2, 3, 4].flatMap((n) => [one.ask(`one-${n}`, on('A')), other.ask(`other-${n}`, on('A'))]));
    const sends = sentTo('A').slice(before);
    const seconds = (clock.nowMs() - begunAtMs) / 1_000;
    expect(sends.length).toBeGreaterThan(seconds);
    // Two a second, as by one replica.
    expect(sends.length).toBeLessThanOrEqual(2 * seconds + 2);
    for (const [n, send] of sends.entries()) expect(send.atMs - (sends[n - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(499);
  });

  it('is suspect to the others before they have asked it', async () => {
    const { clock, answers, one, other, asked } = await two(HA);
    answers.set('A', 'orphaned');
    void one.ask('first', on('A'));
    await clock.advance(100);
    expect(other.service.state().serversDown).toBe(1);
    await asked([]);
  });

  it('lives for all as soon as one has a sign of life', async () => {
    const { clock, answers, one, other, asked } = await two(HA);
    answers.set('A', 'orphaned');
    await asked([one.ask('first', on('A'))]);
    expect(other.service.state().serversDown).toBe(1);
    answers.set('A', 'delivered');
    await asked([one.ask('second', on('A'))]);
    await clock.advance(2_000);
    expect(await asked([other.ask('third', on('A'))])).toMatchObject([{ verdict: 'route', evidence: 'alive' }]);
    expect(other.service.state().serversDown).toBe(0);
  });

  it('is known down to one that asked nothing itself, as soon as to the other and no sooner', async () => {
    const rig = await two(HA);
    const { clock, answers, one, other, asked } = rig;
    await newcomersOnB(rig, [one, other], 20);
    answers.set('A', 'orphaned');
    await asked([one.ask('ghost', on('A'))]);
    await newcomersOnB(rig, [one, other], 580, 100);
    await asked([one.ask('ghost', on('A'))]);
    expect(await asked([other.ask('ghost', on('A'))])).toMatchObject([{ verdict: 'route', evidence: 'orphaned' }]);
    await clock.advance(55_000);
    await newcomersOnB(rig, [one], 10, 900);
    await asked([one.ask('ghost', on('A'))]);
    expect(await asked([other.ask('ghost', on('A'))])).toMatchObject([{ verdict: 'stop', isKnownDown: true }]);
  });

  it('gets another canary when the replica that sent the last one has died with it', async () => {
    const { clock, answers, one, other, asked, sent } = await two(HA);
    answers.set('A', 'orphaned');
    await asked([one.ask('first', on('A'))]);
    answers.set('A', 'stuck');
    void one.ask('canary', { ...on('A'), policy: { ...inline, deadlineMs: 60_000, attemptTimeoutMs: 60_000 } });
    await clock.advance(600);
    expect(sent.at(-1)).toMatchObject({ id: 'canary', by: 0 });
    one.fleet.close();
    answers.set('A', 'orphaned');
    void other.ask('next', on('A'));
    await clock.advance(2_000);
    expect(sent.at(-1)).toMatchObject({ id: 'canary' });
    await clock.advance(4_000);
    expect(sent.at(-1)).toMatchObject({ id: 'next', by: 1 });
  });
});

describe('a chat', () => {
  it('gets one message where two replicas ask about it at once, and both know that it lives', async () => {
    const { asked, one, other, sent } = await two();
    const answers = await asked([one.ask('chat'), other.ask('chat')]);
    expect(answers).toMatchObject([
      { evidence: 'alive', servedBy: 'probe' },
      { evidence: 'alive', servedBy: 'coalesced', attempts: [] },
    ]);
    expect(sent).toHaveLength(1);
  });

  it('that one has just found alive is not asked about by another', async () => {
    const { clock, asked, one, other, sent } = await two();
    await asked([one.ask('chat')]);
    await clock.advance(100);
    expect(await asked([other.ask('chat')])).toMatchObject([{ evidence: 'alive', servedBy: 'recent' }]);
    expect(sent).toHaveLength(1);
  });

  it('is asked about by the other one where the first has died with its message', async () => {
    const { clock, answers, asked, one, other, sent } = await two();
    answers.set('chat', 'stuck');
    void one.ask('chat', { policy: { ...inline, attempts: 1 } });
    await clock.advance(20);
    one.fleet.close();
    answers.delete('chat');
    expect(await asked([other.ask('chat')])).toMatchObject([{ evidence: 'alive', servedBy: 'probe' }]);
    expect(sent.map(({ by }) => by)).toEqual([0, 1]);
    // The right to send is held for as long as a message may take.
    expect((sent[1]?.atMs ?? 0) - (sent[0]?.atMs ?? 0)).toBeGreaterThan(2_000);
  });

  it('gets no more messages from all than from one', async () => {
    const { clock, asked, one, other, sent } = await two();
    for (let n = 0; n < 12; n += 1) {
      await asked([(n % 2 === 0 ? one : other).ask('chat')]);
      await clock.advance(3_000);
    }
    expect(sent).toHaveLength(10);
  });

  it('is stopped no more often by all than by one', async () => {
    const { clock, answers, asked, one, other } = await two({ rules: { ha: false } });
    answers.set('chat', 'dead');
    const verdicts: unknown[] = [];
    for (let n = 0; n < 7; n += 1) {
      verdicts.push(...(await asked([(n % 2 === 0 ? one : other).ask('chat', on('A'))])).map((answer) => answer?.verdict));
      await clock.advance(100);
    }
    expect(verdicts).toEqual([...Array.from({ length: 5 }, () => 'stop'), 'route', 'route']);
  });

  it('that one has just found alive gets no message from another which has not heard of it yet', async () => {
    const { clock, sent, asked, one, other } = await two();
    // Whatever of the news and of the lease has reached the store and the other one by then.
    for (let afterMs = 11; afterMs < 75; afterMs += 1) {
      const first = other.ask(`twin ${afterMs}`);
      await clock.advance(afterMs);
      const second = one.ask(`twin ${afterMs}`);
      expect((await asked([first, second])).map((answer) => answer?.evidence)).toEqual(['alive', 'alive']);
      await clock.advance(7);
    }
    expect(sent).toHaveLength(64);
  });

  it('that another has found alive while a probe waited for its Chat Server gets no second message', async () => {
    const { clock, answers, sentTo, asked, one, other } = await two({ ...HA, replyMs: 400 });
    answers.set('A', 'orphaned');
    await asked([one.ask('ghost', on('A'))]);
    answers.set('A', 'delivered');
    const before = sentTo('A').length;
    const both = [one.ask('twin', on('A')), other.ask('twin', on('A'))];
    await clock.advance(10_000);
    expect((await asked(both)).map((answer) => answer?.evidence)).toEqual(['alive', 'alive']);
    expect(sentTo('A').length - before).toBe(1);
  });

  it('that is new to the fleet is new once', async () => {
    const { clock, answers, asked, one, other } = await two(HA);
    answers.set('A', 'orphaned');
    await asked([one.ask('ghost', on('A'))]);
    await clock.advance(31_000);
    await asked([other.ask('ghost', on('A'))]);
    const newcomers = [...one.events, ...other.events].filter(({ type }) => type === 'probe_started');
    expect(newcomers).toHaveLength(2);
  });
});

describe('the guard', () => {
  it('lets no more stops through in all than one would, where a target goes wrong', async () => {
    const rig = await two({ rules: { ha: false } });
    const { clock, answers, asked, one, other } = rig;
    await asked([one.ask('living-a', on('A')), other.ask('living-b', on('B'))]);
    await asked([one.ask('living-c', on('B')), other.ask('living-d', on('A'))]);
    await clock.advance(100);
    for (const server of ['A', 'B']) answers.set(server, 'dead');
    const verdicts: unknown[] = [];
    for (let n = 0; n < 40; n += 1) {
      const [answer] = await asked([(n % 2 === 0 ? one : other).ask(`chat-${n}`, on(n % 4 < 2 ? 'A' : 'B'))]);
      verdicts.push(answer?.verdict);
      await clock.advance(100);
    }
    expect(verdicts).toEqual(Array.from({ length: 40 }, (_, n) => (n < 10 ? 'stop' : 'route')));
  });

  it('is released for all by one word to one of them, and by none to one that is born later', async () => {
    const { clock, one, other, birth } = await two();
    one.service.release(60_000);
    await clock.advance(100);
    expect(other.service.state().guard).toBe('released');
    await clock.advance(30_000);
    expect((await birth()).service.state().guard).toBe('released');
    await clock.advance(30_000);
    expect(other.service.state().guard).toBe('watching');
  });

  it('knows that a message was delivered before this replica was born', async () => {
    const { clock, answers, asked, one, birth } = await two({ rules: { ha: false }, guard: { requireDelivery: true } });
    await asked([one.ask('living', on('A'))]);
    await clock.advance(60_000);
    const late = await birth();
    expect(late.service.state().delivered).toBe(true);
    answers.set('chat', 'dead');
    expect(await asked([late.ask('chat', on('A'))])).toMatchObject([{ verdict: 'stop' }]);
  });

  it('lets its part of the stops through while the store is gone', async () => {
    const { clock, store, answers, asked, one, other } = await two({ rules: { ha: false } });
    await asked([one.ask('living-a', on('A')), other.ask('living-b', on('B'))]);
    await asked([one.ask('living-c', on('B')), other.ask('living-d', on('A'))]);
    await clock.advance(100);
    store.setReachable(false);
    await clock.advance(100);
    for (const server of ['A', 'B']) answers.set(server, 'dead');
    const stops = [0, 0];
    for (let n = 0; n < 60; n += 1) {
      const [answer] = await asked([(n % 2 === 0 ? one : other).ask(`chat-${n}`, on(n % 4 < 2 ? 'A' : 'B'))]);
      if (answer?.verdict === 'stop') stops[n % 2] = (stops[n % 2] ?? 0) + 1;
      await clock.advance(100);
    }
    expect(stops).toEqual([5, 5]);
  });

  it('does not take the lives that all had for its own when the store is gone: ghosts of one are as many of all as before', async () => {
    const stopsOf = async (isLost: boolean): Promise<number> => {
      const { clock, store, answers, asked, one, other } = await two({ rules: { ha: false }, guard: { badFirstAnswers: 1_000 } });
      const both = [one, other];
      for (let n = 0; n < 100; n += 1) await asked([both[n % 2]!.ask(`living-${n}`, on('A'))]);
      await clock.advance(200);
      if (isLost) store.setReachable(false);
      answers.set('A', 'dead');
      let stops = 0;
      for (let n = 0; n < 300; n += 1) {
        const [answer] = await asked([both[n % 2]!.ask(`chat-${n}`, on('A'))]);
        if (answer?.verdict === 'stop') stops += 1;
        await clock.advance(10);
      }
      return stops;
    };
    const withStore = await stopsOf(false);
    expect(await stopsOf(true)).toBeLessThanOrEqual(withStore + 2);
    expect(withStore).toBeGreaterThan(50);
  });
});

describe('a Chat Server that answers slowly', () => {
  it('has no more messages under way from all than from one', async () => {
    const { clock, sentTo, one, other } = await two({ ...HA, replyMs: 1_500 });
    for (let n = 0; n < 400; n += 1) void (n % 2 === 0 ? one : other).ask(`chat-${n}`, on('A'));
    await clock.advance(1_000);
    expect(sentTo('A')).toHaveLength(250);
  });
});
