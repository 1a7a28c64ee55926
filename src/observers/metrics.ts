import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServiceObserver } from '../resilience/events.ts';
import { type CallersExchange, createCallerMetrics, createCertificateMetrics, type MeteredCertificate } from './access-metrics.ts';
import { createOutageMetrics } from './outage-metrics.ts';
import { createAttemptMetrics, createProbeMetrics, type MeteredTarget } from './probe-metrics.ts';
import { createTally } from './tally.ts';

/** Gauges that carry a counter's name, to which Prometheus' own linter objects. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];
const HTTP_BUCKETS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60];

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
}

export interface Metrics {
  readonly observe: ServiceObserver;
  readonly observeExchange: (exchange: CountedExchange) => void;
  /** Puts the series of exchanges that can happen at zero. */
  readonly expectExchanges: (exchanges: readonly KnownExchange[]) => void;
  /** The callers that are configured from now on. */
  readonly expectCallers: (names: readonly string[]) => void;
  /** The certificates that are in use from now on. */
  readonly showCertificates: (certificates: readonly MeteredCertificate[]) => void;
  readonly contentType: string;
  /** The text exposition format. */
  text(): Promise<string>;
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

  const observeProbes = createProbeMetrics(registry, options.targets);
  const observeAttempts = createAttemptMetrics(registry, options.targets);
  const observeOutages = createOutageMetrics(registry, options.targets);
  const http = createHttpMetrics(registry);
  const callers = createCallerMetrics(registry);
  return {
    observe(event) {
      observeProbes(event);
      if (event.type === 'attempt_finished' || event.type === 'attempt_cancelled') observeAttempts(event);
      else observeOutages(event);
    },
    observeExchange(exchange) {
      http.observe(exchange);
      callers.observe(exchange);
    },
    expectExchanges: http.expect,
    expectCallers: callers.expect,
    showCertificates: createCertificateMetrics(registry),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function createHttpMetrics(registry: Registry) {
  const labelNames = ['route', 'method', 'code'] as const;
  const requests = createTally({ name: 'chatprobe_http_requests_total', help: 'HTTP requests answered.', labelNames, registry });
  const durations = new Histogram({
    name: 'chatprobe_http_request_duration_seconds',
    help: 'Time from request to answer.',
    labelNames,
    buckets: HTTP_BUCKETS_S,
    registers: [registry],
  });
  return {
    observe({ route, method, code, durationMs }: CountedExchange): void {
      const codeLabel = String(code);
      requests.add(1, route, method, codeLabel);
      durations.observe({ route, method, code: codeLabel }, durationMs / 1000);
    },
    expect(exchanges: readonly KnownExchange[]): void {
      for (const { route, method, code } of exchanges) {
        requests.add(0, route, method, String(code));
        durations.zero({ route, method, code: String(code) });
      }
    },
  };
}

/** A registry of its own with the process's metrics in it. */
function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
