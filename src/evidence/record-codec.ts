import { isObject, own } from '../json/json-object.ts';
import { EVIDENCE, isReason } from '../probe/reasons.ts';
import { SERVED_BY, VERDICTS } from '../probe/verdict.ts';
import { CONTROL_STATES, GUARD_STATES, SERVER_STATES, WITHHOLDINGS } from '../resilience/events.ts';
import type { StoredRecord, WrittenRecord } from '../store/shared-evidence.ts';
import { type EvidenceRecord, type KeptAttempt, recordOf } from './evidence-record.ts';
import { type Kept, positionOf, type StateAtAnswer } from './evidence-store.ts';

/** A record as it is written for all replicas to read: what changes of it later is told apart. */
type LastingRecord = Omit<EvidenceRecord, 'requests' | 'truth'>;

/** Most characters of one; a policy may have a hundred attempts, with texts that a gateway makes up. */
const MOST_CHARACTERS = 16_384;

/** A record as the store gets it. */
export function writtenRecord(kept: Kept): WrittenRecord {
  const { probe, answer } = kept.answered;
  return {
    ...positionOf(kept),
    interactionId: probe.interactionId,
    target: probe.target,
    verdict: answer.verdict,
    reason: answer.reason,
    chatServer: probe.chatServer,
    rank: rankOf(kept),
    requests: kept.requests - kept.written,
    truth: kept.truth,
    text: encoded(kept),
  };
}

/** What several replicas may write of one probe: a stop before a route, and whoever made the probe before those who share its answer. */
export function rankOf({ answered: { answer, probe, probeId } }: Kept): number {
  return (answer.verdict === 'stop' ? 2 : 0) + (probe.probeId === probeId ? 1 : 0);
}

/** Where it is longer than a record may be its first attempts are left out: the last ones decided. */
function encoded(kept: Kept): string {
  const { requests: _requests, truth: _truth, ...record } = recordOf(kept);
  const text = JSON.stringify(record);
  if (text.length <= MOST_CHARACTERS) return text;
  let room = MOST_CHARACTERS - JSON.stringify({ ...record, attempts: [] }).length;
  const last = record.attempts.toReversed().findIndex((attempt) => {
    room -= JSON.stringify(attempt).length + 1;
    return room < 0;
  });
  return JSON.stringify({ ...record, attempts: last === 0 ? [] : record.attempts.slice(last === -1 ? 0 : -last) });
}

/** A record of the store; null for a text that is none of ours, or of a later version which knows words that we do not. */
export function readable({ text, requests, truth }: StoredRecord): EvidenceRecord | null {
  const record = parsed(text);
  return isRecord(record) ? { ...record, requests, truth } : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What each field of an object must be. */
type Checks<T> = { readonly [K in keyof T]-?: (value: unknown) => value is T[K] };

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isMoment = (value: unknown): value is string => isText(value) && !Number.isNaN(Date.parse(value));
const isKnownReason = (value: unknown): value is EvidenceRecord['reason'] => isText(value) && isReason(value);
const oneOf =
  <W extends string>(words: readonly W[]) =>
  (value: unknown): value is W =>
    words.some((word) => word === value);
const orNull =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T | null =>
    value === null || is(value);
const allOf =
  <T extends object>(checks: Checks<T>) =>
  (value: unknown): value is T =>
    isObject(value) && Object.entries(checks).every(([name, is]) => isCheck(is) && is(own(value, name)));

function isCheck(value: unknown): value is (value: unknown) => boolean {
  return typeof value === 'function';
}

const isAttempt = allOf<KeptAttempt>({
  n: isNumber,
  startedMs: isNumber,
  durationMs: isNumber,
  reason: (value): value is KeptAttempt['reason'] => isKnownReason(value),
  faultCode: orNull(isText),
  faultString: orNull(isText),
  errorCode: orNull(isNumber),
  errorMessage: orNull(isText),
  written: isFlag,
  detail: orNull(isText),
});
const isControl = orNull(oneOf(CONTROL_STATES));
const isState = allOf<StateAtAnswer>({
  chatServer: oneOf(SERVER_STATES),
  chatServersDown: isNumber,
  gatewayOpen: isFlag,
  guard: oneOf(GUARD_STATES),
  controls: allOf<StateAtAnswer['controls']>({ absent: isControl, live: isControl }),
});

const isRecord = allOf<LastingRecord>({
  probeId: isText,
  requestId: isText,
  traceId: orNull(isText),
  caller: orNull(isText),
  interactionId: isText,
  target: isText,
  policy: isText,
  chatServer: orNull(isText),
  answeredAt: isMoment,
  replica: isText,
  configuration: isText,
  answered: oneOf(VERDICTS),
  verdict: oneOf(VERDICTS),
  evidence: oneOf(EVIDENCE),
  reason: isKnownReason,
  degraded: isFlag,
  guarded: isFlag,
  cause: orNull(oneOf(WITHHOLDINGS)),
  shadowVerdict: orNull(oneOf(VERDICTS)),
  simulated: isFlag,
  servedBy: oneOf(SERVED_BY),
  faultCode: orNull(isText),
  faultString: orNull(isText),
  recheckAfterMs: orNull(isNumber),
  elapsedMs: isNumber,
  explanation: isText,
  attempts: (value): value is readonly KeptAttempt[] => Array.isArray(value) && value.every(isAttempt),
  state: isState,
});
