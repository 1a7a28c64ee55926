import { Gauge, type Registry } from 'prom-client';
import { createTally } from './tally.ts';

/** A request to a route that needs a scope. */
export interface CallersExchange {
  /** Name of a configured caller, `anonymous` or `unknown`; null for all other routes. */
  readonly caller: string | null;
  readonly problem: { readonly code: string } | null;
}

/** A certificate that is in use. */
export interface MeteredCertificate {
  readonly use: string;
  /** Empty where it is none of a target. */
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** What a request of a caller came to. `unauthorized` is of nobody that we know. */
const OUTCOMES = ['ok', 'forbidden', 'refused'] as const;
const ANONYMOUS = ['ok', 'refused'] as const;
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['unauthorized', 'unauthorized'],
  ['too_many_failed_logins', 'unauthorized'],
  ['forbidden', 'forbidden'],
]);

/** Counts requests by who asked: only names of the configuration become labels. */
export function createCallerMetrics(registry: Registry) {
  const requests = createTally({
    name: 'chatprobe_caller_requests_total',
    help: 'Requests to routes that need a scope, by who asked and what came of it.',
    labelNames: ['caller', 'outcome'],
    registry,
  });
  let names: readonly string[] = [];
  for (const outcome of ANONYMOUS) requests.add(0, 'anonymous', outcome);
  requests.add(0, 'unknown', 'unauthorized');
  return {
    observe({ caller, problem }: CallersExchange): void {
      if (caller !== null) requests.add(1, caller, problem === null ? 'ok' : (REFUSED.get(problem.code) ?? 'refused'));
    },
    /** Those who are configured from now on; series of others vanish. */
    expect(configured: readonly string[]): void {
      for (const name of names) if (!configured.includes(name)) requests.forget(name);
      for (const name of configured) for (const outcome of OUTCOMES) requests.add(0, name, outcome);
      names = configured;
    },
  };
}

/** Counts handshakes that failed, of which no request tells. @param causes all that there are. */
export function createHandshakeMetrics(registry: Registry, causes: readonly string[]): (cause: string) => void {
  const failures = createTally({
    name: 'chatprobe_tls_handshake_failures_total',
    help: 'Connections to the listener that failed before a request could be sent, by why.',
    labelNames: ['cause'],
    registry,
  });
  for (const cause of causes) failures.add(0, cause);
  return (cause) => failures.add(1, cause);
}

/** Tells until when certificates are valid, for alerts. @returns shows these, and no others any more. */
export function createCertificateMetrics(registry: Registry): (certificates: readonly MeteredCertificate[]) => void {
  const ends = new Gauge({
    name: 'chatprobe_certificate_not_after_timestamp_seconds',
    help: 'Unix time at which a certificate in use expires, the first of its file.',
    labelNames: ['use', 'target'],
    registers: [registry],
  });
  return (certificates) => {
    ends.reset();
    for (const { use, target, untilMs } of certificates) ends.set({ use, target }, untilMs / 1_000);
  };
}
