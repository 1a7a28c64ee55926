import type { SendOutcome } from './adapter.ts';
import { type Attempt, classify } from './attempt.ts';
import { requestFor } from './attempt-sender.ts';
import type { EspFault, EspReply } from './esp.ts';
import { isPatternOf, masked } from './observed-text.ts';
import { faultCodesIn, textsIn, UNREAD_CODE, valuesIn } from './observed-tree.ts';
import type { ProbeOrder } from './probe-order.ts';
import type { AttemptReason } from './reasons.ts';
import type { OutcomePatterns } from './target.ts';

/** What a workflow's block ended with: its normal port, its error port, or no answer in time. */
export const OUTCOMES = ['done', 'error', 'timeout'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a workflow tells of one message that it has sent by itself. Texts and values are the engine's, unchecked. */
export interface Observation {
  readonly outcome: Outcome;
  /** 1 for the first message of a round. */
  readonly attempt: number;
  /** Grows each time the workflow begins anew with fresh user data. */
  readonly round: number;
  /** What the engine said, as plain text. */
  readonly texts: readonly string[];
  /** What it said as JSON, parsed. */
  readonly trees: readonly unknown[];
  /** Keys that stood twice in one object of it, of which only the last was kept. */
  readonly repeatedKeys: readonly string[];
}

export const PATTERN_NAMES = ['sessionNotFound', 'chatServerNotFound', 'delivered'] as const;
type Meaning = (typeof PATTERN_NAMES)[number];

/** Matches whatever is `done` and nothing else. */
export const ANY_TEXT = '*';

/** An observation, read. */
export interface ReadObservation {
  readonly reason: AttemptReason;
  readonly faultCode: string | null;
  readonly errorCode: number | null;
  /** What the engine said, masked, each text once; at least one. */
  readonly shown: readonly string[];
}

/**
 * Reads what a workflow tells of its message, as a gateway's answer would be read. A text proves only what the site has confirmed that it
 * means; a fault's code speaks against a delivery at once, and against the chat once the site has said how a lost session shows.
 */
export function readObservation(observation: Observation, order: ProbeOrder, mayHaveMoved: boolean): ReadObservation {
  const { rules, message } = order.target;
  const texts = [...observation.texts, ...observation.trees.flatMap(textsIn)];
  const own = [order.interactionId, order.chatServer ?? '', ...valuesIn(order.userData)];
  const said = (texts.length === 0 ? [''] : texts).map((text) => ({ text, shown: masked(text, own) }));
  const shown = [...new Set(said.map((one) => one.shown))];
  if (observation.outcome === 'timeout') return { reason: 'timeout', faultCode: null, errorCode: null, shown };

  const patterns = rules.patterns ?? NO_PATTERNS;
  const codes = faultCodesIn(observation.trees, texts, observation.repeatedKeys);
  const meant = meaningOf(observation.outcome, patterns, said);
  const reply: EspReply = codes.size > 0 ? faultWith(codes, meant) : REPLIES[meant];
  const isConfirmed = patterns.sessionNotFound.length > 0;
  const request = requestFor(order, REFERENCE_ID);
  const heard: EspReply = { ...reply, request: { trees: observation.trees }, repeatedKeys: observation.repeatedKeys };
  const outcome: SendOutcome = { kind: 'reply', reply: heard };
  const reason = classify(request, message.idKeys, outcome, rules, mayHaveMoved);
  return {
    reason: isLost(reason) && !isConfirmed ? 'fault_unrecognised' : reason,
    faultCode: reply.kind === 'fault' ? reply.faultCode : null,
    errorCode: reply.kind === 'error' && meant === 'chatServerNotFound' ? reply.errorCode : null,
    shown,
  };
}

/** It as an attempt. How long it took is not known here, nor that it was not delivered after all. */
export function attemptOf(read: ReadObservation, n: number, startedMs: number): Attempt {
  const [text = null] = read.shown;
  return {
    n,
    startedMs,
    durationMs: 0,
    reason: read.reason,
    faultCode: read.faultCode,
    faultString: read.faultCode === null ? null : text,
    errorCode: read.errorCode,
    errorMessage: read.faultCode === null && read.reason !== 'delivered' ? text : null,
    written: true,
    rejected: false,
    retryAfterMs: null,
    detail: null,
  };
}

const NO_PATTERNS: OutcomePatterns = { sessionNotFound: [], chatServerNotFound: [], delivered: [] };
/** Of a message that another has sent: what is read here was asked for by it. */
const REFERENCE_ID = 1;
const NOTHING = { referenceId: REFERENCE_ID, userData: null } as const;
const SESSION_NOT_FOUND = '100';

const REPLIES = {
  sessionNotFound: { ...NOTHING, kind: 'fault', service: null, faultCode: SESSION_NOT_FOUND, faultString: null },
  chatServerNotFound: { ...NOTHING, kind: 'error', errorCode: 1, errorMessage: 'Not found by name' },
  delivered: { ...NOTHING, kind: 'response' },
  unknown: { ...NOTHING, kind: 'error', errorCode: 0, errorMessage: null },
} as const satisfies Record<Meaning | 'unknown', EspReply>;

function isLost(reason: AttemptReason): boolean {
  return reason === 'session_not_found' || reason === 'session_not_found_by_type' || reason === 'session_may_have_moved';
}

/** Two codes, or a code and a text that means something else, can be read in two ways: that is a fault which nobody knows. */
function faultWith(codes: ReadonlySet<string>, meant: Meaning | 'unknown'): EspFault {
  const [code = UNREAD_CODE] = codes;
  const isPlain = codes.size === 1 && meant !== 'chatServerNotFound';
  return { ...NOTHING, kind: 'fault', service: null, faultCode: isPlain ? code : UNREAD_CODE, faultString: null };
}

interface Said {
  readonly text: string;
  readonly shown: string;
}

function meaningOf(outcome: Outcome, patterns: OutcomePatterns, said: readonly Said[]): Meaning | 'unknown' {
  const isSaid = (meaning: Meaning): boolean =>
    patterns[meaning].some((pattern) => pattern !== ANY_TEXT && said.some(({ text, shown }) => isPatternOf(pattern, text, shown)));
  const meant = PATTERN_NAMES.filter((meaning) => (meaning !== 'delivered' || outcome === 'done') && isSaid(meaning));
  const [meaning] = meant;
  if (meaning !== undefined) return meant.length === 1 ? meaning : 'unknown';
  return outcome === 'done' && patterns.delivered.includes(ANY_TEXT) ? 'delivered' : 'unknown';
}
