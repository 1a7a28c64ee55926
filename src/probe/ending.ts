import type { Attempt } from './attempt.ts';
import type { ProbeOrder } from './probe-order.ts';
import type { Reason } from './reasons.ts';
import type { ProbeResult } from './result.ts';
import { conclude } from './verdict.ts';

/** How a probe ended: with the reason that counts, which the probe of another may have found out, or without anybody who waits for one. */
export type Ending = Verdicted | 'caller_gone';

export interface Verdicted {
  readonly reason: Reason;
  readonly byCanary: boolean;
}

export function endedBy(reason: Reason): Verdicted {
  return { reason, byCanary: false };
}

/** What a probe came to that ended like this after these attempts. */
export function resultOf(order: ProbeOrder, { reason, byCanary }: Verdicted, attempts: readonly Attempt[], elapsedMs: number): ProbeResult {
  const last = attempts.at(-1) ?? null;
  // A verdict that the last attempt did not decide (`deadline`, `draining`, a canary's) must not wear its proof.
  const decisive = last?.reason === reason && !byCanary ? last : null;
  const conclusion = conclude(reason, order.target.rules, order.policy.deadlineMs, decisive?.retryAfterMs ?? null);
  return {
    verdict: conclusion.verdict,
    evidence: conclusion.evidence,
    reason,
    degraded: conclusion.degraded,
    recheckAfterMs: conclusion.recheckAfterMs,
    attempts,
    faultCode: decisive?.faultCode ?? null,
    faultString: decisive?.faultString ?? null,
    servedBy: byCanary ? 'canary' : last === null ? 'none' : 'probe',
    elapsedMs,
  };
}
