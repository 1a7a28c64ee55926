import type { Attempt } from '../probe/attempt.ts';
import type { Verdict } from '../probe/verdict.ts';
import {
  type Control,
  type ControlState,
  type GuardState,
  isGuarded,
  type ProbeAnswered,
  type ServerState,
  type Truth,
  type Withholding,
} from '../resilience/events.ts';
import { explain } from '../resilience/explain.ts';
import type { Kept } from './evidence-store.ts';

/** What is kept of a probe: enough to say alone, long after, what was answered and why. Texts from outside are cut. */
export interface EvidenceRecord {
  readonly probeId: string;
  /** Of the request that is told: the first that was answered `stop`, else the first. */
  readonly requestId: string;
  readonly interactionId: string;
  readonly target: string;
  readonly policy: string;
  readonly chatServer: string | null;
  /** Milliseconds of Unix time. */
  readonly answeredAtMs: number;
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

export type KeptAttempt = Omit<Attempt, 'rejected' | 'retryAfterMs'>;

/** How the target stood when it answered. */
export interface StateAtAnswer {
  /** Of the Chat Server that was named; of those chosen by type where none was. */
  readonly chatServer: ServerState;
  readonly chatServersDown: number;
  readonly gatewayOpen: boolean;
  readonly guard: GuardState;
  /** What each control probe was told last; null before, and where there is none. */
  readonly controls: Readonly<Record<Control, ControlState | null>>;
}

/** A record as it is kept: what the store does not know by itself. */
type Stored = ReturnType<typeof storedOf>;

/** Where a record comes from. */
export interface Origin {
  readonly replica: string;
  readonly configuration: string;
}

/** What is kept of an answer, as text. */
export function storedText(event: ProbeAnswered, origin: Origin, state: StateAtAnswer): string {
  return JSON.stringify(storedOf(event, origin, state));
}

function storedOf(event: ProbeAnswered, { replica, configuration }: Origin, state: StateAtAnswer) {
  const { probe, answer } = event;
  return {
    requestId: probe.requestId,
    policy: probe.policy,
    replica,
    configuration,
    computed: event.computed,
    withheld: event.withheld,
    shadowVerdict: event.shadowVerdict,
    simulated: event.simulated,
    answer: {
      verdict: answer.verdict,
      evidence: answer.evidence,
      reason: answer.reason,
      degraded: answer.degraded,
      servedBy: answer.servedBy,
      isKnownDown: answer.isKnownDown,
      faultCode: cutOrNull(answer.faultCode),
      faultString: cutOrNull(answer.faultString),
      recheckAfterMs: answer.recheckAfterMs,
      elapsedMs: Math.round(answer.elapsedMs),
      attempts: answer.attempts.map(attemptOf),
    },
    state,
  };
}

function attemptOf(attempt: Attempt): KeptAttempt {
  return {
    n: attempt.n,
    startedMs: Math.round(attempt.startedMs),
    durationMs: Math.round(attempt.durationMs),
    reason: attempt.reason,
    faultCode: cutOrNull(attempt.faultCode),
    faultString: cutOrNull(attempt.faultString),
    errorCode: attempt.errorCode,
    errorMessage: cutOrNull(attempt.errorMessage),
    written: attempt.written,
    detail: cutOrNull(attempt.detail),
  };
}

/** The record as it is read. */
export function recordOf(kept: Kept): EvidenceRecord {
  const { probeId, interactionId, target, chatServer, requests, truth } = kept;
  const stored: Stored = JSON.parse(kept.text);
  const { answer, computed, withheld, simulated, shadowVerdict, state } = stored;
  const { evidence, reason, degraded, servedBy, faultCode, faultString, recheckAfterMs, elapsedMs, attempts } = answer;
  return {
    ...{ probeId, requestId: stored.requestId, interactionId, target, policy: stored.policy, chatServer },
    ...{ answeredAtMs: kept.atMs, replica: stored.replica, configuration: stored.configuration },
    ...{ answered: kept.verdict, verdict: computed, evidence, reason, degraded, guarded: isGuarded(stored), cause: withheld },
    ...{ shadowVerdict, simulated, servedBy, faultCode, faultString, recheckAfterMs, elapsedMs },
    ...{ explanation: explain({ probe: { chatServer }, answer, computed, withheld, simulated }), attempts, state, requests, truth },
  };
}

/** What comes from outside is cut to this many characters. */
const MAX_FOREIGN_CHARACTERS = 256;

/** A text from outside as it is kept. */
export function cut(text: string): string {
  return text.slice(0, MAX_FOREIGN_CHARACTERS);
}

function cutOrNull(text: string | null): string | null {
  return text === null ? null : cut(text);
}
