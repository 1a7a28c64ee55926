import { randomBytes } from 'node:crypto';
import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace as traces,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TracingConfig } from '../config/config.ts';
import { type ProbeTrace, type RequestHeaders, readTraceContext, SAMPLED, type TraceContext } from '../probe/trace-context.ts';
import type { ServiceObserver } from '../resilience/events.ts';
import { type SpanDescription, spanOf } from './probe-spans.ts';
import { createSpanExport, type SpanExportParts } from './span-export.ts';

/* Imported only where spans are wanted: OpenTelemetry takes 20 MB, and a fifth of a second at the start. */

export interface TracingParts extends SpanExportParts {
  readonly version: string;
  readonly replica: string;
  /** Unix time in milliseconds. */
  readonly wallNowMs: () => number;
}

export interface Tracing {
  /** The place of a new probe: a span of its own, below that of the caller where it told one. */
  readonly traceOf: (said: RequestHeaders) => ProbeTrace;
  readonly observe: ServiceObserver;
  /** Sends what is left, for that long at most. Never rejects. */
  end(withinMs: number): Promise<void>;
}

/** Makes spans of what happened, and exports them. Nothing waits for it. */
export function createTracing(config: TracingConfig, parts: TracingParts): Tracing {
  const { processor, hasRoom, end } = createSpanExport(config, parts);
  const sampler = samplerOf(config);
  const ids = { traceId: '', spanId: '' };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.version': parts.version,
      'service.instance.id': parts.replica,
      ...config.resourceAttributes,
      'service.name': config.serviceName,
    }),
    // Whether a probe is traced was decided when it began.
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('chat-probe', parts.version);
  return {
    traceOf(said) {
      const caller = readTraceContext(said);
      const traceId = caller?.traceId ?? freshTraceId();
      const own = isSampled(sampler, traceId, caller) ? SAMPLED : 0;
      return {
        traceId,
        flags: ((caller?.flags ?? 0) & ~SAMPLED) | own,
        state: caller?.state ?? null,
        callerSpanId: caller?.spanId ?? null,
        spanId: freshSpanId(),
        startedAtMs: parts.wallNowMs(),
      };
    },
    observe(event) {
      const span = spanOf(event, parts.wallNowMs());
      if (span === null || !hasRoom()) return;
      ids.traceId = span.traceId;
      ids.spanId = span.spanId;
      makeSpan(tracer, span);
    },
    end,
  };
}

function samplerOf({ sampler, samplerArg }: TracingConfig): Sampler {
  const ratio = (): Sampler => new TraceIdRatioBasedSampler(samplerArg);
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return ratio();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: ratio() });
  }
}

function isSampled(sampler: Sampler, traceId: string, caller: TraceContext | null): boolean {
  const parent = caller === null ? ROOT_CONTEXT : below(caller.traceId, caller.spanId, caller.flags, null, true);
  const { decision } = sampler.shouldSample(parent, traceId, '', SpanKind.SERVER, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

function makeSpan(
  tracer: Tracer,
  { name, kind, traceId, parent, state, startMs, endMs, attributes, isError, links }: SpanDescription,
): void {
  const context = parent === null ? ROOT_CONTEXT : below(traceId, parent.spanId, SAMPLED, state, parent.isRemote);
  const span = tracer.startSpan(
    name,
    {
      kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
      startTime: startMs,
      attributes: { ...attributes },
      links: links.map(({ flags, ...ofSpan }) => ({ context: { ...ofSpan, traceFlags: flags } })),
    },
    context,
  );
  if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endMs);
}

function below(traceId: string, spanId: string, traceFlags: number, state: string | null, isRemote: boolean): Context {
  const parent: SpanContext = { traceId, spanId, traceFlags, isRemote };
  return traces.setSpanContext(ROOT_CONTEXT, state === null ? parent : { ...parent, traceState: createTraceState(state) });
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** The first half of a span's id must not be all zeros: see `attemptSpanId`. */
const HEAD_OF_ZEROS = /^0{8}/;

function freshTraceId(): string {
  return freshHex(TRACE_ID_BYTES);
}

function freshSpanId(): string {
  return freshHex(SPAN_ID_BYTES);
}

function freshHex(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return HEAD_OF_ZEROS.test(id) ? freshHex(bytes) : id;
}
