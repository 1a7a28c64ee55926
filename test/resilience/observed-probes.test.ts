import { describe, expect, it } from 'vitest';
import { createObservedTexts } from '../../src/resilience/observed-texts.ts';
import { CONFIRMED, DOWN, LOST, observation, observedRig, TOLD } from './observed-rig.ts';

const nth = (attempt: number, told = TOLD.lost) => ({ ...told, attempt });

describe('a chat whose workflow sends by itself', () => {
  it('is routed at once when its message was delivered', () => {
    const { tell } = observedRig();
    expect(tell(TOLD.delivered)).toMatchObject({ verdict: 'route', evidence: 'alive', reason: 'delivered', askAgainAfterMs: null });
  });

  it('is stopped at once without high availability, where a lost session is final', () => {
    const { tell } = observedRig({ rules: { ha: false } });
    expect(tell(TOLD.lost)).toMatchObject({ verdict: 'stop', evidence: 'dead', reason: 'session_not_found', askAgainAfterMs: null });
  });

  it('is stopped with high availability by the message that is sent when the policy says so, and routed until then', async () => {
    const { tell, clock } = observedRig();
    const first = tell(nth(1));
    expect(first).toMatchObject({ verdict: 'route', reason: 'unconfirmed', askAgainAfterMs: 3_000 });
    expect(first.answer).toMatchObject({ degraded: true, recheckAfterMs: null, servedBy: 'observation' });
    await clock.advance(3_000);
    expect(tell(nth(2))).toMatchObject({ verdict: 'route', askAgainAfterMs: 3_000 });
    await clock.advance(3_000);
    expect(tell(nth(3))).toMatchObject({ verdict: 'stop', evidence: 'dead', askAgainAfterMs: null });
  });

  it('is routed if the last of its messages was delivered', async () => {
    const { tell, clock } = observedRig();
    tell(nth(1));
    await clock.advance(3_000);
    expect(tell(nth(2, TOLD.delivered))).toMatchObject({ verdict: 'route', evidence: 'alive', askAgainAfterMs: null });
  });

  it('may have moved where its Chat Server was down before', async () => {
    const { tell, clock } = observedRig();
    tell(nth(1, TOLD.down));
    await clock.advance(3_000);
    expect(tell(nth(2))).toMatchObject({ verdict: 'route', reason: 'session_may_have_moved' });
  });

  it('proves nothing by type', () => {
    const { tell } = observedRig({ rules: { ha: false } });
    expect(tell(TOLD.lost, { chatServer: null })).toMatchObject({ verdict: 'route', reason: 'session_not_found_by_type' });
  });
});

describe('a message that is told again', () => {
  it('is no other word, however long after the first it is told', async () => {
    const { tell, clock } = observedRig();
    tell(nth(1));
    for (let s = 1; s <= 7; s += 1) {
      await clock.advance(1_000);
      expect(tell(nth(1))).toMatchObject({ verdict: 'route', askAgainAfterMs: Math.max(1, 3_000 - s * 1_000) });
    }
  });

  it('gets the same answer after the probe is over, but only for the time in which a caller would try again', async () => {
    const { tell, clock, told } = observedRig({ rules: { ha: false } });
    const first = tell(TOLD.lost);
    await clock.advance(14_000);
    expect(tell(TOLD.lost).answer).toMatchObject({ verdict: 'stop', probeId: first.answer.probeId });
    await clock.advance(2_000);
    expect(tell(TOLD.lost).answer.probeId).not.toBe(first.answer.probeId);
    expect(told('probe_finished')).toHaveLength(2);
    expect(told('probe_answered')).toHaveLength(3);
  });

  it('counts as a stop each time, so that an interaction is stopped no more often than it may be', () => {
    const { tell } = observedRig({ rules: { ha: false }, outage: { stopsPerInteraction: 2 } });
    expect([1, 2, 3].map(() => tell(TOLD.lost).verdict)).toEqual(['stop', 'stop', 'route']);
  });

  it('is another word neither if it was told too early the first time', async () => {
    const { tell, clock } = observedRig();
    tell(nth(1));
    await clock.advance(100);
    expect(tell(nth(2))).toMatchObject({ verdict: 'route', askAgainAfterMs: 2_900 });
    await clock.advance(2_900);
    expect(tell(nth(2))).toMatchObject({ verdict: 'route', askAgainAfterMs: 1 });
    expect(tell(nth(3)).answer.attempts).toHaveLength(2);
  });

  it('of an older number says nothing any more, but for a life', async () => {
    const { tell, clock } = observedRig();
    tell(nth(5));
    await clock.advance(3_000);
    expect(tell(nth(4)).answer.attempts).toHaveLength(1);
    expect(tell(nth(3, TOLD.delivered))).toMatchObject({ evidence: 'alive', askAgainAfterMs: null });
  });
});

describe('another question', () => {
  it.each([
    ['by another Chat Server', { chatServer: 'ChatServer_2' }, {}],
    ['by another policy', { policyName: 'ha' }, {}],
    ['in another round', {}, { round: 1 }],
  ])('%s begins anew', async (_name, order, fields) => {
    const { tell, clock, told } = observedRig();
    tell(nth(1));
    await clock.advance(3_000);
    tell(nth(2));
    await clock.advance(3_000);
    expect(tell({ ...nth(3), ...fields }, order)).toMatchObject({ verdict: 'route', askAgainAfterMs: 3_000 });
    expect(told('probe_cancelled')).toHaveLength(1);
  });
});

describe('a workflow that does not come back', () => {
  it('is given up when its policy would have ended, and told as cancelled', async () => {
    const { tell, clock, told } = observedRig();
    tell(nth(1));
    await clock.advance(8_049);
    expect(told('probe_cancelled')).toHaveLength(0);
    await clock.advance(1);
    expect(told('probe_cancelled')).toMatchObject([{ attempts: 1, elapsedMs: 8_050 }]);
    expect(tell(nth(2))).toMatchObject({ verdict: 'route', askAgainAfterMs: 3_000 });
  });

  it('makes room for others where there are too many, the one that began first', () => {
    const { service, order, told, tell } = observedRig();
    for (let n = 0; n < 20_001; n += 1) service.observe(order({ interactionId: `chat-${n}` }), nth(1));
    expect(told('probe_cancelled')).toMatchObject([{ probe: { interactionId: 'chat-0' } }]);
    tell(TOLD.delivered, { interactionId: 'chat-1' });
    service.close();
    expect(told('probe_cancelled')).toHaveLength(20_000);
  });

  it('leaves nothing behind when the target closes', async () => {
    const { tell, service, clock, told } = observedRig();
    tell(nth(1));
    service.close();
    await clock.advance(60_000);
    expect(told('probe_cancelled')).toHaveLength(1);
    expect(told('probe_started')).toHaveLength(1);
  });
});

describe('what probes of a target share', () => {
  it('holds for messages that workflows send: a Chat Server seen down is down for all', () => {
    const { tell, told } = observedRig();
    tell(nth(1, TOLD.down));
    expect(told('server_changed')).toMatchObject([{ chatServer: 'ChatServer_1', to: 'suspect' }]);
  });

  it('is known down after the restore window, where another lives: then a ghost is stopped at its first message', async () => {
    const { tell, clock } = observedRig({ outage: { holdWhileRestoring: true } });
    tell(TOLD.delivered, { interactionId: 'elsewhere-0', chatServer: 'ChatServer_2' });
    for (let s = 0; s <= 60; s += 10) {
      tell(TOLD.down, { interactionId: `ghost-${s}` });
      tell(TOLD.delivered, { interactionId: `elsewhere-${s}`, chatServer: 'ChatServer_2' });
      await clock.advance(10_000);
    }
    const { answer, askAgainAfterMs } = tell(TOLD.down, { interactionId: 'ghost-0' });
    expect([answer.reason, answer.isKnownDown, askAgainAfterMs]).toEqual(['chat_server_not_found', true, null]);
  });

  it('is no second word about one that is only just down: when messages were sent is not told', async () => {
    const { tell, clock } = observedRig({ rules: { onChatServerDown: 'stop' } });
    tell(nth(1, TOLD.down), { interactionId: 'another' });
    await clock.advance(2_000);
    const policy = { attempts: 1, attemptTimeoutMs: 2_000, pauseMs: 0, backoff: 1, maxPauseMs: 0, jitter: 0, deadlineMs: 8_000 };
    expect(tell(nth(1, TOLD.down), { policy })).toMatchObject({ verdict: 'route', reason: 'unconfirmed' });
  });

  it('is limited: a chat that has had its messages is routed, but one that lives is alive', async () => {
    const { tell, clock } = observedRig({ rules: { ha: false }, outage: { messageLimit: 2 } });
    for (const round of [1, 2]) {
      tell({ ...TOLD.silent, round });
      await clock.advance(20_000);
    }
    expect(tell({ ...TOLD.lost, round: 3 })).toMatchObject({ verdict: 'route', reason: 'message_limit', askAgainAfterMs: null });
    expect(tell({ ...TOLD.delivered, round: 4 })).toMatchObject({ evidence: 'alive' });
  });

  it('suppresses what would be too many retries, but for the second word of a stop', async () => {
    const { tell, clock } = observedRig({ outage: { retriesPerSecond: 0, retryShare: 0 } });
    tell(nth(1, TOLD.unknown));
    tell(nth(1), { interactionId: 'lost' });
    await clock.advance(3_000);
    expect(tell(nth(2, TOLD.unknown))).toMatchObject({ reason: 'retry_suppressed', askAgainAfterMs: null });
    expect(tell(nth(2), { interactionId: 'lost' })).toMatchObject({ reason: 'unconfirmed', askAgainAfterMs: 3_000 });
  });

  it('withholds stops as those of a probe', () => {
    const { tell } = observedRig({ rules: { ha: false }, guard: { requireDelivery: true } });
    expect(tell(TOLD.lost).answer).toMatchObject({ verdict: 'route', guarded: true });
  });

  describe('with so many bad answers in a row that none is believed', () => {
    /** Ten stops pass; the eleventh is the one that is asked about. */
    async function doubted() {
      const rig = observedRig({ rules: { ha: false }, guard: { massStop: true } });
      const deliver = (n: number) => rig.tell(TOLD.delivered, { interactionId: `alive-${n}`, chatServer: `ChatServer_${1 + (n % 2)}` });
      // So many that the share of stops is no reason to doubt.
      for (let n = 0; n < 50; n += 1) deliver(n);
      await rig.clock.advance(1_000);
      const lost = (n: number, told = TOLD.lost) => rig.tell(told, { interactionId: `lost-${n}`, chatServer: `ChatServer_${1 + (n % 2)}` });
      expect(Array.from({ length: 10 }, (_, n) => lost(n).verdict)).toEqual(Array.from({ length: 10 }, () => 'stop'));
      return { ...rig, deliver, lost: (attempt: number) => lost(11, { ...TOLD.lost, attempt }) };
    }

    it('is asked for once more, and stops where a life has come meanwhile', async () => {
      const { clock, deliver, lost, order } = await doubted();
      const { pauseMs } = order().policy;
      expect(lost(1)).toMatchObject({ verdict: 'route', askAgainAfterMs: pauseMs });
      await clock.advance(10);
      deliver(50);
      await clock.advance(pauseMs);
      expect(lost(2)).toMatchObject({ verdict: 'stop', askAgainAfterMs: null });
    });

    it('is not asked for again where the policy has no attempt left', async () => {
      const { order, tell } = await doubted();
      const policy = { ...order().policy, attempts: 1 };
      const { answer, askAgainAfterMs } = tell(TOLD.lost, { interactionId: 'lost-11', chatServer: 'ChatServer_2', policy });
      expect([answer.verdict, answer.guarded, askAgainAfterMs]).toEqual(['route', true, null]);
    });

    it('is asked for once only: without a life it is withheld', async () => {
      const { clock, lost, order } = await doubted();
      lost(1);
      await clock.advance(order().policy.pauseMs);
      const { answer, askAgainAfterMs } = lost(2);
      expect([answer.verdict, answer.guarded, askAgainAfterMs]).toEqual(['route', true, null]);
    });
  });

  describe('told of Chat Servers that were seen down', () => {
    /** Twenty ghosts of two of them, whose first answers come so long after the last life. */
    async function ghosts(afterMs: number) {
      const rig = observedRig({ rules: { ha: false, onChatServerDown: 'stop' }, guard: { massStop: true } });
      const down = (n: number, attempt: number) =>
        rig.tell({ ...TOLD.down, attempt }, { interactionId: `ghost-${n}`, chatServer: `ChatServer_${3 + (n % 2)}` });
      for (const n of [0, 1]) down(n, 1);
      for (let n = 0; n < 50; n += 1) rig.tell(TOLD.delivered, { interactionId: `alive-${n}`, chatServer: `ChatServer_${1 + (n % 2)}` });
      await rig.clock.advance(afterMs);
      const all = Array.from({ length: 20 }, (_, n) => 2 + n);
      for (const n of all) expect(down(n, 1).askAgainAfterMs).toBe(1_000);
      return { ...rig, told: (attempt: number) => all.map((n) => down(n, attempt).verdict) };
    }

    it('says nothing against the target while lives are found, until stops come of it and none was found meanwhile', async () => {
      const { clock, service, told } = await ghosts(400);
      expect(service.state().guard).toBe('watching');
      await clock.advance(1_000);
      told(2);
      await clock.advance(1_000);
      expect([told(3).indexOf('route'), service.state().guard]).toEqual([10, 'tripped']);
    });

    it('is believed no more before anything is stopped, where no life was found for half a second: the target may have gone wrong', async () => {
      const { clock, service, told } = await ghosts(500);
      expect(service.state().guard).toBe('tripped');
      for (const attempt of [2, 3]) {
        await clock.advance(1_000);
        expect(new Set(told(attempt))).toEqual(new Set(['route']));
      }
    });
  });

  it('shows in shadow what it would have been', () => {
    const { tell } = observedRig({ rules: { ha: false }, enforcement: { shadow: true } });
    expect(tell(TOLD.lost).answer).toMatchObject({ verdict: 'route', shadowVerdict: 'stop' });
  });

  it('tells each probe with one beginning and one end, each message once, and an answer only where there is one', async () => {
    const { tell, clock, events } = observedRig();
    tell(nth(1));
    tell(nth(1));
    await clock.advance(3_000);
    tell(nth(2, TOLD.delivered));
    expect(events.map(({ type }) => type).filter((type) => !type.startsWith('server'))).toEqual([
      'probe_started',
      'attempt_finished',
      'attempt_finished',
      'probe_finished',
      'probe_answered',
    ]);
  });
});

describe('without a confirmed text', () => {
  it.each(['sessionNotFound', 'chatServerNotFound'] as const)('for %s nothing is stopped for it', async (meaning) => {
    const patterns = { ...CONFIRMED, [meaning]: [] };
    const { tell, clock } = observedRig({ rules: { ha: false, onChatServerDown: 'stop', patterns } });
    const told = meaning === 'sessionNotFound' ? { ...TOLD.lost, trees: [{ FaultCode: '100' }] } : TOLD.down;
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect(tell({ ...told, attempt })).toMatchObject({ verdict: 'route', evidence: 'unknown' });
      await clock.advance(1_000);
    }
  });
});

describe('the texts of an engine', () => {
  it('are noted each once, with how often and what they were taken for', async () => {
    const { tell, service, clock } = observedRig();
    tell(TOLD.lost);
    await clock.advance(500);
    tell({ ...TOLD.lost, texts: [LOST.toUpperCase()], round: 1 });
    tell({ ...TOLD.lost, round: 2 });
    tell(observation({ texts: [DOWN], round: 3 }));
    expect(service.observedTexts.list()).toMatchObject([
      { text: DOWN, outcome: 'error', reason: 'chat_server_not_found', count: 1, firstSeenMs: 0 },
      { text: LOST, reason: 'session_not_found', count: 2, firstSeenMs: 500, lastSeenMs: 0 },
      { text: LOST.toUpperCase(), count: 1 },
    ]);
  });

  it('make room for newer ones, the one that was seen least recently', () => {
    const texts = createObservedTexts({ nowMs: () => 0 }, 2);
    for (const text of ['one', 'two', 'one', 'three']) texts.note('error', [text], 'error_unrecognised');
    expect(texts.list().map(({ text, count }) => [text, count])).toEqual([
      ['three', 1],
      ['one', 2],
    ]);
    expect(texts.forgotten).toBe(1);
  });
});
