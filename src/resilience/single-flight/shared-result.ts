import type { ProbeOrder } from '../../probe/probe-order.ts';
import type { Reason } from '../../probe/reasons.ts';
import { conclude, type ProbeResult } from '../../probe/verdict.ts';

/** What one request learns thanks to the probe of another. */
export interface SharedResult extends ProbeResult {
  readonly servedBy: 'coalesced' | 'recent';
}

/** For one whose chat another probe has just found alive. */
export function recentResult(order: ProbeOrder): SharedResult {
  return { ...bareResult(order, 'delivered'), servedBy: 'recent' };
}

/**
 * For one who joined the run of another, which came to this. What follows from an orphan depends on how long one was ready to
 * wait, so it is concluded anew: a patient run must not stop the chat of a caller who may not.
 */
export function coalescedResult({ target, policy }: ProbeOrder, result: ProbeResult, elapsedMs: number): SharedResult {
  const shared: SharedResult = { ...result, servedBy: 'coalesced', elapsedMs };
  if (result.verdict !== 'stop') return shared;
  const { verdict, recheckAfterMs } = conclude(result.reason, target.rules, policy.deadlineMs, result.isKnownDown);
  return verdict === 'stop' ? shared : { ...shared, verdict, recheckAfterMs };
}

/** For everybody who waits for a run that broke. */
export function brokenResult(order: ProbeOrder): ProbeResult {
  return bareResult(order, 'internal_error');
}

export function bareResult(order: ProbeOrder, reason: Reason): ProbeResult {
  return {
    ...conclude(reason, order.target.rules, order.policy.deadlineMs, false),
    attempts: [],
    faultCode: null,
    faultString: null,
    servedBy: 'none',
    isKnownDown: false,
    elapsedMs: 0,
  };
}
