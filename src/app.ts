import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { cachedHealth } from './adapters/cached-health.ts';
import { createAdapter } from './adapters/registry.ts';
import type { Config, TargetConfig } from './config/config.ts';
import { configurationHash } from './config/summary.ts';
import { createEvidence, type Evidence } from './evidence/evidence.ts';
import { createApi } from './http/api.ts';
import { createInFlight, type InFlight, type Lifecycle } from './http/load-shedding.ts';
import { watchEventLoopDelay } from './observers/event-loop-delay.ts';
import { logProbes, logRefusals } from './observers/log.ts';
import { createMetrics, type Metrics } from './observers/metrics.ts';
import type { MeteredTarget } from './observers/probe-metrics.ts';
import type { AdapterHealth } from './probe/adapter.ts';
import { type Clock, realClock } from './probe/clock.ts';
import { createReferenceIds, fanOut, MAX_REFERENCE_ID } from './probe/probe-order.ts';
import { createProber } from './probe/prober.ts';
import type { Target } from './probe/target.ts';
import { CONTROLS, type ServiceEvent, type ServiceObserver } from './resilience/events.ts';
import { type ProtectedTarget, type ProtectionParts, protectTarget } from './resilience/protected-target.ts';

/** The whole service, built but not listening. */
export interface App {
  readonly server: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly inFlight: InFlight;
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
  const eventLoopDelay = watchEventLoopDelay();
  const metrics = createMetrics({
    version: parts.version,
    nodeVersion: parts.nodeVersion,
    targets: [...config.targets.values()].map(meteredTarget),
    eventLoopDelay,
  });
  const lifecycle: Lifecycle = { phase: 'serving' };
  const inFlight = createInFlight();
  const { observe, evidence } = listenersOf(config, parts.logger, metrics);
  const protection = protectionParts(parts, clock, observe);
  const targets = [...config.targets.values()].map((target) => buildTarget(parts, target, protection));
  const api = await createApi({
    logger: parts.logger,
    lifecycle,
    apiToken: config.server.apiToken,
    maxInFlight: config.server.maxInFlight,
    maxEventLoopDelayMs: config.server.maxEventLoopDelayMs,
    probe: {
      targets: new Map(
        targets.map(({ config: { name, policy, chatServers }, target, service }) => [name, { target, policy, chatServers, service }]),
      ),
      policies: config.policies,
      bounds: config.bounds,
      inFlight,
      observe,
    },
    evidence: { evidence, epoch: randomUUID() },
    operations: { version: parts.version, metrics, targetStates: () => targetStates(targets) },
    onExchange: exchangeListener(parts.logger, metrics),
  });
  api.server.addHook('onReady', async () => {
    for (const each of targets) each.service.start();
  });
  api.server.addHook('onClose', async () => {
    eventLoopDelay.close();
    for (const each of targets) each.service.close();
    await Promise.all(targets.map(({ target }) => target.adapter.close()));
  });
  await api.server.ready();
  metrics.expectExchanges(api.knownExchanges);
  return { server: api.server, lifecycle, inFlight };
}

function buildTarget(parts: AppParts, config: TargetConfig, protection: ProtectionParts): BuiltTarget {
  const { clock, observe } = protection;
  const { name, rules, message, chatServers, safety } = config;
  const makeAdapter = parts.makeAdapter ?? createAdapter;
  const adapter = makeAdapter(config.adapter, {
    clock,
    wallNowMs: Date.now,
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

/** Who listens to all events, and what is kept of them. What evidence tells goes to the others only. */
function listenersOf(config: Config, logger: Logger, metrics: Metrics): { readonly observe: ServiceObserver; readonly evidence: Evidence } {
  const onFault = (fault: unknown): void => logger.error({ err: fault }, 'an observer failed');
  const tell = fanOut<ServiceEvent>([metrics.observe, logProbes(logger)], onFault);
  const { replica = hostname(), evidence: settings } = config.server;
  const hash = configurationHash(config);
  const evidence = createEvidence({ maxBytes: settings.maxBytes, replica, configuration: () => hash, nowMs: Date.now, tell });
  return { observe: fanOut<ServiceEvent>([tell, evidence.observe], onFault), evidence };
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
