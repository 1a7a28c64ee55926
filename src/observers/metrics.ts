import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServiceObserver } from '../resilience/events.ts';
import {
  type CallersExchange,
  createCallerMetrics,
  createCertificateMetrics,
  createHandshakeMetrics,
  type MeteredCertificate,
} from './access-metrics.ts';
import { createAnswerMetrics } from './answer-metrics.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import { type ExpositionFormat, expositionText } from './exposition.ts';
import { createOutageMetrics } from './outage-metrics.ts';
import { createAttemptMetrics, createProbeMetrics, createServerLabels, type MeteredTarget } from './probe-metrics.ts';
import { createStoreMetrics, type ObservedStore, type StoreObserver } from './store-observer.ts';
import { createTally } from './tally.ts';

/** Of prom-client's metrics of the process, those that are read. The rest is half of a page at idle, and some of it misnamed. */
const OF_PROCESS = new Set([
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
]);
const HTTP_BUCKETS_S = [0.005, 0.05, 0.5, 2, 10, 60];

/** One request and its answer. The labels must come from closed sets: `route` is a template or `unmatched`. */
export interface CountedExchange extends CallersExchange {
  readonly route: string;
  readonly method: string;
  readonly code: number;
  readonly durationMs: number;
}

type KnownExchange = Pick<CountedExchange, 'route' | 'method' | 'code'>;

/** Everything the metrics are made from. Every legal series stands at zero from the start. */
export interface MetricsOptions {
  readonly version: string;
  readonly nodeVersion: string;
  readonly targets: readonly MeteredTarget[];
  /** Why handshakes on the listener can fail; none where plain HTTP is spoken. */
  readonly handshakeFailures: readonly string[];
  readonly eventLoopDelay: Pick<EventLoopDelay, 'maxSeconds'>;
  /** Seconds since 1970: when the configuration was read with which all begins. */
  readonly configuredAtS: number;
  /** Null where replicas share nothing. */
  readonly store: (() => ObservedStore) | null;
}

/** What became of spans: the collector has them; it did not take them; they were never sent, because too many waited. */
export const SPAN_RESULTS = ['exported', 'failed', 'dropped'] as const;
export type SpanResult = (typeof SPAN_RESULTS)[number];

/** What came of reading the configuration again: other settings, the same ones, or none that can be used. */
export const RELOAD_RESULTS = ['applied', 'unchanged', 'refused'] as const;
export type ReloadResult = (typeof RELOAD_RESULTS)[number];

export interface Metrics {
  readonly observe: ServiceObserver;
  readonly observeExchange: (exchange: CountedExchange) => void;
  readonly observeHandshakeFailure: (cause: string) => void;
  /** Puts the series of exchanges that can happen at zero. */
  readonly expectExchanges: (exchanges: readonly KnownExchange[]) => void;
  /** Told of trouble with the store. */
  readonly observeStore: StoreObserver;
  /** The callers that are configured from now on. */
  readonly expectCallers: (names: readonly string[]) => void;
  /** The certificates that are in use from now on. */
  readonly showCertificates: (certificates: readonly MeteredCertificate[]) => void;
  /** There are other targets, or the same with other settings: new series begin at zero. Those of targets that are gone stay until `forget`. */
  readonly retarget: (targets: readonly MeteredTarget[]) => void;
  /** A target goes: should another get its name before it is forgotten, that one stands as new. */
  readonly leaves: (target: string) => void;
  /** Takes away the series of a target that is gone, for good: whatever is still counted under its name is not shown. */
  readonly forget: (target: string) => void;
  /** @param nowS seconds since 1970. */
  readonly reloaded: (result: ReloadResult, nowS: number) => void;
  /** Spans are made: from now on they have series, which would only take room without them. To be called once. Tells what counts them. */
  readonly expectSpans: () => (result: SpanResult, count: number) => void;
  /** Prometheus' own format unless told otherwise. */
  text(format?: ExpositionFormat): Promise<string>;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = createRegistry();
  showProcess(registry, options);
  const adapters = createAdapterGauge(registry);
  const servers = createServerLabels();
  const probes = createProbeMetrics(registry, servers);
  const attempts = createAttemptMetrics(registry);
  const outages = createOutageMetrics(registry, servers);
  const answers = createAnswerMetrics(registry);
  const families = [probes, attempts, outages, answers];
  const http = createHttpMetrics(registry);
  const callers = createCallerMetrics(registry);
  const known = new Map<string, MeteredTarget>();
  const gone = new Map<string, MeteredTarget>();
  const leaving = new Set<string>();
  const retarget = (targets: readonly MeteredTarget[]): void => {
    servers.replace(targets);
    for (const target of targets) {
      for (const family of families) family.expect(target, known.get(target.name) ?? null);
      if (leaving.delete(target.name)) outages.restart(target);
      adapters.set({ target: target.name, adapter: target.adapter }, 1);
      known.set(target.name, target);
      gone.delete(target.name);
    }
  };
  const takeAway = (target: MeteredTarget): void => {
    for (const family of families) family.forget(target);
    adapters.remove({ target: target.name, adapter: target.adapter });
  };
  retarget(options.targets);
  return {
    observe(event) {
      probes.observe(event);
      answers.observe(event);
      if (event.type === 'attempt_finished' || event.type === 'attempt_cancelled') attempts.observe(event);
      else outages.observe(event);
    },
    observeExchange: (exchange) => [http, callers].forEach((each) => void each.observe(exchange)),
    observeHandshakeFailure: createHandshakeMetrics(registry, options.handshakeFailures),
    expectExchanges: http.expect,
    observeStore: options.store === null ? () => undefined : createStoreMetrics(registry, options.store),
    expectCallers: callers.expect,
    showCertificates: createCertificateMetrics(registry),
    retarget,
    leaves: (name) => void leaving.add(name),
    forget(name) {
      leaving.delete(name);
      const target = known.get(name);
      if (target === undefined) return;
      known.delete(name);
      gone.set(name, target);
    },
    reloaded: createReloadMetrics(registry, options.configuredAtS),
    expectSpans: () => createSpanMetrics(registry),
    text(format = 'prometheus') {
      for (const target of gone.values()) takeAway(target);
      return expositionText(registry, format);
    },
  };
}

/** What runs, and whether it keeps up. */
function showProcess(registry: Registry, { version, nodeVersion, eventLoopDelay }: MetricsOptions): void {
  const build = new Gauge({
    name: 'chatprobe_build_info',
    help: 'Always 1; the labels tell what runs.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  });
  build.set({ version, node_version: nodeVersion }, 1);
  new Gauge({
    name: 'chatprobe_event_loop_delay_max_seconds',
    help: 'Longest delay of the event loop in the last minute. No scrape resets it.',
    registers: [registry],
    collect() {
      this.set(eventLoopDelay.maxSeconds());
    },
  });
}

function createAdapterGauge(registry: Registry) {
  return new Gauge({
    name: 'chatprobe_adapter_info',
    help: 'Always 1; tells which adapter serves a target. A `simulator` proves nothing about real chats.',
    labelNames: ['target', 'adapter'],
    registers: [registry],
  });
}

/** The same three that Prometheus has of its own configuration. */
function createReloadMetrics(registry: Registry, configuredAtS: number): Metrics['reloaded'] {
  const registers = [registry];
  const reloads = new Counter({
    name: 'chatprobe_config_reloads_total',
    help: 'Times that the configuration was read again, by what came of it.',
    labelNames: ['result'],
    registers,
  });
  const isSuccessful = new Gauge({
    name: 'chatprobe_config_last_reload_successful',
    help: '0 if the configuration that was read last could not be used, so that an older one is in force.',
    registers,
  });
  const succeededAt = new Gauge({
    name: 'chatprobe_config_last_reload_success_timestamp_seconds',
    help: 'When a configuration was last read that could be used.',
    registers,
  });
  const tell = (isGood: boolean, nowS: number): void => {
    isSuccessful.set(isGood ? 1 : 0);
    if (isGood) succeededAt.set(nowS);
  };
  for (const result of RELOAD_RESULTS) reloads.inc({ result }, 0);
  tell(true, configuredAtS);
  return (result, nowS) => {
    reloads.inc({ result });
    tell(result !== 'refused', nowS);
  };
}

function createSpanMetrics(registry: Registry): ReturnType<Metrics['expectSpans']> {
  const spans = new Counter({
    name: 'chatprobe_spans_total',
    help: 'Spans by what became of them: `exported`, `failed` (the collector did not take them), `dropped` (too many waited).',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of SPAN_RESULTS) spans.inc({ result }, 0);
  return (result, count) => spans.inc({ result }, count);
}

function createHttpMetrics(registry: Registry) {
  const labelNames = ['route', 'method', 'code'] as const;
  const requests = createTally({ name: 'chatprobe_http_requests_total', help: 'HTTP requests answered.', labelNames, registry });
  const durations = new Histogram({
    name: 'chatprobe_http_request_duration_seconds',
    help: 'Time from request to answer.',
    labelNames: ['route'],
    buckets: HTTP_BUCKETS_S,
    registers: [registry],
  });
  return {
    observe({ route, method, code, durationMs }: CountedExchange): void {
      requests.add(1, route, method, String(code));
      durations.observe({ route }, durationMs / 1000);
    },
    expect(exchanges: readonly KnownExchange[]): void {
      for (const { route, method, code } of exchanges) {
        requests.add(0, route, method, String(code));
      }
    },
  };
}

/** A registry of its own with the process's metrics in it. */
function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) if (!OF_PROCESS.has(name)) registry.removeSingleMetric(name);
  return registry;
}
