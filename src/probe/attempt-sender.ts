import type { InteractionServerAdapter, SendOutcome } from './adapter.ts';
import type { AdmissionControl } from './admission.ts';
import { type Attempt, classify, isIdKey } from './attempt.ts';
import { type CancelSignal, createCancelController } from './cancel-signal.ts';
import type { Clock } from './clock.ts';
import { customersWords, withoutEcho } from './echo.ts';
import type { EspRequest, UserDataValue } from './esp.ts';
import type { ProbeOrder, ProberParts } from './probe-order.ts';
import { REASONS, type Reason } from './reasons.ts';
import { type TraceHeaders, traceHeaders } from './trace-context.ts';

/** One send that was made. */
export interface SentAttempt {
  readonly record: Attempt;
  /** True if `signal` ended it, so that it says nothing about the far end. */
  readonly cut: boolean;
}

/** One send that is to be made. */
export interface DueAttempt {
  readonly parts: ProberParts;
  readonly order: ProbeOrder;
  /** The attempts made before in the same probe. */
  readonly earlier: readonly Attempt[];
  readonly timeoutMs: number;
  /** Start of the probe, on the prober's clock. */
  readonly startedAtMs: number;
  readonly signal: CancelSignal;
  readonly admission: Pick<AdmissionControl, 'mayHaveMoved'>;
}

/**
 * Makes one send, bounded by `timeoutMs` and by `signal`, and records it. Does not reject: an adapter that breaks its
 * promise shows as `internal_error`, one that does not settle as `timeout`.
 */
export function sendAttempt(due: DueAttempt): Promise<SentAttempt> {
  const { parts, order, earlier, timeoutMs, signal } = due;
  const { adapter } = order.target;
  const trace = order.trace === undefined ? undefined : traceHeaders(order.trace, earlier.length + 1);
  const request = requestFor(order, parts.nextReferenceId());
  const sentAtMs = parts.clock.nowMs();
  return sendBounded(parts.clock, adapter, request, timeoutMs, signal, trace).then((sent) => sentAttempt(due, request, sentAtMs, sent));
}

function sentAttempt(due: DueAttempt, request: EspRequest, sentAtMs: number, sent: Sent): SentAttempt {
  const { parts, order, earlier, startedAtMs, signal } = due;
  const cut = signal.aborted && !isOutcomeOfItsOwn(sent);
  if (sent.kind === 'broken' && !cut) parts.observe({ type: 'fault', requestId: order.requestId, fault: sent.fault });
  const reason = cut ? 'draining' : reasonOf(sent, request, due);
  const record = recordOf(sent, reason, earlier.length + 1, sentAtMs - startedAtMs, parts.clock.nowMs() - sentAtMs);
  return { record: withoutEchoes(record, () => customersWords(request, order.interactionId)), cut };
}

/** What the far end did counts even if it came together with a cancellation; what the cancellation did does not. */
function isOutcomeOfItsOwn(sent: Sent): boolean {
  return sent.kind === 'settled' && (sent.outcome.kind === 'reply' || sent.outcome.reason !== 'timeout');
}

/** The message that is sent for it. */
export function requestFor(order: ProbeOrder, referenceId: number): EspRequest {
  const { message } = order.target;
  const others = Object.entries(order.userData).filter(([key]) => !isIdKey(key, message.idKeys));
  const ids = message.idKeys.map((key): [string, UserDataValue] => [key, order.interactionId]);
  return {
    referenceId,
    appName: order.chatServer,
    messageText: message.text,
    messageType: message.type,
    visibility: message.visibility,
    userData: Object.fromEntries([...others, ...ids]),
  };
}

function reasonOf(sent: Sent, request: EspRequest, { order, earlier, admission }: DueAttempt): Reason {
  if (sent.kind === 'broken') return 'internal_error';
  if (sent.kind === 'overdue') return 'timeout';
  const { message, rules } = order.target;
  // The server came back empty while we watched, in this probe or in another.
  const mayHaveMoved = admission.mayHaveMoved() || earlier.some((attempt) => REASONS[attempt.reason].evidence === 'orphaned');
  return classify(request, message.idKeys, sent.outcome, rules, mayHaveMoved);
}

function recordOf(sent: Sent, reason: Reason, n: number, startedMs: number, durationMs: number): Attempt {
  const outcome = sent.kind === 'settled' ? sent.outcome : null;
  const failure = outcome?.kind === 'failure' ? outcome : null;
  // The fault of an answer to another message says nothing about this chat.
  const reply = outcome?.kind === 'reply' && REASONS[reason].origin === 'reply' ? outcome.reply : null;
  const fault = reply?.kind === 'fault' ? reply : null;
  const error = reply?.kind === 'error' ? reply : null;
  return {
    n,
    startedMs,
    durationMs,
    reason,
    faultCode: fault?.faultCode ?? null,
    faultString: fault?.faultString ?? null,
    errorCode: error?.errorCode ?? null,
    errorMessage: error?.errorMessage ?? null,
    // Where the adapter does not say, the message may have been delivered.
    written: failure?.written ?? true,
    rejected: failure?.rejected ?? false,
    retryAfterMs: failure?.retryAfterMs ?? null,
    detail: sent.kind === 'settled' ? (failure?.detail ?? null) : `adapter ${sent.kind}`,
    sentTo: outcome?.sentTo,
  };
}

/** The record as it may be answered and kept: read before, since only what was really said is proof. */
function withoutEchoes(record: Attempt, said: () => readonly string[]): Attempt {
  const { faultCode, faultString, errorMessage } = record;
  if (faultCode === null && faultString === null && errorMessage === null) return record;
  const cleared = (text: string | null): string | null => (text === null ? null : withoutEcho(text, said));
  return { ...record, faultCode: cleared(faultCode), faultString: cleared(faultString), errorMessage: cleared(errorMessage) };
}

/** How long an adapter may take to settle after its signal has aborted, before it is left behind. */
const ABORT_GRACE_MS = 20;

/** A timer this late or later was held up by ourselves, and so was whatever came in meanwhile. */
const OWN_DELAY_MS = 20;

/** What a send came to within its bounds. */
export type Sent =
  | { readonly kind: 'settled'; readonly outcome: SendOutcome }
  /** The adapter did not settle although its time was over. */
  | { readonly kind: 'overdue' }
  /** The adapter broke its promise never to reject. */
  | { readonly kind: 'broken'; readonly fault: unknown };

/**
 * Makes one send; settles after `timeoutMs`, or when `signal` aborts, 20 ms later at most. Never rejects. If this process
 * stalled until the time was over, a reply that is here by then still counts: the far end must not be blamed for our delay.
 */
export function sendBounded(
  clock: Clock,
  adapter: InteractionServerAdapter,
  request: EspRequest,
  timeoutMs: number,
  signal: CancelSignal,
  trace?: TraceHeaders,
): Promise<Sent> {
  return new Promise((resolve) => {
    const attempt = createCancelController();
    let cancelGrace = (): void => undefined;
    const settle = (sent: Sent): void => {
      cancelTimeout();
      cancelGrace();
      signal.removeEventListener('abort', end);
      resolve(sent);
    };
    const end = (): void => {
      cancelTimeout();
      cancelGrace = clock.schedule(ABORT_GRACE_MS, () => settle({ kind: 'overdue' }));
      attempt.abort();
    };
    const dueAtMs = clock.nowMs() + timeoutMs;
    const expire = (): void => {
      // After a stall timers fire before the replies that wait are read. One more turn of the event loop lets them be.
      if (clock.nowMs() - dueAtMs < OWN_DELAY_MS) end();
      else cancelTimeout = clock.schedule(0, end);
    };
    let cancelTimeout = clock.schedule(timeoutMs, expire);
    signal.addEventListener('abort', end);
    const fail = (fault: unknown): void => settle({ kind: 'broken', fault });
    try {
      adapter.send(request, timeoutMs, attempt.signal, trace).then((outcome) => settle({ kind: 'settled', outcome }), fail);
    } catch (fault) {
      fail(fault);
    }
  });
}
