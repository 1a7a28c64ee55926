import { isDeepStrictEqual } from 'node:util';
import { cachedHealth } from './adapters/cached-health.ts';
import type { createAdapter } from './adapters/registry.ts';
import type { TargetConfig } from './config/config.ts';
import type { NameLookup } from './gateway/name-lookup.ts';
import type { ConfiguredTarget } from './http/probe-lookup.ts';
import type { TargetState } from './http/readiness.ts';
import type { AdapterHealth, InteractionServerAdapter } from './probe/adapter.ts';
import type { ProberParts } from './probe/probe-order.ts';
import { createProber } from './probe/prober.ts';
import type { ServiceEvent, ServiceObserver } from './resilience/events.ts';
import type { JoinFleet } from './resilience/learn-fact.ts';
import { type ProtectedTarget, type ProtectionParts, protectTarget } from './resilience/protected-target.ts';

export interface RunningTargetsParts {
  readonly makeAdapter: typeof createAdapter;
  /** Milliseconds since 1970. */
  readonly wallNowMs: () => number;
  /** Looks up the names of gateways, once for all targets. */
  readonly names: NameLookup;
  readonly protection: ProtectionParts;
  /** Makes a target hear of other replicas. */
  readonly join: JoinFleet;
  /** Told the name of a target that is taken away, while its last probes may go on. */
  readonly leaves: (target: string) => void;
  /** Told it once the last of them is done, unless another target has the name by then. */
  readonly gone: (target: string) => void;
}

/** The targets that probes can ask, and what becomes of them as the configuration changes. */
export interface RunningTargets {
  /** By name. Always the same map: what is looked up in it is as of now. */
  readonly directory: ReadonlyMap<string, ConfiguredTarget>;
  /**
   * Gets ready for other targets, or for the same with other settings: makes the adapters that are needed, and changes nothing yet.
   *
   * Where it throws nothing is left open.
   */
  prepare(configs: Targets): PreparedChange;
  states(): Promise<readonly TargetState[]>;
  /** Begins with the control probes. */
  start(): void;
  close(): Promise<void>;
}

/** To be made or given up, once. */
export interface PreparedChange {
  /**
   * Makes the change, all of it at once. Targets that stay keep what they know; probes under way keep what they began with, and an adapter
   * that is needed no more is closed when the last of them is done.
   */
  apply(): void;
  /** Closes the adapters that were made for it. */
  discard(): void;
}

type Targets = ReadonlyMap<string, TargetConfig>;

interface RunningTarget extends ConfiguredTarget {
  readonly config: TargetConfig;
  readonly health: () => Promise<AdapterHealth>;
  readonly service: ProtectedTarget;
}

export function createRunningTargets(parts: RunningTargetsParts): RunningTargets {
  const { clock, observe } = parts.protection;
  const targets = new Map<string, RunningTarget>();
  const leaving = createLeaving();
  let hasStarted = false;

  const adapterOf = (config: TargetConfig): InteractionServerAdapter =>
    makeAdapter(parts, config, (adapter) => targets.get(config.name)?.target.adapter === adapter);
  const remove = ({ config: { name }, service, target: { adapter } }: RunningTarget): void => {
    targets.delete(name);
    service.retire();
    parts.leaves(name);
    leaving.add(service, adapter, async () => {
      service.close();
      await adapter.close();
      if (!targets.has(name)) parts.gone(name);
    });
  };
  const put = (config: TargetConfig, adapter: InteractionServerAdapter): void => {
    const { name, rules, message, policy, chatServers, maxInFlight, safety } = config;
    const before = targets.get(name);
    const target = { name, rules, message, adapter };
    const service = before?.service ?? protectTarget(parts.protection, { target, chatServers, safety }, parts.join);
    const isSameAdapter = before?.target.adapter === adapter;
    const health = before !== undefined && isSameAdapter ? before.health : cachedHealth(adapter, clock);
    targets.set(name, { config, target, policy, chatServers, maxInFlight, service, health });
    if (before === undefined) {
      if (hasStarted) service.start();
      return;
    }
    service.reconfigure({ target, chatServers, safety });
    if (isSameAdapter) return;
    const { adapter: replaced } = before.target;
    if (replaced.isSimulated() !== adapter.isSimulated())
      observe({ type: 'far_end_changed', target: name, simulated: adapter.isSimulated() });
    leaving.add(service, replaced, () => replaced.close());
  };

  return {
    directory: targets,
    prepare(configs) {
      const { adapters, discard } = adaptersFor(configs, targets, adapterOf);
      const apply = (): void => {
        for (const running of [...targets.values()]) if (!configs.has(running.config.name)) remove(running);
        for (const [config, adapter] of adapters) put(config, adapter);
      };
      return { apply, discard };
    },
    states: () => Promise.all([...targets.values()].map(stateOf)),
    start() {
      hasStarted = true;
      targets.forEach(({ service }) => void service.start());
    },
    close: () => Promise.all([...[...targets.values()].map(closeNow), leaving.end()]).then(() => undefined),
  };
}

/** Those that stay, and new ones where they are needed; where one cannot be made none of the new is left open. */
function adaptersFor(
  configs: Targets,
  targets: ReadonlyMap<string, RunningTarget>,
  make: (config: TargetConfig) => InteractionServerAdapter,
) {
  const made: InteractionServerAdapter[] = [];
  const discard = (): void => made.forEach((adapter) => void adapter.close());
  const adapterFor = (config: TargetConfig): InteractionServerAdapter => {
    const running = targets.get(config.name);
    if (running !== undefined && isDeepStrictEqual(running.config.adapter, config.adapter)) return running.target.adapter;
    const adapter = make(config);
    made.push(adapter);
    return adapter;
  };
  try {
    return { adapters: [...configs.values()].map((config) => [config, adapterFor(config)] as const), discard };
  } catch (fault) {
    discard();
    throw fault;
  }
}

function closeNow({ service, target: { adapter } }: RunningTarget): Promise<void> {
  service.close();
  return adapter.close();
}

/** @param isCurrent whether the target asks by this adapter. */
function makeAdapter(
  { protection: { clock, observe }, ...parts }: RunningTargetsParts,
  { name, adapter: config }: TargetConfig,
  isCurrent: (adapter: InteractionServerAdapter) => boolean,
): InteractionServerAdapter {
  const adapter = parts.makeAdapter(config, {
    clock,
    wallNowMs: parts.wallNowMs,
    names: parts.names,
    onFarEnd(simulated) {
      // One that was replaced may still hear the last answers.
      if (isCurrent(adapter)) observe({ type: 'far_end_changed', target: name, simulated });
    },
  });
  return adapter;
}

/** Adapters that nobody new is to ask, each with what closes it and all that it alone needs. */
function createLeaving() {
  const ends = new Set<() => Promise<void>>();
  return {
    /** Ends it when the last probe by this adapter is done. */
    add(service: ProtectedTarget, adapter: InteractionServerAdapter, end: () => Promise<void>): void {
      ends.add(end);
      void service.untilUnused(adapter).then(() => {
        ends.delete(end);
        return end();
      });
    },
    /** Ends all at once. */
    end: () => Promise.all([...ends].map((end) => end())),
  };
}

async function stateOf({ config, target, health, service }: RunningTarget): Promise<TargetState> {
  return {
    target: config.name,
    adapter: config.adapter.kind,
    interactionServer: await health(),
    // After it: that answer, too, may be a simulator's.
    simulated: target.adapter.isSimulated(),
    safety: service.state(),
  };
}

/** What the targets' protections share. */
export function protectionParts(proberParts: Omit<ProberParts, 'observe'>, observe: ServiceObserver): ProtectionParts {
  // What control probes find out is told by the target's protection, and is not counted among customers' chats.
  const observeFaults = (event: ServiceEvent): void => {
    if (event.type === 'fault') observe(event);
  };
  return {
    clock: proberParts.clock,
    prober: createProber({ ...proberParts, observe }),
    controlProber: createProber({ ...proberParts, observe: observeFaults }),
    observe,
  };
}
