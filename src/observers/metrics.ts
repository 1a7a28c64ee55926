import { Gauge } from 'prom-client';
import type { ServiceObserver } from '../resilience/events.ts';
import { createAttemptMetrics } from './attempt-metrics.ts';
import type { CountedExchange } from './http-metrics.ts';
import { createHttpMetrics } from './http-metrics.ts';
import type { MeteredTarget } from './metered-target.ts';
import { createOutageMetrics } from './outage-metrics.ts';
import { createProbeMetrics } from './probe-metrics.ts';
import { createRegistry } from './registry.ts';

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
  readonly expectExchanges: (exchanges: readonly Omit<CountedExchange, 'durationMs'>[]) => void;
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
  return {
    observe(event) {
      observeProbes(event);
      if (event.type === 'attempt_finished' || event.type === 'attempt_cancelled') observeAttempts(event);
      else observeOutages(event);
    },
    observeExchange: http.observe,
    expectExchanges: http.expect,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
