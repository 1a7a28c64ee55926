import type { Attempt } from './attempt.ts';
import { REASONS } from './reasons.ts';

/** How often and how patiently to ask. All times in milliseconds. */
export interface RetryPolicy {
  /** Most sends, the first included; at least 1. */
  readonly attempts: number;
  /** Longest that one attempt may take. */
  readonly attemptTimeoutMs: number;
  /** Pause before the second attempt. */
  readonly pauseMs: number;
  /** Factor from one pause to the next; 1 keeps them equal. */
  readonly backoff: number;
  readonly maxPauseMs: number;
  /** Fraction in [0, 1] by which chance may shorten a pause. */
  readonly jitter: number;
  /** Longest that the whole probe may take. */
  readonly deadlineMs: number;
}

/** Composer gives up after 10 s unless told otherwise, hence 8 s for `inline`; for `ha` the caller must wait 60 s. */
export const BUILT_IN_POLICIES = {
  inline: { attempts: 3, attemptTimeoutMs: 2_000, pauseMs: 1_000, backoff: 1, maxPauseMs: 10_000, jitter: 0.2, deadlineMs: 8_000 },
  ha: { attempts: 6, attemptTimeoutMs: 2_000, pauseMs: 8_000, backoff: 1, maxPauseMs: 20_000, jitter: 0.2, deadlineMs: 55_000 },
} as const satisfies Record<string, RetryPolicy>;

/** An attempt with less time than this could only fail. */
export const MIN_ATTEMPT_MS = 50;

export type NextStep =
  | { readonly step: 'wait'; readonly delayMs: number }
  | { readonly step: 'finish'; readonly because: 'settled' | 'proven' | 'futile' | 'attempts_spent' | 'deadline_near' };

/**
 * Decides what follows an attempt.
 *
 * @param ha whether high availability may still turn a bad sign.
 * @param last the attempt just made; its `n` counts the sends made so far.
 * @param elapsedMs time since the probe began, on a monotonic clock.
 * @param draw uniform number in [0, 1), supplied so that the jitter can be replayed.
 * @param isKnownDown whether its Chat Server has been down for so long that nothing can turn a "not found" any more.
 */
export function nextStep(policy: RetryPolicy, ha: boolean, last: Attempt, elapsedMs: number, draw: number, isKnownDown: boolean): NextStep {
  const { evidence, retry } = REASONS[last.reason];
  if (retry === 'settled') return { step: 'finish', because: 'settled' };
  if (retry === 'futile') return { step: 'finish', because: 'futile' };
  if ((evidence === 'dead' && !ha) || (evidence === 'orphaned' && isKnownDown)) return { step: 'finish', because: 'proven' };
  if (last.n >= policy.attempts) return { step: 'finish', because: 'attempts_spent' };

  const pauseMs = jitteredPauseMs(policy, last.n, draw);
  const delayMs = ha && retry === 'confirm' ? spreadMs(policy, last.n, elapsedMs, pauseMs) : Math.max(pauseMs, last.retryAfterMs ?? 0);
  if (policy.deadlineMs - elapsedMs - delayMs < MIN_ATTEMPT_MS) return { step: 'finish', because: 'deadline_near' };
  return { step: 'wait', delayMs };
}

/**
 * When the last attempt of a probe that was kept waiting is due, in ms from its start: at the pin with high availability,
 * else where the plain pauses would have put it, since waiting longer could only delay the answer.
 */
export function lastMomentMs(policy: RetryPolicy, ha: boolean): number {
  const latestMs = Math.max(0, pinMs(policy));
  if (ha) return latestMs;
  let pausesMs = 0;
  for (let k = 1; k < policy.attempts; k += 1) pausesMs += jitteredPauseMs(policy, k, 0);
  return Math.min(latestMs, pausesMs);
}

/** When the last attempt starts while the answers lean to a stop, in ms from the start of the probe; negative where there is no room for a second one. */
export function pinMs({ deadlineMs, attemptTimeoutMs }: RetryPolicy): number {
  return deadlineMs - attemptTimeoutMs;
}

/** The pause after the k-th attempt. */
function jitteredPauseMs(policy: RetryPolicy, k: number, draw: number): number {
  return Math.min(policy.pauseMs * policy.backoff ** (k - 1), policy.maxPauseMs) * (1 - policy.jitter * draw);
}

/**
 * While the answers lean to a stop, the attempts left are spread so that the last one starts at the pin: only then
 * do they cover all the time in which a fail-over could still prove the chat alive.
 */
function spreadMs(policy: RetryPolicy, attemptsMade: number, elapsedMs: number, pauseMs: number): number {
  const untilPinMs = pinMs(policy) - elapsedMs;
  return Math.max(0, Math.min(untilPinMs, Math.max(pauseMs, untilPinMs / (policy.attempts - attemptsMade))));
}
