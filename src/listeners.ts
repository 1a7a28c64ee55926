import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { configurationHash } from './config/summary.ts';
import { createEvidence, type Evidence } from './evidence/evidence.ts';
import { type FleetEvidence, shareEvidence } from './evidence/fleet-evidence.ts';
import { logProbes } from './observers/log.ts';
import type { Metrics } from './observers/metrics.ts';
import { logSharedEvidence } from './observers/store-observer.ts';
import type { Clock } from './probe/clock.ts';
import { fanOut } from './probe/probe-order.ts';
import type { ServiceEvent, ServiceObserver } from './resilience/events.ts';
import type { StatusHistory } from './status/status-history.ts';
import type { createRedisEvidence } from './store/redis-evidence.ts';
import { EVIDENCE_KEPT_MS } from './store/shared-evidence.ts';
import type { Tracing } from './tracing/tracing.ts';

/** What hears of everything, and what is kept of it. */
export interface Listeners {
  readonly observe: ServiceObserver;
  readonly evidence: Evidence;
  /** Null where replicas share none. */
  readonly sharing: FleetEvidence | null;
}

export interface ListenerParts {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallNowMs: () => number;
  readonly makeSharedEvidence?: typeof createRedisEvidence | undefined;
}

/** Who listens to all events, and what is kept of them. What evidence tells goes to the others only. */
export async function listenersOf(
  present: () => Config,
  { logger, clock, wallNowMs: nowMs, makeSharedEvidence }: ListenerParts,
  metrics: Metrics,
  tracing: Tracing | null,
  history: StatusHistory | null,
): Promise<Listeners> {
  const onFault = (fault: unknown): void => logger.error({ err: fault }, 'an observer failed');
  const listeners = [metrics.observe, logProbes(logger), ...(tracing === null ? [] : [tracing.observe])];
  const tell = fanOut<ServiceEvent>(listeners, onFault);
  const { evidence: settings, store } = present().server;
  let named = { config: present(), hash: configurationHash(present()) };
  const configuration = (): string => {
    if (named.config !== present()) named = { config: present(), hash: configurationHash(present()) };
    return named.hash;
  };
  const evidence = createEvidence({ maxBytes: settings.maxBytes, replica: replicaOf(present()), configuration, nowMs, tell });
  const all = [tell, evidence.observe, ...(history === null ? [] : [history.observe])];
  const observe = fanOut<ServiceEvent>(all, onFault);
  if (store === null || settings.sharedRecords === 0 || settings.maxBytes === 0) return { observe, evidence, sharing: null };
  // Loaded where there is a store, as for `fleetFor`.
  const create = makeSharedEvidence ?? (await import('./store/redis-evidence.ts')).createRedisEvidence;
  const bounds = { keptMs: EVIDENCE_KEPT_MS, recordsOfTarget: settings.sharedRecords };
  const sharing = shareEvidence({
    ...{ clock, nowMs, tell, onFault, own: evidence, writer: randomUUID(), keptMs: bounds.keptMs },
    store: create(store, bounds),
    changed: logSharedEvidence(logger),
  });
  return { observe, evidence, sharing };
}

/** Names this instance. */
export function replicaOf({ server: { replica = hostname() } }: Config): string {
  return replica;
}
