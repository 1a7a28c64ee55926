import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createAdapter } from './adapters/registry.ts';
import { certificatesOf } from './config/certificates.ts';
import type { Config, TargetConfig } from './config/config.ts';
import { deriveKey, keyIdOf } from './config/secret-hash.ts';
import { evidenceOfInstance, type FleetEvidence } from './evidence/fleet-evidence.ts';
import { createNameLookup, systemNames } from './gateway/name-lookup.ts';
import { createApi } from './http/api.ts';
import { type Authentication, createAuthentication } from './http/authentication.ts';
import { HANDSHAKE_FAILURES, replaceCertificates } from './http/listener-tls.ts';
import { createInFlight, type InFlight, type Lifecycle } from './http/load-shedding.ts';
import { exchangesInUse } from './http/observation-route.ts';
import { listenersOf, replicaOf } from './listeners.ts';
import { type EventLoopDelay, watchEventLoopDelay } from './observers/event-loop-delay.ts';
import { createMetrics, type Metrics, type ReloadResult } from './observers/metrics.ts';
import type { MeteredTarget } from './observers/probe-metrics.ts';
import { exchangeListener, handshakeListener, storeListener } from './observers/told.ts';
import { type Clock, realClock } from './probe/clock.ts';
import { createReferenceIds, MAX_REFERENCE_ID } from './probe/probe-order.ts';
import { passedOn } from './probe/trace-context.ts';
import { descriptorLimit, maxConnections } from './process/descriptor-limit.ts';
import { CONTROLS } from './resilience/events.ts';
import { NO_FLEET } from './resilience/fleet.ts';
import { createRunningTargets, type PreparedChange, protectionParts, type RunningTargets } from './running-targets.ts';
import { createStatusHistory } from './status/status-history.ts';
import { createFleet, type Fleet, type FleetParts } from './store/fleet.ts';
import type { createRedisEvidence } from './store/redis-evidence.ts';
import type { Tracing } from './tracing/tracing.ts';

/** Milliseconds since 1970. */
export const wallNowMs = (): number => Date.now();

/** The whole service, built but not listening. */
export interface App {
  readonly server: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly inFlight: InFlight;
  /**
   * Goes by another configuration from now on, which differs in nothing that needs a restart (`restartsNeeded`). Nothing has changed if it
   * throws.
   */
  reconfigure(next: Config): void;
  /** Counts that the configuration was read again. */
  reloaded(result: ReloadResult): void;
  /** Sends the spans that are left, for that long at most; to be called last. Never rejects. */
  endTracing(withinMs: number): Promise<void>;
}

/** What the outside lends: everything that tests or another process may want to be different. */
export interface AppParts {
  readonly logger: Logger;
  readonly version: string;
  readonly nodeVersion: string;
  readonly clock?: Clock;
  /** Milliseconds since 1970. */
  readonly wallNowMs?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly makeAdapter?: typeof createAdapter;
  readonly makeSharedEvidence?: typeof createRedisEvidence;
}

/** Longest that a start waits for what other replicas know. */
const HEARD_WITHIN_MS = 500;
/** Longest that the end waits for evidence to be written. */
const LAST_EVIDENCE_MS = 500;
/** Of cursors, which all replicas can read. */
const FLEET_EPOCH = 'fleet';

/** Builds the service from its configuration. Closing `server` closes the adapters too. */
export async function createApp(config: Config, parts: AppParts): Promise<App> {
  const { clock = realClock, random = Math.random, wallNowMs: nowMs = wallNowMs } = parts;
  /** The configuration in force. */
  let present = config;
  const eventLoopDelay = watchEventLoopDelay();
  const storeState = (): Fleet['state'] | null => fleet?.state ?? null;
  const metrics = metricsFor(config, parts, eventLoopDelay, () => storeState() ?? { state: 'apart', replicas: 1 });
  const fleet = await fleetFor(config, clock, storeListener(parts.logger, metrics));
  const [lifecycle, inFlight]: [Lifecycle, InFlight] = [{ phase: 'serving' }, createInFlight()];
  const tracing = await tracingFor(config, parts, clock, metrics);
  const history = config.server.statusPage ? createStatusHistory(nowMs) : null;
  const { observe, evidence, sharing } = await listenersOf(() => present, { ...parts, clock, wallNowMs: nowMs }, metrics, tracing, history);
  const targets = createRunningTargets({
    makeAdapter: parts.makeAdapter ?? createAdapter,
    wallNowMs: nowMs,
    names: createNameLookup({ nowMs: () => clock.nowMs(), ...systemNames() }),
    protection: protectionParts({ clock, random, nextReferenceId: createReferenceIds(randomInt(1, MAX_REFERENCE_ID)) }, observe),
    join: fleet?.join ?? (() => NO_FLEET),
    leaves: (target) => void [metrics.leaves, evidence.forget, history?.forget, fleet?.leave].forEach((tell) => void tell?.(target)),
    gone: (target) => void [metrics.forget, evidence.forget, history?.forget].forEach((tell) => void tell?.(target)),
  });
  targets.prepare(config.targets).apply();
  const policies = new Map(config.policies);
  const authentication = authenticationFor(config, clock, inFlight);
  const api = await createApi({
    logger: parts.logger,
    lifecycle,
    authentication,
    tls: config.server.tls,
    limits: () => present.server,
    maxConnections: maxConnections(config, descriptorLimit()),
    nodeVersion: parts.nodeVersion,
    probe: { targets: targets.directory, policies, bounds: config.bounds, inFlight, observe, traceOf: tracing?.traceOf ?? passedOn },
    evidence: { evidence: sharing ?? evidenceOfInstance(evidence), epoch: sharing === null ? randomUUID() : FLEET_EPOCH },
    operations: { version: parts.version, metrics, targetStates: targets.states, storeState },
    status: history && { history, replica: replicaOf(config), nowMs, clock, random },
    onExchange: exchangeListener(parts.logger, metrics),
    onHandshakeFailure: handshakeListener(parts.logger, metrics, clock),
  });
  addHooks(api.server, targets, fleet, sharing, eventLoopDelay);
  await api.server.ready();
  showAccess(metrics, config, exchangesInUse(api.knownExchanges, targets.directory));
  return {
    server: api.server,
    lifecycle,
    inFlight,
    reconfigure(next) {
      const change = prepared(targets, api.server, next);
      // From here on nothing fails, and nothing else happens in between.
      metrics.retarget([...next.targets.values()].map(meteredTarget));
      change.apply();
      policies.clear();
      for (const [name, policy] of next.policies) policies.set(name, policy);
      authentication.replace(next.server.callers);
      showAccess(metrics, next, exchangesInUse(api.knownExchanges, targets.directory));
      parts.logger.level = next.server.logLevel;
      present = next;
    },
    reloaded: (result) => metrics.reloaded(result, nowMs() / 1_000),
    endTracing: async (withinMs) => tracing?.end(withinMs),
  };
}

/** What links this replica to the others; null where it shares nothing. Then the store's client is not loaded: it takes 9 MB, and a sixth of the start. */
async function fleetFor({ server: { store } }: Config, clock: Clock, changed: FleetParts['changed']): Promise<Fleet | null> {
  if (store === null) return null;
  const { createRedisStore } = await import('./store/redis-store.ts');
  return createFleet({ clock, store: createRedisStore(store), replica: randomUUID(), changed });
}

function addHooks(
  server: FastifyInstance,
  targets: RunningTargets,
  fleet: Fleet | null,
  sharing: FleetEvidence | null,
  eventLoopDelay: { close(): void },
): void {
  server.addHook('onReady', async () => fleet?.start(HEARD_WITHIN_MS));
  server.addHook('onReady', async () => targets.start());
  server.addHook('onClose', () => targets.close().finally(() => eventLoopDelay.close()));
  server.addHook('onClose', async () => fleet?.close());
  server.addHook('onClose', async () => sharing?.close(LAST_EVIDENCE_MS));
}

/** The certificates are in use then; where they cannot be nothing has changed. */
function prepared(targets: RunningTargets, { server }: FastifyInstance, next: Config): PreparedChange {
  const change = targets.prepare(next.targets);
  try {
    if (next.server.tls !== null) replaceCertificates(server, next.server.tls);
    return change;
  } catch (fault) {
    change.discard();
    throw fault;
  }
}

/** Null where no spans are made; then nothing of OpenTelemetry is loaded, but for its `api`, which prom-client wants. */
async function tracingFor({ server }: Config, parts: AppParts, clock: Clock, metrics: Metrics): Promise<Tracing | null> {
  if (server.tracing === null) return null;
  const { createTracing } = await import('./tracing/tracing.ts');
  const { logger, version, wallNowMs: nowMs = wallNowMs } = parts;
  return createTracing(server.tracing, {
    clock,
    logger,
    version,
    wallNowMs: nowMs,
    count: metrics.expectSpans(),
    replica: server.replica ?? hostname(),
  });
}

function metricsFor(
  { targets, server }: Config,
  parts: AppParts,
  eventLoopDelay: EventLoopDelay,
  storeState: () => Fleet['state'],
): Metrics {
  const { version, nodeVersion, wallNowMs: nowMs = wallNowMs } = parts;
  const metered = [...targets.values()].map(meteredTarget);
  return createMetrics({
    version,
    nodeVersion,
    targets: metered,
    handshakeFailures: server.tls === null ? [] : HANDSHAKE_FAILURES,
    eventLoopDelay,
    configuredAtS: nowMs() / 1_000,
    store: server.store === null ? null : storeState,
  });
}

function authenticationFor({ server: { callers, tokenHeader, tls } }: Config, { nowMs }: Clock, inFlight: InFlight): Authentication {
  const needsCertificate = (tls?.clientCa ?? null) !== null;
  return createAuthentication({ callers, tokenHeader, needsCertificate, hashing: { deriveKey, keyIdOf }, inFlight, nowMs });
}

/** Who may ask, what may come of it, and what is valid until when, in metrics. */
function showAccess(metrics: Metrics, config: Config, exchanges: Parameters<Metrics['expectExchanges']>[0]): void {
  metrics.expectExchanges(exchanges);
  metrics.expectCallers(config.server.callers.map(({ name }) => name));
  metrics.showCertificates(certificatesOf(config));
}

function meteredTarget({ name, rules, chatServers, adapter, safety }: TargetConfig): MeteredTarget {
  const { controls, enforcement } = safety;
  return {
    name,
    rules,
    chatServers,
    adapter: adapter.kind,
    controls: CONTROLS.filter((control) => controls[control] !== null),
    enforcePercent: enforcement.shadow ? 0 : enforcement.enforcePercent,
  };
}
