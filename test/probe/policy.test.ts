import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_POLICIES, lastMomentMs, MIN_ATTEMPT_MS, nextStep, pinMs, type RetryPolicy } from '../../src/probe/policy.ts';
import type { Reason } from '../../src/probe/reasons.ts';
import { REASON_NAMES, REASONS } from '../../src/probe/reasons.ts';
import { attemptWith } from '../support/samples.ts';

const { inline, ha } = BUILT_IN_POLICIES;

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  attempts: fc.integer({ min: 1, max: 12 }),
  attemptTimeoutMs: fc.integer({ min: 50, max: 10_000 }),
  pauseMs: fc.integer({ min: 0, max: 20_000 }),
  backoff: fc.double({ min: 1, max: 4, noNaN: true }),
  maxPauseMs: fc.integer({ min: 0, max: 30_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  deadlineMs: fc.integer({ min: 100, max: 60_000 }),
});
const draws = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const fractions = fc.double({ min: 0, max: 1, noNaN: true });
const RETRYABLE = REASON_NAMES.filter((reason) => REASONS[reason].retry === 'again' || REASONS[reason].retry === 'confirm');

function stepAfter(
  reason: Reason,
  n: number,
  elapsedMs: number,
  options: { policy?: RetryPolicy; ha?: boolean; draw?: number; retryAfterMs?: number; isKnownDown?: boolean } = {},
) {
  const last = attemptWith({ reason, n, retryAfterMs: options.retryAfterMs ?? null });
  return nextStep(options.policy ?? inline, options.ha ?? true, last, elapsedMs, options.draw ?? 0, options.isKnownDown ?? false);
}

describe('ends the probe', () => {
  it('on delivery', () => {
    expect(stepAfter('delivered', 1, 0)).toEqual({ step: 'finish', because: 'settled' });
  });

  it.each(['gateway_auth', 'tls_failure', 'gateway_misrouted', 'internal_error'] as const)(
    'on %s, which a further attempt cannot mend',
    (reason) => {
      expect(stepAfter(reason, 1, 0)).toEqual({ step: 'finish', because: 'futile' });
    },
  );

  it('on the first proof of death without high availability', () => {
    expect(stepAfter('session_not_found', 1, 0, { ha: false })).toEqual({ step: 'finish', because: 'proven' });
  });

  it.each([true, false])('on a server that is not found and known to be down (ha: %s), and on nothing else that it says', (isHa) => {
    const options = { ha: isHa, isKnownDown: true };
    expect(stepAfter('chat_server_not_found', 1, 0, options)).toEqual({ step: 'finish', because: 'proven' });
    expect(stepAfter('chat_server_not_found', 1, 0, { ha: isHa }).step).toBe('wait');
    expect(stepAfter('timeout', 1, 0, options).step).toBe('wait');
    expect(stepAfter('session_may_have_moved', 1, 0, options).step).toBe('wait');
    expect(stepAfter('session_not_found', 1, 0, { ...options, ha: true }).step).toBe('wait');
  });

  it('when the attempts are spent', () => {
    expect(stepAfter('timeout', 2, 0).step).toBe('wait');
    expect(stepAfter('timeout', 3, 0)).toEqual({ step: 'finish', because: 'attempts_spent' });
  });

  it('after one attempt where the policy allows no more', () => {
    expect(stepAfter('timeout', 1, 0, { policy: { ...inline, attempts: 1 } })).toEqual({ step: 'finish', because: 'attempts_spent' });
  });

  it('when the pause would leave less than 50 ms', () => {
    expect(stepAfter('timeout', 1, 8_000 - 1_000 - 49)).toEqual({ step: 'finish', because: 'deadline_near' });
    expect(stepAfter('timeout', 1, 8_000 - 1_000 - 50)).toEqual({ step: 'wait', delayMs: 1_000 });
  });

  it('when the gateway asks for more time than is left', () => {
    expect(stepAfter('gateway_busy', 1, 10, { retryAfterMs: 7_941 })).toEqual({ step: 'finish', because: 'deadline_near' });
    expect(stepAfter('gateway_busy', 1, 10, { retryAfterMs: 7_940 })).toEqual({ step: 'wait', delayMs: 7_940 });
  });
});

describe('plain pauses', () => {
  it('grow by the back-off up to their limit', () => {
    const policy = { ...ha, pauseMs: 1_000, backoff: 2, maxPauseMs: 3_000 };
    const pauses = [1, 2, 3, 4].map((n) => stepAfter('timeout', n, 0, { policy }));
    expect(pauses).toEqual([1_000, 2_000, 3_000, 3_000].map((delayMs) => ({ step: 'wait', delayMs })));
  });

  it('are shortened by chance by no more than the jitter', () => {
    expect(stepAfter('timeout', 1, 0, { draw: 0.5 })).toEqual({ step: 'wait', delayMs: 900 });
  });

  it('follow an orphaned answer without high availability', () => {
    expect(stepAfter('chat_server_not_found', 1, 0, { ha: false })).toEqual({ step: 'wait', delayMs: 1_000 });
  });

  it('follow a session that may have moved', () => {
    expect(stepAfter('session_may_have_moved', 1, 0)).toEqual({ step: 'wait', delayMs: 1_000 });
  });

  it('are not shorter than the gateway asks', () => {
    expect(stepAfter('gateway_busy', 1, 0, { retryAfterMs: 3_000 })).toEqual({ step: 'wait', delayMs: 3_000 });
    expect(stepAfter('gateway_busy', 1, 0, { retryAfterMs: 300 })).toEqual({ step: 'wait', delayMs: 1_000 });
  });
});

describe('while the answers lean to a stop', () => {
  it.each(['session_not_found', 'chat_server_not_found'] as const)('spreads the attempts up to the pin after %s', (reason) => {
    expect(stepAfter(reason, 1, 0)).toEqual({ step: 'wait', delayMs: 3_000 });
    expect(stepAfter(reason, 2, 3_010)).toEqual({ step: 'wait', delayMs: 2_990 });
    expect(stepAfter(reason, 3, 23_000, { policy: ha })).toEqual({ step: 'wait', delayMs: 10_000 });
  });

  it('starts the last attempt at the pin whatever the draw', () => {
    fc.assert(
      fc.property(policies, fractions, draws, (policy, spent, draw) => {
        const pinMs = policy.deadlineMs - policy.attemptTimeoutMs;
        fc.pre(pinMs > 0 && policy.attempts > 1);
        const next = stepAfter('session_not_found', policy.attempts - 1, pinMs * spent, { policy, draw });
        expect(next.step === 'wait' ? next.delayMs + pinMs * spent : pinMs).toBeCloseTo(pinMs, 6);
        expect(next.step).toBe('wait');
      }),
    );
  });

  it('keeps the pause as the least distance while that fits before the pin', () => {
    expect(stepAfter('session_not_found', 1, 0, { policy: { ...inline, attempts: 10 } })).toEqual({ step: 'wait', delayMs: 1_000 });
  });

  it('asks again at once past the pin', () => {
    expect(stepAfter('session_not_found', 1, 6_500)).toEqual({ step: 'wait', delayMs: 0 });
  });
});

it('the pin is where the last attempt still has all its time, before the start where there is none', () => {
  expect([pinMs(inline), pinMs(ha), pinMs({ ...inline, deadlineMs: 1_500 })]).toEqual([6_000, 53_000, -500]);
});

describe('the last moment of a probe that was kept waiting', () => {
  it('is the pin with high availability', () => {
    expect(lastMomentMs(BUILT_IN_POLICIES.inline, true)).toBe(6_000);
    expect(lastMomentMs(BUILT_IN_POLICIES.ha, true)).toBe(53_000);
  });

  it('is where the plain pauses end without it, jitter aside', () => {
    expect(lastMomentMs(BUILT_IN_POLICIES.inline, false)).toBe(2_000);
    expect(lastMomentMs({ ...BUILT_IN_POLICIES.inline, backoff: 2 }, false)).toBe(3_000);
    expect(lastMomentMs({ ...BUILT_IN_POLICIES.inline, attempts: 1 }, false)).toBe(0);
  });

  it('is never later than the pin, and never before the start', () => {
    expect(lastMomentMs(BUILT_IN_POLICIES.ha, false)).toBe(40_000);
    expect(lastMomentMs({ ...BUILT_IN_POLICIES.ha, attempts: 9 }, false)).toBe(53_000);
    expect(lastMomentMs({ ...BUILT_IN_POLICIES.inline, deadlineMs: 1_500 }, true)).toBe(0);
    expect(lastMomentMs({ ...BUILT_IN_POLICIES.inline, deadlineMs: 1_500 }, false)).toBe(0);
  });
});

describe('for every policy', () => {
  it('never waits past the deadline less the shortest attempt', () => {
    fc.assert(
      fc.property(
        policies,
        fc.constantFrom(...RETRYABLE),
        fc.boolean(),
        fractions,
        draws,
        fc.integer({ min: 1, max: 12 }),
        (policy, reason, isHa, spent, draw, n) => {
          const elapsedMs = policy.deadlineMs * spent; // always inside the deadline: outside it the rule is trivial
          const next = stepAfter(reason, n, elapsedMs, { policy, ha: isHa, draw });
          expect(next.step === 'finish' || elapsedMs + next.delayMs <= policy.deadlineMs - MIN_ATTEMPT_MS + 1e-6).toBe(true);
          expect(next.step === 'finish' || next.delayMs >= 0).toBe(true);
        },
      ),
    );
  });

  it('never allows more attempts than the policy', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(...RETRYABLE), fc.boolean(), draws, (policy, reason, isHa, draw) => {
        expect(stepAfter(reason, policy.attempts, 0, { policy, ha: isHa, draw }).step).toBe('finish');
      }),
    );
  });

  it('keeps a plain pause between (1 - jitter) times its length and its length', () => {
    fc.assert(
      fc.property(policies, draws, (policy, draw) => {
        const roomy = { ...policy, attempts: 3, deadlineMs: 1_000_000 };
        const next = stepAfter('timeout', 1, 0, { policy: roomy, draw });
        const fullMs = Math.min(policy.pauseMs, policy.maxPauseMs);
        expect(next.step === 'wait' && next.delayMs <= fullMs && next.delayMs >= fullMs * (1 - policy.jitter) - 1e-6).toBe(true);
      }),
    );
  });
});
