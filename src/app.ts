import { randomInt } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { cachedHealth } from './adapters/cached-health.ts';
import { createAdapter } from './adapters/registry.ts';
import { certificatesOf } from './config/certificates.ts';
import type { Config, TargetConfig } from './config/config.ts';
import { deriveKey } from './config/secret-hash.ts';
import { createNameLookup, type NameLookup, systemNames } from './gateway/name-lookup.ts';
import { createApi } from './http/api.ts';
import { type Authentication, createAuthentication } from './http/authentication.ts';
import { replaceCertificates } from './http/listener-tls.ts';
import { createInFlight, type InFlight, type Lifecycle } from './http/load-shedding.ts';
import { logProbes, logRefusals } from './observers/log.ts';
import { createMetrics, type Metrics } from './observers/metrics.ts';
import type { MeteredTarget } from './observers/probe-metrics.ts';
import type { AdapterHealth } from './probe/adapter.ts';
import { type Clock, realClock } from './probe/clock.ts';
import { createReferenceIds, fanOut, MAX_REFERENCE_ID } from './probe/probe-order.ts';
import { createProber } from './probe/prober.ts';
import type { Target } from './probe/target.ts';
import { descriptorLimit, maxConnections } from './process/descriptor-limit.ts';
import { CONTROLS, type ServiceEvent, type ServiceObserver } from './resilience/events.ts';
import { type ProtectedTarget, type ProtectionParts, protectTarget } from './resilience/protected-target.ts';

/** Milliseconds since 1970. */
export const wallNowMs = (): number => Date.now();

/** The whole service, built but not listening. */
export interface App {
  readonly server: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly inFlight: InFlight;
  /** Other callers, and other certificates for new connections, from now on. Whether TLS is spoken, and asked for, stays as it began. */
  replaceAccess(config: Config): void;
}

/** What the outside lends: everything that tests or another process may want to be different. */
export interface AppParts {
  readonly logger: Logger;
  readonly version: string;
  readonly nodeVersion: string;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly makeAdapter?: typeof createAdapter;
}

interface BuiltTarget {
  readonly config: TargetConfig;
  readonly target: Target;
  readonly health: () => Promise<AdapterHealth>;
  readonly service: ProtectedTarget;
}

/** Builds the service from its configuration. Closing `server` closes the adapters too. */
export async function createApp(config: Config, parts: AppParts): Promise<App> {
  const clock = parts.clock ?? realClock;
  const metrics = createMetrics({
    version: parts.version,
    nodeVersion: parts.nodeVersion,
    targets: [...config.targets.values()].map(meteredTarget),
  });
  const lifecycle: Lifecycle = { phase: 'serving' };
  const inFlight = createInFlight();
  const observe = observerOf(parts.logger, metrics);
  const protection = protectionParts(parts, clock, observe);
  const names = createNameLookup({ nowMs: () => clock.nowMs(), ...systemNames() });
  const targets = [...config.targets.values()].map((target) => buildTarget(parts, target, protection, names));
  const authentication = authenticationFor(config, clock);
  const api = await createApi({
    logger: parts.logger,
    lifecycle,
    authentication,
    tls: config.server.tls,
    limits: config.server,
    maxConnections: maxConnections(config, descriptorLimit()),
    nodeVersion: parts.nodeVersion,
    probe: {
      targets: new Map(
        targets.map(({ config: { name, policy, chatServers, maxInFlight }, target, service }) => [
          name,
          { target, policy, chatServers, maxInFlight, service },
        ]),
      ),
      policies: config.policies,
      bounds: config.bounds,
      inFlight,
      observe,
    },
    operations: { version: parts.version, metrics, targetStates: () => targetStates(targets) },
    onExchange: exchangeListener(parts.logger, metrics),
  });
  api.server.addHook('onReady', async () => {
    for (const each of targets) each.service.start();
  });
  api.server.addHook('onClose', async () => {
    for (const each of targets) each.service.close();
    await Promise.all(targets.map(({ target }) => target.adapter.close()));
  });
  await api.server.ready();
  metrics.expectExchanges(api.knownExchanges);
  showAccess(metrics, config);
  return {
    server: api.server,
    lifecycle,
    inFlight,
    replaceAccess(next) {
      authentication.replace(next.server.callers);
      if (next.server.tls !== null) replaceCertificates(api.server.server, next.server.tls);
      showAccess(metrics, next);
    },
  };
}

function authenticationFor({ server: { callers, tokenHeader, tls } }: Config, { nowMs }: Clock): Authentication {
  return createAuthentication({ callers, tokenHeader, needsCertificate: (tls?.clientCa ?? null) !== null, deriveKey, nowMs });
}

/** Who may ask and what is valid until when, in metrics. */
function showAccess(metrics: Metrics, config: Config): void {
  metrics.expectCallers(config.server.callers.map(({ name }) => name));
  metrics.showCertificates(certificatesOf(config));
}

function buildTarget(parts: AppParts, config: TargetConfig, protection: ProtectionParts, names: NameLookup): BuiltTarget {
  const { clock, observe } = protection;
  const { name, rules, message, chatServers, safety } = config;
  const makeAdapter = parts.makeAdapter ?? createAdapter;
  const adapter = makeAdapter(config.adapter, {
    clock,
    wallNowMs,
    names,
    onFarEnd: (simulated) => observe({ type: 'far_end_changed', target: name, simulated }),
  });
  const target = { name, rules, message, adapter };
  return { config, target, health: cachedHealth(adapter, clock), service: protectTarget(protection, { target, chatServers, safety }) };
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

function observerOf(logger: Logger, metrics: Metrics): ServiceObserver {
  const onFault = (fault: unknown): void => logger.error({ err: fault }, 'an observer failed');
  return fanOut([metrics.observe, logProbes(logger)], onFault);
}

/** What the targets' protections share. */
function protectionParts(parts: AppParts, clock: Clock, observe: ServiceObserver): ProtectionParts {
  const nextReferenceId = createReferenceIds(randomInt(1, MAX_REFERENCE_ID));
  const proberParts = { clock, random: parts.random ?? Math.random, nextReferenceId };
  // What control probes find out is told by the target's protection, and is not counted among customers' chats.
  const observeFaults = (event: ServiceEvent): void => {
    if (event.type === 'fault') observe(event);
  };
  return {
    clock,
    prober: createProber({ ...proberParts, observe }),
    controlProber: createProber({ ...proberParts, observe: observeFaults }),
    observe,
  };
}

function exchangeListener(logger: Logger, metrics: Metrics) {
  const logRefusal = logRefusals(logger);
  return (exchange: Parameters<typeof logRefusal>[0] & Parameters<Metrics['observeExchange']>[0]): void => {
    metrics.observeExchange(exchange);
    logRefusal(exchange);
  };
}

function targetStates(targets: readonly BuiltTarget[]) {
  return Promise.all(
    targets.map(async ({ config, target, health, service }) => ({
      target: config.name,
      adapter: config.adapter.kind,
      interactionServer: await health(),
      // After it: that answer, too, may be a simulator's.
      simulated: target.adapter.isSimulated(),
      safety: service.state(),
    })),
  );
}
