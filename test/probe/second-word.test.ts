import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_POLICIES, MIN_ATTEMPT_MS, pinMs, type RetryPolicy } from '../../src/probe/policy.ts';
import { REASON_NAMES, REASONS, type Reason } from '../../src/probe/reasons.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import { hasSecondWord, type Testimony } from '../../src/probe/verdict.ts';
import { always, inOrder, rig } from '../support/probe-run.ts';
import { attemptWith } from '../support/samples.ts';
import type { Answer, Turn } from '../support/scripted-adapter.ts';

const { inline } = BUILT_IN_POLICIES;

/** Attempts of this reason that began at these moments; the policy `inline` puts its three at 0, 3,000 and 6,000. */
function saidAt(reason: Reason, ...startedMs: readonly number[]) {
  return startedMs.map((atMs, n) => attemptWith({ n: n + 1, reason, startedMs: atMs }));
}

function stands(fields: Partial<Testimony>, policy: RetryPolicy = inline, confirmAfterMs = 1_000): boolean {
  const reason = fields.reason ?? 'session_not_found';
  return hasSecondWord(policy, confirmAfterMs, {
    reason,
    attempts: saidAt(reason, 0, 3_000, 6_000),
    byCanary: false,
    downtime: { isKnown: false, provenForMs: 0 },
    elapsedMs: 6_010,
    ...fields,
  });
}

const FOUND_DOWN = { reason: 'chat_server_not_found' } as const;

describe('a stop with high availability stands', () => {
  it.each(['session_not_found', 'chat_server_not_found', 'fault_unrecognised'] as const)(
    'on %s said to the end of the policy',
    (reason) => {
      expect(stands({ reason })).toBe(true);
    },
  );

  it('on two answers of the same kind that are far enough apart, less what a timer may be early', () => {
    const spent = { ...inline, attempts: 2 };
    expect(stands({ attempts: saidAt('session_not_found', 0, 998) }, spent)).toBe(true);
    expect(stands({ attempts: saidAt('session_not_found', 0, 997.9) }, spent)).toBe(false);
    expect(stands({ attempts: saidAt('session_not_found', 0, 4_997.9) }, spent, 5_000)).toBe(false);
    expect(stands({ attempts: saidAt('session_not_found', 0, 4_998) }, spent, 5_000)).toBe(true);
  });

  it('on the first and the last of them, whatever came between', () => {
    const [first, , last] = saidAt('session_not_found', 0, 3_000, 6_000);
    const between = attemptWith({ n: 2, reason: 'timeout', startedMs: 3_000 });
    if (first === undefined || last === undefined) throw new Error('three were made');
    expect(stands({ attempts: [first, between, last] })).toBe(true);
    expect(stands({ attempts: [between, first, last] }, inline, 6_001)).toBe(true);
    expect(stands({ attempts: [{ ...first, reason: 'chat_server_not_found' }, between, last] })).toBe(false);
  });

  it('on no answer alone, be there no time asked between two', () => {
    for (const confirmAfterMs of [0, 1_000]) {
      const once = { ...inline, attempts: 1 };
      expect(stands({ attempts: saidAt('session_not_found', 6_000) }, once, confirmAfterMs)).toBe(false);
      expect(stands({ ...FOUND_DOWN, attempts: saidAt('chat_server_not_found', 6_000) }, once, confirmAfterMs)).toBe(false);
      expect(stands({ attempts: saidAt('session_not_found', 6_000, 6_000) }, inline, confirmAfterMs)).toBe(confirmAfterMs === 0);
    }
  });

  it('where the attempts are used up, or the last one began at the pin, less what a timer may be early', () => {
    expect(stands({ attempts: saidAt('session_not_found', 0, 2_000) })).toBe(false);
    expect(stands({ attempts: saidAt('session_not_found', 0, 2_000, 4_000) })).toBe(true);
    expect(stands({ attempts: saidAt('session_not_found', 0, 5_997.9) })).toBe(false);
    expect(stands({ attempts: saidAt('session_not_found', 0, 5_998) })).toBe(true);
    // The policy asks for no end to be waited for after an answer that high availability does not turn.
    expect(stands({ reason: 'fault_unrecognised', attempts: saidAt('fault_unrecognised', 0, 1_000) })).toBe(true);
  });

  it('no longer than 50 ms after the deadline: what this process read too late is out of date', () => {
    expect(stands({ elapsedMs: 8_050 })).toBe(true);
    expect(stands({ elapsedMs: 8_050.1 })).toBe(false);
    expect(stands({ ...FOUND_DOWN, byCanary: true, downtime: { isKnown: true, provenForMs: 60_000 }, elapsedMs: 8_051 })).toBe(false);
  });
});

describe('of a Chat Server that is not found', () => {
  const heard = (provenForMs: number, isKnown = false) => ({ downtime: { isKnown, provenForMs } });

  it('what all probes heard counts like two answers', () => {
    const one = { ...FOUND_DOWN, attempts: saidAt('chat_server_not_found', 6_000) };
    expect(stands({ ...one, ...heard(998) })).toBe(true);
    expect(stands({ ...one, ...heard(997.9) })).toBe(false);
    expect(stands({ ...one, ...heard(1) }, inline, 0)).toBe(true);
    expect(stands({ ...one, ...heard(60_000), reason: 'session_not_found', attempts: saidAt('session_not_found', 6_000) })).toBe(false);
  });

  it('it does not end the policy early, but for the proof of a canary or one that is down for long', () => {
    const early = { ...FOUND_DOWN, attempts: saidAt('chat_server_not_found', 0) };
    expect(stands({ ...early, ...heard(60_000) })).toBe(false);
    expect(stands({ ...early, ...heard(60_000, true) })).toBe(true);
    expect(stands({ ...early, ...heard(60_000), byCanary: true })).toBe(true);
    expect(stands({ ...early, ...heard(0), byCanary: true })).toBe(false);
    expect(stands({ ...early, ...heard(0, true) })).toBe(false);
  });

  it('no message of one’s own is needed beside a canary', () => {
    const none = { ...FOUND_DOWN, attempts: [], ...heard(2_000) };
    expect(stands({ ...none, byCanary: true })).toBe(true);
    expect(stands(none)).toBe(false);
  });
});

describe('a probe with high availability', () => {
  const UNCONFIRMED = { verdict: 'route', evidence: 'unknown', reason: 'unconfirmed', degraded: true, recheckAfterMs: 2_000 };
  const stop = { onChatServerDown: 'stop', onUnrecognised: 'stop' } as const;

  it.each(['dead', 'orphaned', 'other_fault', 'other_error'] as const)('never stops on one message, which says %s', async (answer) => {
    const once = { policy: { ...inline, attempts: 1 } };
    expect(await rig(always(answer)).run(once, stop)).toMatchObject({ ...UNCONFIRMED, faultCode: null, servedBy: 'probe' });
    expect((await rig(always(answer)).run(once, { ...stop, ha: false }))?.verdict).toBe('stop');
    expect((await rig(always(answer)).run({ policy: { ...inline, attempts: 2 } }, stop))?.verdict).toBe('stop');
  });

  it.each(['dead', 'orphaned'] as const)('does not stop where its deadline leaves no second between two words: %s', async (answer) => {
    // The last attempt begins as late as it can: two attempts, and the pin at their distance.
    const within = (deadlineMs: number) => ({ policy: { ...inline, attempts: 2, deadlineMs } });
    expect(await rig(always(answer)).run(within(2_997), stop)).toMatchObject(UNCONFIRMED);
    expect((await rig(always(answer)).run(within(2_998), stop))?.verdict).toBe('stop');
    expect((await rig(always(answer)).run(within(300), { ...stop, ha: false }))?.verdict).toBe('stop');
  });

  it('does not stop on two words that differ', async () => {
    expect(await rig(inOrder('dead', 'orphaned')).run({ policy: { ...inline, attempts: 2 } }, stop)).toMatchObject(UNCONFIRMED);
    expect(await rig(inOrder('refused', 'refused', 'dead')).run({}, stop)).toMatchObject(UNCONFIRMED);
  });

  it('does not stop on what it read when this process woke, long after its deadline', async () => {
    const woken = async (stallMs: number, rules: Partial<TargetRules>) => {
      const { start, clock } = rig([
        { afterMs: 10, answer: 'dead' },
        { afterMs: 1_900, answer: 'dead' },
      ]);
      const outcome = start({ policy: { ...inline, attempts: 2 } }, rules);
      await clock.advance(6_100);
      clock.stall(stallMs);
      return clock.drive(outcome);
    };
    expect(await woken(1_900, { ha: true })).toMatchObject({ verdict: 'stop', elapsedMs: 8_000 });
    expect(await woken(60_000, { ha: true })).toMatchObject({ ...UNCONFIRMED, attempts: [{}, { reason: 'session_not_found' }] });
  });

  it('is stopped by its own data at once', async () => {
    expect(await rig([]).run({ isOffline: true, policy: { ...inline, attempts: 1 } })).toMatchObject({
      verdict: 'stop',
      evidence: 'closed',
    });
  });
});

describe('whatever the attempts and the policy', () => {
  const policies: fc.Arbitrary<RetryPolicy> = fc.record({
    attempts: fc.integer({ min: 1, max: 6 }),
    attemptTimeoutMs: fc.integer({ min: 50, max: 3_000 }),
    pauseMs: fc.integer({ min: 0, max: 2_000 }),
    backoff: fc.constantFrom(1, 2),
    maxPauseMs: fc.integer({ min: 0, max: 5_000 }),
    jitter: fc.constantFrom(0, 0.2, 1),
    deadlineMs: fc.integer({ min: 100, max: 20_000 }),
  });
  const SENT = REASON_NAMES.filter((reason) => reason === 'timeout' || (reason !== 'delivered' && REASONS[reason].origin === 'reply'));
  const testimonies: fc.Arbitrary<Testimony> = fc.record({
    reason: fc.constantFrom<Reason>('session_not_found', 'chat_server_not_found', 'fault_unrecognised'),
    attempts: fc
      .array(fc.record({ startedMs: fc.integer({ min: 0, max: 20_000 }), reason: fc.constantFrom<Reason>(...SENT) }), {
        maxLength: 6,
      })
      .map((made) =>
        [...made].sort((one, other) => one.startedMs - other.startedMs).map((fields, n) => attemptWith({ ...fields, n: n + 1 })),
      ),
    byCanary: fc.boolean(),
    downtime: fc.record({ isKnown: fc.boolean(), provenForMs: fc.constantFrom(0, 1, 900, 998, 60_000) }),
    elapsedMs: fc.integer({ min: 0, max: 21_000 }),
  });
  const confirmations = fc.constantFrom(0, 1, 1_000, 5_000);

  it('a stop has two words that are far enough apart, or the shared downtime', () => {
    let stood = 0;
    fc.assert(
      fc.property(policies, confirmations, testimonies, (policy, confirmAfterMs, testimony) => {
        if (!hasSecondWord(policy, confirmAfterMs, testimony)) return;
        stood += 1;
        const { reason, attempts, downtime, elapsedMs } = testimony;
        const same = attempts.filter((attempt) => attempt.reason === reason);
        const areTwo = same.some((one) => same.some((other) => other.n !== one.n && other.startedMs - one.startedMs >= confirmAfterMs - 2));
        const areShared = reason === 'chat_server_not_found' && downtime.provenForMs > 0 && downtime.provenForMs >= confirmAfterMs - 2;
        expect([areTwo || areShared, elapsedMs <= policy.deadlineMs + MIN_ATTEMPT_MS]).toEqual([true, true]);
      }),
    );
    expect(stood).toBeGreaterThan(0);
  });

  it('one who says the same for longer, or more often, is not believed less', () => {
    fc.assert(
      fc.property(policies, confirmations, testimonies, fc.integer({ min: 0, max: 5_000 }), (policy, confirmAfterMs, testimony, byMs) => {
        fc.pre(hasSecondWord(policy, confirmAfterMs, testimony));
        const { attempts, downtime } = testimony;
        const lastMs = (attempts.at(-1)?.startedMs ?? 0) + byMs;
        const again = attemptWith({ n: attempts.length + 1, reason: testimony.reason, startedMs: lastMs });
        expect(hasSecondWord(policy, confirmAfterMs, { ...testimony, attempts: [...attempts, again] })).toBe(true);
        const longer = { ...downtime, provenForMs: downtime.provenForMs + byMs };
        expect(hasSecondWord(policy, confirmAfterMs, { ...testimony, downtime: longer })).toBe(true);
        expect(hasSecondWord(policy, 0, testimony)).toBe(true);
      }),
    );
  });

  it('a whole probe stops by its rules alone without high availability, and with it on two words at the end of its policy', async () => {
    const answers = fc.constantFrom<Answer>('dead', 'dead', 'orphaned', 'orphaned', 'other_fault', 'refused', 'silent');
    const turns: fc.Arbitrary<readonly Turn[]> = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 2_500 }), answer: answers }), {
      minLength: 1,
      maxLength: 6,
    });
    const stops = { ha: 0, plain: 0 };
    await fc.assert(
      fc.asyncProperty(policies, confirmations, turns, fc.boolean(), async (policy, confirmAfterMs, given, isHa) => {
        const rules = { ha: isHa, confirmAfterMs, onChatServerDown: 'stop', onUnrecognised: 'stop' } as const;
        const result = await rig(given).run({ policy }, rules);
        if (result === null) throw new Error('nobody cancelled');
        const last = result.attempts.at(-1);
        if (!isHa) {
          expect(result.reason).not.toBe('unconfirmed');
          stops.plain += result.verdict === 'stop' ? 1 : 0;
          return;
        }
        if (result.reason === 'unconfirmed') expect(REASONS[last?.reason ?? 'timeout'].origin).toBe('reply');
        if (result.verdict !== 'stop') return;
        stops.ha += 1;
        const same = result.attempts.filter(({ reason }) => reason === result.reason).map(({ startedMs }) => startedMs);
        expect(Math.max(...same) - Math.min(...same)).toBeGreaterThanOrEqual(confirmAfterMs - 2);
        expect(same.length).toBeGreaterThan(1);
        const isSpent = result.attempts.length === policy.attempts || (last?.startedMs ?? 0) >= pinMs(policy) - 2;
        expect(isSpent || result.reason === 'fault_unrecognised').toBe(true);
      }),
    );
    expect(stops.ha).toBeGreaterThan(0);
    expect(stops.plain).toBeGreaterThan(0);
  });
});
