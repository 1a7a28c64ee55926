import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import type { TracingConfig } from '../config/config.ts';
import { createCancelController } from '../probe/cancel-signal.ts';
import { type Clock, wait } from '../probe/clock.ts';

/** What became of spans: the collector has them; it did not take them; they were never sent, because too many waited. */
export type SpanResult = 'exported' | 'failed' | 'dropped';

export interface SpanExportParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly count: (result: SpanResult, spans: number) => void;
}

/** Takes spans to the collector, in batches and beside everything else. What it does not take in time is lost, and counted. */
export interface SpanExport {
  readonly processor: BatchSpanProcessor;
  /** Whether one more can wait; counts it as dropped if not. To be asked before each span. */
  hasRoom(): boolean;
  /** Sends what waits. Resolves when it is out, or `withinMs` later; nothing is sent after that. Never rejects. */
  end(withinMs: number): Promise<void>;
}

/** Spans that may wait, of some 2 KB each. */
const MOST_WAITING = 2_048;
const BATCH_SPANS = 512;
const BATCH_DELAY_MS = 1_000;
/** How much later than the exporter's own time-out, which runs anew with each byte that comes, an export is given up. */
const GIVE_UP_AFTER_MS = 500;
const LINE_EVERY_MS = 60_000;
const MAX_DETAIL_CHARACTERS = 256;

export function createSpanExport(config: TracingConfig, parts: SpanExportParts): SpanExport {
  const { clock, count } = parts;
  const agent = config.url.startsWith('https:') ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const log = createLossLog(parts);
  let waiting = 0;
  const settled = (detail: string | null, spans: number): void => {
    count(detail === null ? 'exported' : 'failed', spans);
    if (detail !== null) log.lost(spans, detail);
  };
  const exporter = withoutHeadersOfOthers(
    () =>
      new OTLPTraceExporter({
        url: config.url,
        headers: { ...config.secretHeaders },
        timeoutMillis: config.timeoutMs,
        httpAgentOptions: () => agent,
      }),
  );
  const boundMs = config.timeoutMs + GIVE_UP_AFTER_MS;
  const bounded: SpanExporter = {
    export(spans, done) {
      waiting -= spans.length;
      exportOnce({ exporter, spans, clock, boundMs, giveUp: () => agent.destroy() }, (detail) => {
        settled(detail, spans.length);
        // What failed is told by now: the processor would only tell it once more, with whatever the collector wrote.
        done({ code: 0 });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
  const processor = new BatchSpanProcessor(bounded, {
    maxQueueSize: MOST_WAITING,
    maxExportBatchSize: BATCH_SPANS,
    scheduledDelayMillis: BATCH_DELAY_MS,
    exportTimeoutMillis: boundMs + GIVE_UP_AFTER_MS,
  });
  listenToDiagnostics(parts, Object.values(config.secretHeaders));
  return {
    processor,
    hasRoom() {
      if (waiting < MOST_WAITING) {
        waiting += 1;
        return true;
      }
      count('dropped', 1);
      log.lost(1, 'QUEUE_FULL');
      return false;
    },
    async end(withinMs) {
      const over = createCancelController();
      const end = (): void => over.abort();
      void processor.shutdown().then(end, end);
      await wait(clock, withinMs, over.signal);
      agent.destroy();
      log.end(waiting);
    },
  };
}

/** The exporter reads these by itself, and adds them all up: a token for one collector would go to another. */
const HEADERS = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'];

function withoutHeadersOfOthers<T>(make: () => T): T {
  const { env } = process;
  const before = HEADERS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  for (const name of HEADERS) delete env[name];
  try {
    return make();
  } finally {
    Object.assign(env, Object.fromEntries(before));
  }
}

type Batch = Parameters<SpanExporter['export']>[0];

interface OneExport {
  readonly exporter: SpanExporter;
  readonly spans: Batch;
  readonly clock: Clock;
  readonly boundMs: number;
  /** Cuts what is still open. */
  readonly giveUp: () => void;
}

/** Calls back once: with null if the collector has them, else with what went wrong. */
function exportOnce({ exporter, spans, clock, boundMs, giveUp }: OneExport, settle: (detail: string | null) => void): void {
  let isOver = false;
  const end = (detail: string | null): void => {
    if (isOver) return;
    isOver = true;
    cancel();
    settle(detail);
  };
  const cancel = clock.schedule(boundMs, () => {
    end('TIMEOUT');
    giveUp();
  });
  exporter.export(spans, ({ code, error }) => end(code === 0 ? null : detailOf(error)));
}

/** A code or a status, else the exporter's own words; never what the collector wrote. */
function detailOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `HTTP ${code}`;
  return typeof code === 'string' ? code : (error?.message ?? 'unknown').slice(0, MAX_DETAIL_CHARACTERS);
}

/** Tells of lost spans at once, and then once a minute. */
function createLossLog({ clock, logger }: SpanExportParts) {
  let spans = 0;
  let nextLineAtMs = Number.NEGATIVE_INFINITY;
  const write = (detail: string): void => {
    logger.warn({ spans, detail }, 'spans lost: the collector did not take them');
    spans = 0;
  };
  return {
    lost(more: number, detail: string): void {
      spans += more;
      if (clock.nowMs() < nextLineAtMs) return;
      nextLineAtMs = clock.nowMs() + LINE_EVERY_MS;
      write(detail);
    },
    /** @param left spans that were never sent. */
    end(left: number): void {
      spans += left;
      if (spans > 0) write('SHUTDOWN');
    },
  };
}

/** What OpenTelemetry itself says, once a minute: as much of it as is text, without our secrets. */
function listenToDiagnostics({ clock, logger }: SpanExportParts, secrets: readonly string[]): void {
  let nextLineAtMs = Number.NEGATIVE_INFINITY;
  const tell = (...words: readonly unknown[]): void => {
    if (clock.nowMs() < nextLineAtMs) return;
    nextLineAtMs = clock.nowMs() + LINE_EVERY_MS;
    const text = words.filter((word) => typeof word === 'string').join(' ');
    const detail = secrets.reduce((told, secret) => (secret === '' ? told : told.replaceAll(secret, '[redacted]')), text);
    logger.warn({ detail: detail.slice(0, MAX_DETAIL_CHARACTERS) }, 'OpenTelemetry has a complaint');
  };
  const quiet = (): void => undefined;
  const listener = { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet };
  diag.setLogger(listener, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
