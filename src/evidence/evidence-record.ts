import type { Attempt } from '../probe/attempt.ts';
import type { Verdict } from '../probe/verdict.ts';
import { isGuarded, type ProbeAnswered, type Truth, type Withholding } from '../resilience/events.ts';
import { explain } from '../resilience/explain.ts';
import { ownCopy } from '../resilience/single-flight/chats.ts';
import type { Kept, KeptAnswer, StateAtAnswer } from './evidence-store.ts';

/** What is kept of a probe: enough to say alone, long after, what was answered and why. Texts from outside are cut. */
export interface EvidenceRecord {
  readonly probeId: string;
  /** Of the request that is told: the first that was answered `stop`, else the first. */
  readonly requestId: string;
  /** Its trace, null if it was part of none. */
  readonly traceId: string | null;
  /** Who asked, as the configuration names it; null where no scope was asked for. */
  readonly caller: string | null;
  readonly interactionId: string;
  readonly target: string;
  readonly policy: string;
  readonly chatServer: string | null;
  /** ISO 8601, UTC. */
  readonly answeredAt: string;
  readonly replica: string;
  /** Names the configuration in force. */
  readonly configuration: string;
  readonly answered: Verdict;
  /** What the probe concluded. */
  readonly verdict: Verdict;
  readonly evidence: ProbeAnswered['answer']['evidence'];
  readonly reason: ProbeAnswered['answer']['reason'];
  readonly degraded: boolean;
  readonly guarded: boolean;
  readonly cause: Withholding | null;
  readonly shadowVerdict: Verdict | null;
  readonly simulated: boolean;
  readonly servedBy: ProbeAnswered['answer']['servedBy'];
  readonly faultCode: string | null;
  readonly faultString: string | null;
  readonly recheckAfterMs: number | null;
  readonly elapsedMs: number;
  readonly explanation: string;
  readonly attempts: readonly KeptAttempt[];
  readonly state: StateAtAnswer;
  /** How many requests the probe answered. */
  readonly requests: number;
  readonly truth: Truth | null;
}

export type KeptAttempt = Omit<Attempt, 'rejected' | 'retryAfterMs' | 'sentTo'>;

/** What of an answer is kept: texts from outside are cut, and are their own. */
export function keptAnswer(event: ProbeAnswered, nameOf: (name: string) => string): KeptAnswer {
  const { probe, answer } = event;
  const hasLongText = answer.attempts.some(isLong);
  return {
    probe: {
      probeId: probe.probeId,
      requestId: probe.requestId,
      caller: probe.caller,
      interactionId: ownCopy(probe.interactionId),
      target: probe.target,
      policy: nameOf(probe.policy),
      chatServer: probe.chatServer === null ? null : nameOf(probe.chatServer.slice(0, MAX_FOREIGN_CHARACTERS)),
      trace: probe.trace === undefined ? undefined : { traceId: ownCopy(probe.trace.traceId) },
    },
    probeId: event.probeId,
    answer: hasLongText ? withShortTexts(answer) : answer,
    computed: event.computed,
    withheld: event.withheld,
    shadowVerdict: event.shadowVerdict,
    simulated: event.simulated,
  };
}

/** What comes from outside is cut to this many characters. */
const MAX_FOREIGN_CHARACTERS = 256;

/** The texts of the answer itself are those of its last attempt. */
function isLong({ faultCode, faultString, errorMessage, detail }: Attempt): boolean {
  return isLongText(faultCode) || isLongText(faultString) || isLongText(errorMessage) || isLongText(detail);
}

function isLongText(text: string | null): boolean {
  return text !== null && text.length > MAX_FOREIGN_CHARACTERS;
}

function withShortTexts(answer: ProbeAnswered['answer']): ProbeAnswered['answer'] {
  const attempts = answer.attempts.map((attempt) => ({
    ...attempt,
    faultCode: cut(attempt.faultCode),
    faultString: cut(attempt.faultString),
    errorMessage: cut(attempt.errorMessage),
    detail: cut(attempt.detail),
  }));
  return { ...answer, faultCode: cut(answer.faultCode), faultString: cut(answer.faultString), attempts };
}

function cut(text: string | null): string | null {
  return text === null ? null : ownCopy(text.slice(0, MAX_FOREIGN_CHARACTERS));
}

/** The record as it is read. */
export function recordOf({ answered, atMs, origin, state, requests, truth }: Kept): EvidenceRecord {
  const { probe, answer } = answered;
  return {
    probeId: answered.probeId,
    requestId: probe.requestId,
    traceId: probe.trace?.traceId ?? null,
    caller: probe.caller,
    interactionId: probe.interactionId,
    target: probe.target,
    policy: probe.policy,
    chatServer: probe.chatServer,
    answeredAt: new Date(atMs).toISOString(),
    replica: origin.replica,
    configuration: origin.configuration,
    answered: answer.verdict,
    verdict: answered.computed,
    evidence: answer.evidence,
    reason: answer.reason,
    degraded: answer.degraded,
    guarded: isGuarded(answered),
    cause: answered.withheld,
    shadowVerdict: answered.shadowVerdict,
    simulated: answered.simulated,
    servedBy: answer.servedBy,
    faultCode: answer.faultCode,
    faultString: answer.faultString,
    recheckAfterMs: answer.recheckAfterMs,
    elapsedMs: Math.round(answer.elapsedMs),
    explanation: explain(answered),
    attempts: answer.attempts.map(attemptOf),
    state,
    requests,
    truth,
  };
}

function attemptOf({ rejected: _rejected, retryAfterMs: _retryAfterMs, sentTo: _sentTo, ...attempt }: Attempt): KeptAttempt {
  return { ...attempt, startedMs: Math.round(attempt.startedMs), durationMs: Math.round(attempt.durationMs) };
}
