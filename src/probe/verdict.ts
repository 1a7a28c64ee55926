import { type Downtime, NO_DOWNTIME } from './admission.ts';
import type { Attempt } from './attempt.ts';
import { MIN_ATTEMPT_MS, pinMs, type RetryPolicy } from './policy.ts';
import { type Evidence, REASONS, type Reason } from './reasons.ts';
import type { TargetRules } from './target.ts';

export const VERDICTS = ['route', 'stop'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What to do with the chat and how well that is founded. */
export interface Conclusion {
  readonly verdict: Verdict;
  readonly evidence: Evidence;
  readonly reason: Reason;
  /** True if the verdict does not rest on proof. */
  readonly degraded: boolean;
  /** Where a later answer may differ, when to ask again; else null. */
  readonly recheckAfterMs: number | null;
}

/**
 * Turns the reason that counts (that of the delivered attempt, else of the last) into a verdict.
 *
 * @param deadlineMs how long the probe was allowed to take, overrides included.
 * @param isKnownDown whether the Chat Server has been down for so long that nobody can be restored from it any more.
 * @param retryAfterMs how long the far end asked us to stay away, null if it did not say.
 */
export function conclude(
  reason: Reason,
  rules: TargetRules,
  deadlineMs: number,
  isKnownDown: boolean,
  retryAfterMs: number | null = null,
): Conclusion {
  const { evidence, recheckAfterMs } = REASONS[reason];
  const verdict = verdictOf(reason, rules, deadlineMs, isKnownDown);
  return {
    verdict,
    evidence,
    reason,
    degraded: evidence === 'orphaned' || evidence === 'unknown',
    recheckAfterMs: verdict === 'stop' || recheckAfterMs === null ? null : Math.max(recheckAfterMs, retryAfterMs ?? 0),
  };
}

/** Costs are not equal: without proof or a rule that says so, a chat is routed. */
function verdictOf(reason: Reason, rules: TargetRules, deadlineMs: number, isKnownDown: boolean): Verdict {
  switch (REASONS[reason].evidence) {
    case 'alive':
      return 'route';
    case 'dead':
    case 'closed':
      return 'stop';
    case 'orphaned':
      return stopsOrphans(rules, deadlineMs) || (isKnownDown && rules.onChatServerDown === 'auto') ? 'stop' : 'route';
    case 'unknown':
      return reason === 'fault_unrecognised' || reason === 'error_unrecognised' ? rules.onUnrecognised : 'route';
  }
}

/** Whether the target's rules stop an orphan, whatever else is known of its Chat Server. */
export function stopsOrphans({ onChatServerDown, ha, restoreWindowMs }: TargetRules, deadlineMs: number): boolean {
  if (onChatServerDown !== 'auto') return onChatServerDown === 'stop';
  // With HA a session may come back elsewhere until its client is dropped; only who has allowed for that time may stop.
  return !ha || deadlineMs >= restoreWindowMs;
}

/**
 * Where a verdict comes from: nothing was sent (`none`), a probe of its own (`probe`), one that another request had begun
 * (`coalesced`), one that has just found the chat alive (`recent`), what another chat's probe proved of the Chat Server
 * (`canary`), or messages that the workflow itself has sent (`observation`).
 */
export const SERVED_BY = ['none', 'probe', 'coalesced', 'recent', 'canary', 'observation'] as const;
export type ServedBy = (typeof SERVED_BY)[number];

/** What a probe came to. */
export interface ProbeResult extends Conclusion {
  /** Every send, a cut one included, in order. */
  readonly attempts: readonly Attempt[];
  /** Of the attempt that decided, null where it brought none. */
  readonly faultCode: string | null;
  readonly faultString: string | null;
  readonly servedBy: ServedBy;
  /** True if its Chat Server was not found, and has been down for so long that nobody can be restored from it any more. */
  readonly isKnownDown: boolean;
  readonly elapsedMs: number;
}

/** How a probe ended: with the reason that counts, which the probe of another may have found out, or without anybody who waits for one. */
export type ProbeEnd = ConcludedEnd | 'caller_gone';

export interface ConcludedEnd {
  readonly reason: Reason;
  readonly byCanary: boolean;
  readonly downtime: Downtime;
}

export function endedBy(reason: Reason): ConcludedEnd {
  return { reason, byCanary: false, downtime: NO_DOWNTIME };
}

/** What of an order its verdict rests on. */
interface Judged {
  readonly policy: RetryPolicy;
  readonly target: { readonly rules: TargetRules };
}

/** What a probe came to that ended like this after these attempts. */
export function resultOf(order: Judged, ended: ConcludedEnd, attempts: readonly Attempt[], elapsedMs: number): ProbeResult {
  const { byCanary, downtime } = ended;
  const last = attempts.at(-1) ?? null;
  const conclusion = conclusionOf(order, ended, attempts, elapsedMs);
  // A verdict that the last attempt did not decide (`deadline`, `draining`, a canary's) must not wear its proof.
  const decisive = decisiveOf(last, conclusion.reason, byCanary);
  return {
    verdict: conclusion.verdict,
    evidence: conclusion.evidence,
    reason: conclusion.reason,
    degraded: conclusion.degraded,
    recheckAfterMs: conclusion.recheckAfterMs,
    attempts,
    faultCode: decisive?.faultCode ?? null,
    faultString: decisive?.faultString ?? null,
    servedBy: byCanary ? 'canary' : last === null ? 'none' : 'probe',
    isKnownDown: downtime.isKnown,
    elapsedMs,
  };
}

function conclusionOf(order: Judged, ended: ConcludedEnd, attempts: readonly Attempt[], elapsedMs: number): Conclusion {
  const { reason, byCanary, downtime } = ended;
  const { policy, target } = order;
  const { rules } = target;
  const decisive = decisiveOf(attempts.at(-1) ?? null, reason, byCanary);
  const computed = conclude(reason, rules, policy.deadlineMs, downtime.isKnown, decisive?.retryAfterMs ?? null);
  if (computed.verdict !== 'stop' || computed.evidence === 'closed' || !rules.ha) return computed;
  return hasSecondWord(policy, rules.confirmAfterMs, { reason, attempts, byCanary, downtime, elapsedMs })
    ? computed
    : conclude('unconfirmed', rules, policy.deadlineMs, false);
}

function decisiveOf(last: Attempt | null, reason: Reason, byCanary: boolean): Attempt | null {
  return last?.reason === reason && !byCanary ? last : null;
}

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
