import type { Attempt } from '../probe/attempt.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import { REASONS } from '../probe/reasons.ts';
import type { Answer } from '../resilience/probe-service.ts';
import type { ProbeAnswer } from './probe-schema.ts';
import { MAX_FOREIGN_CHARACTERS } from './probe-schema.ts';

/** The answer's JSON form: flat, whole milliseconds, strings from outside cut. */
export function probeAnswer(order: ProbeOrder, answer: Answer, debug: boolean): ProbeAnswer {
  const told = {
    interactionId: order.interactionId,
    verdict: answer.verdict,
    evidence: answer.evidence,
    reason: answer.reason,
    degraded: answer.degraded,
    attempts: answer.attempts.length,
    faultCode: cut(answer.faultCode),
    faultString: cut(answer.faultString),
    chatServer: cut(order.chatServer),
    target: order.target.name,
    policy: order.policyName,
    servedBy: answer.servedBy,
    guarded: answer.guarded,
    shadowVerdict: answer.shadowVerdict,
    simulated: order.target.adapter.isSimulated(),
    recheckAfterMs: answer.recheckAfterMs === null ? null : Math.ceil(answer.recheckAfterMs),
    elapsedMs: Math.round(answer.elapsedMs),
    probeId: answer.probeId,
  };
  return debug ? { ...told, attemptLog: answer.attempts.map(attemptEntry) } : told;
}

/**
 * What a caller gets when we are too broken even to know what was asked: route, and look into the log.
 *
 * @param simulated whether no target is a real one.
 */
export function faultAnswer(requestId: string, interactionId: string | null, simulated: boolean): ProbeAnswer {
  return {
    interactionId,
    verdict: 'route',
    evidence: 'unknown',
    reason: 'internal_error',
    degraded: true,
    attempts: 0,
    faultCode: null,
    faultString: null,
    chatServer: null,
    target: null,
    policy: null,
    servedBy: 'none',
    guarded: false,
    shadowVerdict: null,
    simulated,
    recheckAfterMs: REASONS.internal_error.recheckAfterMs,
    elapsedMs: 0,
    probeId: requestId,
  };
}

function attemptEntry(attempt: Attempt): NonNullable<ProbeAnswer['attemptLog']>[number] {
  return {
    n: attempt.n,
    startedMs: Math.round(attempt.startedMs),
    durationMs: Math.round(attempt.durationMs),
    reason: attempt.reason,
    faultCode: cut(attempt.faultCode),
    faultString: cut(attempt.faultString),
    errorCode: attempt.errorCode,
    errorMessage: cut(attempt.errorMessage),
  };
}

function cut(text: string | null): string | null {
  // Half a surrogate pair at the end would not be a string that every JSON reader takes.
  return text === null ? null : text.slice(0, MAX_FOREIGN_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}
