/* W3C Trace Context: how a request says of which trace it is a part. https://www.w3.org/TR/trace-context/ */

/** What a caller says of its trace. Ids are lower-case hexadecimal, and never all zeros. */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits: the span that asks. */
  readonly spanId: string;
  /** `SAMPLED` and `RANDOM`; all others are reserved, and are left out. */
  readonly flags: number;
  /** `tracestate`, null for none. Opaque to us. */
  readonly state: string | null;
}

/** The headers of a request, as they came. */
export type RequestHeaders = Readonly<Record<string, unknown>>;

/** Where a probe stands in a trace. */
export interface ProbeTrace extends Omit<TraceContext, 'spanId'> {
  /** The span of whoever asked, null if it told none. */
  readonly callerSpanId: string | null;
  /** The probe's own span, null where none are made: what the caller said is then passed on as it is. */
  readonly spanId: string | null;
  /** Unix time in milliseconds at which that span began. */
  readonly startedAtMs: number;
}

/** A span that another one points to. */
export type SpanReference = Omit<TraceContext, 'state'>;

/** What goes with a message. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate: string | null;
}

export const SAMPLED = 0x01;
const RANDOM = 0x02;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/**
 * Reads the headers of a request. Null if there is none that counts: one that is not to the letter was garbled on its way, and a trace
 * begins anew, as the standard wants. Of a later version than ours only what version 00 has is read.
 */
export function readTraceContext({ traceparent, tracestate }: RequestHeaders): TraceContext | null {
  if (typeof traceparent !== 'string') return null;
  const [, version = 'ff', traceId = '', spanId = '', flags = '', rest] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & (SAMPLED | RANDOM), state: readTraceState(tracestate) };
}

const MOST_MEMBERS = 32;
const MOST_CHARACTERS = 512;
/** Members longer than that go first. */
const LONG_MEMBER = 128;
const MEMBER = /^([a-z0-9][a-z0-9_\-*/@]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The list as it is passed on: none of it where a member is not to the letter, or comes twice; and no more than is bearable. */
function readTraceState(tracestate: unknown): string | null {
  if (typeof tracestate !== 'string') return null;
  const members = tracestate
    .split(',')
    .map((member) => member.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, ''))
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => MEMBER.exec(member)?.[1]));
  if (members.length === 0 || members.length > MOST_MEMBERS || keys.has(undefined) || keys.size < members.length) return null;
  return shortened(members);
}

/** As the standard cuts a list: long members first, then from the end, where those stand that were here longest ago. */
function shortened(members: readonly string[]): string | null {
  if (lengthOf(members) <= MOST_CHARACTERS) return members.join(',');
  const kept = members.filter((member) => member.length <= LONG_MEMBER);
  while (lengthOf(kept) > MOST_CHARACTERS) kept.pop();
  return kept.length === 0 ? null : kept.join(',');
}

function lengthOf(members: readonly string[]): number {
  return members.reduce((length, member) => length + member.length + 1, -1);
}

/** The place of a probe for which no spans are made; undefined if its caller told of no trace. */
export function passedOn(said: RequestHeaders): ProbeTrace | undefined {
  const context = readTraceContext(said);
  if (context === null) return undefined;
  const { traceId, spanId, flags, state } = context;
  return { traceId, flags, state, callerSpanId: spanId, spanId: null, startedAtMs: 0 };
}

/** What goes with the message of attempt `n`: its own span where there are spans, else the caller's. */
export function traceHeaders({ traceId, callerSpanId, spanId, flags, state }: ProbeTrace, n: number): TraceHeaders | undefined {
  const parentId = spanId === null ? callerSpanId : attemptSpanId(spanId, n);
  if (parentId === null) return undefined;
  return { traceparent: `00-${traceId}-${parentId}-${flags.toString(16).padStart(2, '0')}`, tracestate: state };
}

const LOW_DIGITS = 8;

/**
 * The id of an attempt's span. It follows from that of its probe, so that whoever hears of the attempt later knows it too.
 *
 * @param spanId of the probe. Its first half must not be all zeros.
 * @param n 1 for the first attempt.
 */
export function attemptSpanId(spanId: string, n: number): string {
  const low = (Number.parseInt(spanId.slice(LOW_DIGITS), 16) + n) >>> 0;
  return spanId.slice(0, LOW_DIGITS) + low.toString(16).padStart(LOW_DIGITS, '0');
}

/** What of it another span points to; undefined where it has no span. */
export function referenceTo(trace: ProbeTrace | undefined): SpanReference | undefined {
  if (trace === undefined || trace.spanId === null) return undefined;
  return { traceId: trace.traceId, spanId: trace.spanId, flags: trace.flags };
}
