import type { Attempt } from './attempt.ts';
import { MIN_ATTEMPT_MS, pinMs, type RetryPolicy } from './policy.ts';
import { REASONS, type Reason } from './reasons.ts';

/** What a probe has to show for a stop. */
export interface Testimony {
  /** The reason that counts. */
  readonly reason: Reason;
  readonly attempts: readonly Attempt[];
  /** True if the last word is that of another probe's message. */
  readonly byCanary: boolean;
  /** See `Downtime`; whether it is known ends the probe before its policy does. */
  readonly downtime: { readonly isKnown: boolean; readonly provenForMs: number };
  readonly elapsedMs: number;
}

/** A timer may ring this much early. */
const TIMER_MS = 2;

/**
 * Whether a stop stands with high availability (docs/genesys.md): on two bad answers of the same kind, sent at least
 * `confirmAfterMs` apart, the second of them at the end of the time that the policy gives a fail-over. What was read long after it
 * was said, because this process stood still, is out of date.
 */
export function hasSecondWord(policy: RetryPolicy, confirmAfterMs: number, testimony: Testimony): boolean {
  if (testimony.elapsedMs > policy.deadlineMs + MIN_ATTEMPT_MS) return false;
  return isSaidTwice(confirmAfterMs, testimony) && isSaidToTheEnd(policy, testimony);
}

/** Of a Chat Server that is down, what the messages of all probes say counts alike. */
function isSaidTwice(confirmAfterMs: number, { reason, attempts, downtime }: Testimony): boolean {
  const apartMs = confirmAfterMs - TIMER_MS;
  // With no time at all between them there was but one.
  if (REASONS[reason].evidence === 'orphaned' && downtime.provenForMs > 0 && downtime.provenForMs >= apartMs) return true;
  const sentMs = attempts.filter((attempt) => attempt.reason === reason).map(({ startedMs }) => startedMs);
  return sentMs.length > 1 && Math.max(...sentMs) - Math.min(...sentMs) >= apartMs;
}

/** Whether the policy left no later attempt: they are used up, or the last one began at the pin. */
function isSaidToTheEnd(policy: RetryPolicy, { reason, attempts, byCanary, downtime }: Testimony): boolean {
  if (byCanary || downtime.isKnown || REASONS[reason].retry !== 'confirm') return true;
  return attempts.length >= policy.attempts || attempts.some(({ startedMs }) => startedMs >= pinMs(policy) - TIMER_MS);
}
