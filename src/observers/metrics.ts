import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServiceObserver } from '../resilience/events.ts';
import { createAnswerMetrics } from './answer-metrics.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import { type ExpositionFormat, expositionText } from './exposition.ts';
import { createOutageMetrics } from './outage-metrics.ts';
import { createAttemptMetrics, createProbeMetrics, type MeteredTarget } from './probe-metrics.ts';
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
  'nodejs_external_memory_bytes',
]);
const HTTP_BUCKETS_S = [0.005, 0.05, 0.5, 2, 10, 60];

/** One request and its answer. The labels must come from closed sets: `route` is a template or `unmatched`. */
export interface CountedExchange {
  readonly route: string;
  readonly method: string;
  readonly code: number;
  readonly durationMs: number;
}

/** Everything the metrics are made from. Every legal series stands at zero from the start. */
export interface MetricsOptions {
  readonly version: string;
  readonly nodeVersion: string;
  readonly targets: readonly MeteredTarget[];
  readonly eventLoopDelay: Pick<EventLoopDelay, 'maxSeconds'>;
}

export interface Metrics {
  readonly observe: ServiceObserver;
  readonly observeExchange: (exchange: CountedExchange) => void;
  /** Puts the series of exchanges that can happen at zero. */
  readonly expectExchanges: (exchanges: readonly Omit<CountedExchange, 'durationMs'>[]) => void;
  /** Prometheus' own format unless told otherwise. */
  text(format?: ExpositionFormat): Promise<string>;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = createRegistry();
  const build = new Gauge({
    name: 'chatprobe_build_info',
    help: 'Always 1; the labels tell what runs.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  });
  build.set({ version: options.version, node_version: options.nodeVersion }, 1);
  const adapters = new Gauge({
    name: 'chatprobe_adapter_info',
    help: 'Always 1; tells which adapter serves a target. A `simulator` proves nothing about real chats.',
    labelNames: ['target', 'adapter'],
    registers: [registry],
  });
  for (const { name, adapter } of options.targets) adapters.set({ target: name, adapter }, 1);

  new Gauge({
    name: 'chatprobe_event_loop_delay_max_seconds',
    help: 'Longest delay of the event loop in the last minute. No scrape resets it.',
    registers: [registry],
    collect() {
      this.set(options.eventLoopDelay.maxSeconds());
    },
  });
  const observeAnswers = createAnswerMetrics(registry, options.targets);
  const observeProbes = createProbeMetrics(registry, options.targets);
  const observeAttempts = createAttemptMetrics(registry, options.targets);
  const observeOutages = createOutageMetrics(registry, options.targets);
  const http = createHttpMetrics(registry);
  return {
    observe(event) {
      observeProbes(event);
      observeAnswers(event);
      if (event.type === 'attempt_finished' || event.type === 'attempt_cancelled') observeAttempts(event);
      else observeOutages(event);
    },
    observeExchange: http.observe,
    expectExchanges: http.expect,
    text: (format = 'prometheus') => expositionText(registry, format),
  };
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
    expect(exchanges: readonly Omit<CountedExchange, 'durationMs'>[]): void {
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
