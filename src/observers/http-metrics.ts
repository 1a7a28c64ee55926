import type { Registry } from 'prom-client';
import { createDurationTally } from './duration-tally.ts';
import { createTally } from './tally.ts';

const DURATION_BUCKETS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60];

/** One request and its answer. The labels must come from closed sets: `route` is a template or `unmatched`. */
export interface CountedExchange {
  readonly route: string;
  readonly method: string;
  readonly code: number;
  readonly durationMs: number;
}

export function createHttpMetrics(registry: Registry) {
  const labelNames = ['route', 'method', 'code'] as const;
  const requests = createTally({ name: 'chatprobe_http_requests_total', help: 'HTTP requests answered.', labelNames, registry });
  const durations = createDurationTally({
    name: 'chatprobe_http_request_duration_seconds',
    help: 'Time from request to answer.',
    labelNames,
    buckets: DURATION_BUCKETS_S,
    registry,
  });
  return {
    observe({ route, method, code, durationMs }: CountedExchange): void {
      const codeLabel = String(code);
      requests.add(1, route, method, codeLabel);
      durations.add(durationMs, route, method, codeLabel);
    },
    expect(exchanges: readonly Omit<CountedExchange, 'durationMs'>[]): void {
      for (const { route, method, code } of exchanges) {
        requests.add(0, route, method, String(code));
        durations.expect(route, method, String(code));
      }
    },
  };
}
