import { type Downtime, NO_DOWNTIME } from './admission.ts';
import type { Attempt } from './attempt.ts';
import type { ProbeOrder } from './probe-order.ts';
import type { Reason } from './reasons.ts';
import type { ProbeResult } from './result.ts';
import { hasSecondWord } from './second-word.ts';
import { type Conclusion, conclude } from './verdict.ts';

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

/** What a probe came to that ended like this after these attempts. */
export function resultOf(order: ProbeOrder, ended: ConcludedEnd, attempts: readonly Attempt[], elapsedMs: number): ProbeResult {
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

function conclusionOf(order: ProbeOrder, ended: ConcludedEnd, attempts: readonly Attempt[], elapsedMs: number): Conclusion {
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
