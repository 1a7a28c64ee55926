import type { Attempt } from '../probe/attempt.ts';
import type { ProbeIdentity } from '../probe/probe-order.ts';
import { REASONS, type Reason } from '../probe/reasons.ts';
import { attemptSpanId, type ProbeTrace, SAMPLED, type SpanReference } from '../probe/trace-context.ts';
import { isGuarded, type ProbeAnswered, type ServiceEvent } from '../resilience/events.ts';

/** A span as it is to be made. Times are Unix time in milliseconds. */
export interface SpanDescription {
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the first span of a trace. */
  readonly parent: { readonly spanId: string; readonly isRemote: boolean } | null;
  readonly state: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** Only where the trouble is ours or on our way: that a chat is dead is a finding. */
  readonly isError: boolean;
  readonly links: readonly SpanReference[];
}

/** Undefined is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

const ROUTE = '/interactions/:id/probe';
/** What comes from outside is cut to this many characters. */
const MAX_FOREIGN_CHARACTERS = 256;

/**
 * The span that an event completes; null if it completes none, or none is wanted of its trace. One for each request that asked and one for
 * each attempt, below that of the request whose probe it is. No user data, and no text of the far end, stands in them.
 *
 * @param nowMs Unix time.
 */
export function spanOf(event: ServiceEvent, nowMs: number): SpanDescription | null {
  if (event.type === 'probe_answered')
    return requestSpan(event.probe, answerAttributes(event), nowMs, troubleOf(event.answer.reason), event.sharedWith);
  if (event.type === 'request_abandoned') return requestSpan(event.probe, { 'chatprobe.outcome': 'abandoned' }, nowMs, null, undefined);
  if (event.type === 'attempt_finished') return attemptSpan(event.probe, event.attempt, nowMs, attemptTroubleOf(event.attempt.reason));
  return event.type === 'attempt_cancelled' ? attemptSpan(event.probe, event.attempt, nowMs, null) : null;
}

type Sampled = ProbeTrace & { readonly spanId: string };

function sampled(trace: ProbeTrace | undefined): Sampled | null {
  if (trace === undefined || trace.spanId === null || (trace.flags & SAMPLED) === 0) return null;
  return { ...trace, spanId: trace.spanId };
}

function requestSpan(
  probe: ProbeIdentity,
  attributes: SpanAttributes,
  nowMs: number,
  trouble: Reason | null,
  sharedWith: SpanReference | undefined,
): SpanDescription | null {
  const trace = sampled(probe.trace);
  if (trace === null) return null;
  const { traceId, spanId, state, callerSpanId, startedAtMs } = trace;
  return {
    name: `POST ${ROUTE}`,
    kind: 'server',
    traceId,
    spanId,
    parent: callerSpanId === null ? null : { spanId: callerSpanId, isRemote: true },
    state,
    startMs: startedAtMs,
    endMs: Math.max(startedAtMs, nowMs),
    attributes: { ...probeAttributes(probe), ...attributes, 'error.type': trouble ?? undefined },
    isError: trouble !== null,
    links: sharedWith === undefined ? [] : [sharedWith],
  };
}

function attemptSpan(probe: ProbeIdentity, attempt: Attempt, nowMs: number, trouble: Reason | null): SpanDescription | null {
  const trace = sampled(probe.trace);
  if (trace === null) return null;
  const { traceId, spanId, state, startedAtMs } = trace;
  const startMs = Math.max(startedAtMs, nowMs - attempt.durationMs);
  return {
    name: attempt.sentTo === undefined ? 'attempt' : 'POST /esp',
    kind: 'client',
    traceId,
    spanId: attemptSpanId(spanId, attempt.n),
    parent: { spanId, isRemote: false },
    state,
    startMs,
    endMs: Math.max(startMs, nowMs),
    attributes: { ...attemptAttributes(attempt), 'error.type': trouble ?? undefined },
    isError: trouble !== null,
    links: [],
  };
}

function probeAttributes(probe: ProbeIdentity): SpanAttributes {
  return {
    'http.request.method': 'POST',
    'http.route': ROUTE,
    'url.path': ROUTE.replace(':id', probe.interactionId),
    'chatprobe.interaction_id': probe.interactionId,
    'chatprobe.request_id': probe.requestId,
    'chatprobe.caller': probe.caller ?? undefined,
    'chatprobe.target': probe.target,
    'chatprobe.policy': probe.policy,
    'chatprobe.chat_server': probe.chatServer?.slice(0, MAX_FOREIGN_CHARACTERS),
  };
}

function answerAttributes(event: ProbeAnswered): SpanAttributes {
  const { answer } = event;
  return {
    'http.response.status_code': 200,
    'chatprobe.outcome': 'answered',
    'chatprobe.probe_id': event.probeId,
    'chatprobe.answered': answer.verdict,
    'chatprobe.verdict': event.computed,
    'chatprobe.evidence': answer.evidence,
    'chatprobe.reason': answer.reason,
    'chatprobe.degraded': answer.degraded,
    'chatprobe.guarded': isGuarded(event),
    'chatprobe.cause': event.withheld ?? undefined,
    'chatprobe.served_by': answer.servedBy,
    'chatprobe.simulated': event.simulated,
    'chatprobe.attempts': answer.attempts.length,
    'chatprobe.fault_code': answer.faultCode?.slice(0, MAX_FOREIGN_CHARACTERS),
  };
}

function attemptAttributes(attempt: Attempt): SpanAttributes {
  return {
    ...(attempt.sentTo === undefined ? {} : exchangeAttributes(attempt.sentTo, attempt)),
    'chatprobe.attempt': attempt.n,
    'chatprobe.outcome': attempt.reason === 'draining' ? 'cancelled' : REASONS[attempt.reason].origin,
    'chatprobe.reason': attempt.reason,
    'chatprobe.fault_code': attempt.faultCode?.slice(0, MAX_FOREIGN_CHARACTERS),
    'chatprobe.error_code': attempt.errorCode ?? undefined,
    'chatprobe.detail': attempt.detail?.slice(0, MAX_FOREIGN_CHARACTERS),
    'chatprobe.written': attempt.written,
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function exchangeAttributes(sentTo: string, { n, reason }: Attempt): SpanAttributes {
  const { protocol, hostname, port } = new URL(sentTo);
  return {
    'http.request.method': 'POST',
    'http.request.resend_count': n > 1 ? n - 1 : undefined,
    // Only a 200 has a reply in it; another status stands in the detail.
    'http.response.status_code': REASONS[reason].origin === 'reply' ? 200 : undefined,
    'server.address': hostname.replace(/^\[|\]$/g, ''),
    'server.port': port === '' ? DEFAULT_PORTS[protocol] : Number(port),
    'url.full': sentTo,
  };
}

function troubleOf(reason: Reason): Reason | null {
  return reason === 'internal_error' || reason === 'overloaded' ? reason : null;
}

function attemptTroubleOf(reason: Reason): Reason | null {
  return reason === 'internal_error' || REASONS[reason].origin === 'transport' ? reason : null;
}
