import { Gauge, type Registry } from 'prom-client';
import {
  CONTROL_STATES,
  CONTROLS,
  GUARD_STATES,
  type OutageEvent,
  SAVINGS,
  type ServerState,
  SHED_CAUSES,
  WITHHOLDINGS,
} from '../resilience/events.ts';
import type { MeteredTarget, ServerLabels, TargetMetrics } from './probe-metrics.ts';
import { createGauge, createTally } from './tally.ts';

const STATES_DOWN = ['suspect', 'recovering'] as const;

export interface OutageMetrics extends TargetMetrics {
  /** The target stands as nobody has asked it yet, whatever one before it did under its name. */
  restart(target: MeteredTarget): void;
}

/** Counts what many probes share: messages that were not sent, stops that were withheld, and how servers and guards stand. */
export function createOutageMetrics(registry: Registry, servers: ServerLabels): OutageMetrics {
  const metrics = createSeries(registry);
  const down = createServersDown(registry, servers);
  return {
    observe(event) {
      if (event.type === 'message_saved') metrics.saved.add(1, event.target, event.by);
      else if (event.type === 'stop_withheld') metrics.withheld.add(1, event.probe.target, event.because);
      else if (event.type === 'probe_shed') metrics.shed.add(1, event.target, event.because);
      else if (event.type === 'probe_parked') metrics.parked.add(event.by, event.target);
      else if (event.type === 'server_changed') down.changed(event);
      else if (event.type === 'gateway_changed') metrics.gateways.set({ target: event.target }, event.open ? 1 : 0);
      else if (event.type === 'far_end_changed') metrics.simulated.set({ target: event.target }, event.simulated ? 1 : 0);
      else if (event.type === 'guard_changed') setState(metrics.guards, GUARD_STATES, event.state, { target: event.target });
      else if (event.type === 'control_answered') {
        setState(metrics.controls, CONTROL_STATES, event.state, { target: event.target, control: event.control });
      }
    },
    expect(target, before) {
      down.expect(target);
      if (before === null) start(metrics, target);
      const { name, controls, enforcePercent } = target;
      for (const control of CONTROLS) {
        const labels = { target: name, control };
        if (!controls.includes(control)) removeStates(metrics.controls, CONTROL_STATES, labels);
        else if (before?.controls.includes(control) !== true) setState(metrics.controls, CONTROL_STATES, 'unknown', labels);
      }
      metrics.enforced.set({ target: name }, enforcePercent / 100);
    },
    restart(target) {
      down.forget(target.name);
      down.expect(target);
      startLevels(metrics, target);
      for (const control of target.controls) setState(metrics.controls, CONTROL_STATES, 'unknown', { target: target.name, control });
    },
    forget({ name: target }) {
      down.forget(target);
      for (const counted of [metrics.saved, metrics.withheld, metrics.shed, metrics.parked]) counted.forget(target);
      for (const gauge of [metrics.gateways, metrics.simulated, metrics.enforced]) gauge.remove({ target });
      removeStates(metrics.guards, GUARD_STATES, { target });
      for (const control of CONTROLS) removeStates(metrics.controls, CONTROL_STATES, { target, control });
    },
  };
}

type Series = ReturnType<typeof createSeries>;

/** Counters and levels that move by the thousand in an outage are tallies; what changes a few times a day is set as it is. */
function createSeries(registry: Registry) {
  const kept = (name: string, help: string, ...labelNames: string[]) => ({ name, help, labelNames, registry });
  const gauge = (name: string, help: string, ...labelNames: string[]) => new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    saved: createTally(
      kept(
        'chatprobe_messages_saved_total',
        'Hidden messages that were not sent, by what made them needless or held them back.',
        'target',
        'mechanism',
      ),
    ),
    withheld: createTally(kept('chatprobe_stops_withheld_total', 'Stops computed but answered with route.', 'target', 'cause')),
    shed: createTally(kept('chatprobe_probes_shed_total', 'Probes answered overloaded, by what there was too much of.', 'target', 'cause')),
    parked: createGauge(kept('chatprobe_probes_parked', 'Probes that wait for a Chat Server that is down.', 'target')),
    gateways: gauge('chatprobe_gateway_open', '1 while a gateway that keeps failing is asked by one trial at a time.', 'target'),
    simulated: gauge('chatprobe_simulated', '1 if verdicts are made up: a simulator answers, embedded or behind a gateway.', 'target'),
    guards: gauge('chatprobe_guard_state', '1 for the state that the mass-stop guard is in.', 'target', 'state'),
    controls: gauge('chatprobe_control_state', '1 for what the last control probe came to.', 'target', 'control', 'state'),
    enforced: gauge('chatprobe_enforced_ratio', 'Share of the interactions whose verdict is answered, 0 in shadow mode.', 'target'),
  };
}

function start(metrics: Series, metered: MeteredTarget): void {
  const { name: target } = metered;
  for (const saving of SAVINGS) metrics.saved.add(0, target, saving);
  for (const cause of WITHHOLDINGS) metrics.withheld.add(0, target, cause);
  for (const cause of SHED_CAUSES) metrics.shed.add(0, target, cause);
  metrics.parked.add(0, target);
  startLevels(metrics, metered);
}

function startLevels(metrics: Series, { name: target, adapter }: MeteredTarget): void {
  metrics.gateways.set({ target }, 0);
  // What is behind a gateway, its first answer tells.
  metrics.simulated.set({ target }, adapter === 'simulator' ? 1 : 0);
  setState(metrics.guards, GUARD_STATES, 'watching', { target });
}

/**
 * Healthy servers are not counted: nobody knows how many there are. Kept by name, and by label only when it is read: which names have
 * labels of their own may change while a server is down.
 */
function createServersDown(registry: Registry, servers: ServerLabels) {
  const targets = new Map<string, { readonly metered: MeteredTarget; readonly down: Map<string | null, ServerState> }>();
  new Gauge({
    name: 'chatprobe_chat_servers_down',
    help: 'Chat Servers that are suspect or recovering, by configured name.',
    labelNames: ['target', 'chat_server', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [target, { metered, down }] of targets) {
        for (const server of servers.all(metered)) for (const state of STATES_DOWN) this.set({ target, chat_server: server, state }, 0);
        for (const [name, state] of down) this.inc({ target, chat_server: servers.of(target, name), state });
      }
    },
  });
  return {
    expect(metered: MeteredTarget): void {
      targets.set(metered.name, { metered, down: targets.get(metered.name)?.down ?? new Map() });
    },
    forget: (target: string) => targets.delete(target),
    changed({ target, chatServer, to }: Extract<OutageEvent, { type: 'server_changed' }>): void {
      const down = targets.get(target)?.down;
      if (to === 'healthy') down?.delete(chatServer);
      else down?.set(chatServer, to);
    },
  };
}

function setState<S extends string>(gauge: Gauge, states: readonly S[], current: S, labels: Readonly<Record<string, string>>): void {
  for (const state of states) gauge.set({ ...labels, state }, state === current ? 1 : 0);
}

function removeStates<S extends string>(gauge: Gauge, states: readonly S[], labels: Readonly<Record<string, string>>): void {
  for (const state of states) gauge.remove({ ...labels, state });
}
