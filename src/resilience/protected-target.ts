import type { InteractionServerAdapter } from '../probe/adapter.ts';
import type { Clock } from '../probe/clock.ts';
import { identityOf, type ProbeOrder } from '../probe/probe-order.ts';
import type { Prober } from '../probe/prober.ts';
import type { SpanReference } from '../probe/trace-context.ts';
import type { ProbeResult, Verdict } from '../probe/verdict.ts';
import { type AdmissionParts, createAdmissionControl } from './admission-control.ts';
import { type ChatServers, createChatServers } from './chat-servers/chat-servers.ts';
import { newcomerMs } from './chat-servers/newcomers.ts';
import type { GuardState, ServiceObserver } from './events.ts';
import { type FleetLink, NO_FLEET } from './fleet.ts';
import { createGatewayBreaker, type GatewayBreaker } from './gateway-breaker.ts';
import { createLearning, type JoinFleet } from './learn-fact.ts';
import { createObservedProbes, type ObservationService } from './observed-probes.ts';
import type { Answer, ProbeService, SafetyState } from './probe-service.ts';
import { createRetryBudget } from './retry-budget.ts';
import { type LiveSettings, liveSettings, replaceSettings, type TargetToProtect } from './settings.ts';
import { brokenResult } from './single-flight/shared-result.ts';
import { type Found, SingleFlight } from './single-flight/single-flight.ts';
import { type ControlProbes, createControlProbes } from './stop-filters/control-probes.ts';
import { type FilteredAnswer, filterStop, type StopFilters, unfiltered } from './stop-filters/filter-stop.ts';
import { createMassStopGuard, createReleasing, type MassStopGuard } from './stop-filters/mass-stop-guard.ts';

export interface ProtectionParts {
  readonly clock: Clock;
  readonly prober: Prober;
  /** For control probes, which are not counted as findings about chats. */
  readonly controlProber: Prober;
  readonly observe: ServiceObserver;
}

/** Treats a Chat Server outage as one event, not thousands of probe failures. What is true of one target says nothing about another. */
export interface ProtectedTarget extends ProbeService, ObservationService {
  /** Lets stops pass for that long, whatever their share. */
  release(forMs: number): ReleasedGuard;
  state(): SafetyState;
  /** Begins with the control probes. */
  start(): void;
  /**
   * Goes by other settings from now on, under the same name: as a target that was born with them and knows the same of Chat Servers,
   * gateway and chats. Probes under way keep the rules, the message and the adapter that they began with.
   */
  reconfigure(toProtect: TargetToProtect): void;
  /** Once it is gone: no control probes, and no word of how it stands, since another may have its name; its last probes go on. */
  retire(): void;
  /** Resolves once no probe asks by this adapter any more; to be asked once, of one that was replaced or goes. */
  untilUnused(adapter: InteractionServerAdapter): Promise<void>;
  /** Ends everything that waits. Safe to call twice. */
  close(): void;
}

/** How a guard stands that was just released. */
export interface ReleasedGuard {
  readonly state: GuardState;
  readonly releasedForMs: number;
}

/** How a target stands, apart from what its probes do. */
const OF_STATE: ReadonlySet<string> = new Set(['server_changed', 'gateway_changed', 'guard_changed', 'control_answered']);

/** All probes of one target, as one; and, where other replicas are heard of, theirs too. */
export function protectTarget(parts: ProtectionParts, toProtect: TargetToProtect, join: JoinFleet = () => NO_FLEET): ProtectedTarget {
  const { clock, prober, observe } = parts;
  const live = liveSettings(toProtect);
  // Nothing is heard before this function has returned.
  const fleet = join(toProtect.target.name, (fact, isEarlier) => learn(fact, isEarlier));
  const inUse = { isRetired: false };
  const mechanisms = createMechanisms({ ...parts, observe: whileInUse(observe, inUse) }, toProtect, live, fleet);
  const { guard, controls, servers } = mechanisms;
  const singleFlight = new SingleFlight({
    clock,
    settings: live.safety.outage,
    run: (order, signal, lock) => prober.probe(order, signal, createAdmissionControl(mechanisms, order, lock)),
    get newcomerMs() {
      return newcomerMs(live.rules);
    },
    newcomer: (chatServer) => servers.newcomer(chatServer),
    fleet,
    observe,
  });
  const answers = createAnswers(mechanisms, observe);
  const observed = createObservedProbes({ ...mechanisms, observe, answers, singleFlight });
  const releasing = createReleasing(clock, guard);
  const learn = createLearning({ clock, limits: live.safety.outage, servers, guard, chats: singleFlight, release: releasing.begin });

  return {
    ask: (order, signal) =>
      singleFlight
        .ask(order, signal)
        // Null where nobody waits for an answer.
        .then((found) => (found === null ? answers.toNobody(order) : answers.to(found))),
    decline: (order, reason) => answers.declined(order, prober.decline(order, reason)),
    release(forMs) {
      releasing.begin(forMs);
      const nowMs = clock.nowMs();
      fleet.tell({ type: 'release', atMs: nowMs, forMs }, true);
      return { state: guard.state(nowMs), releasedForMs: guard.releasedForMs(nowMs) };
    },
    state: () => stateOf(mechanisms, clock.nowMs()),
    observe: observed.observe,
    observedTexts: observed.observedTexts,
    start: controls.start,
    reconfigure(changed) {
      replaceSettings(live, changed);
      mechanisms.breaker.reconfigured(clock.nowMs());
      servers.reconfigured(changed.chatServers);
      guard.reconfigured(clock.nowMs());
      singleFlight.reconfigured();
      controls.reconfigured(changed.target);
    },
    retire() {
      inUse.isRetired = true;
      releasing.cancel();
      controls.close();
    },
    untilUnused: (adapter) => singleFlight.adapters.untilUnused(adapter),
    close() {
      releasing.cancel();
      observed.close();
      controls.close();
      servers.close();
    },
  };
}

/** Tells of a target that is retired what its last probes do, and no more how it stands. */
function whileInUse(observe: ServiceObserver, target: { readonly isRetired: boolean }): ServiceObserver {
  return (event) => void ((target.isRetired && OF_STATE.has(event.type)) || observe(event));
}

/** Makes answers of what was found out, and tells each of them once. */
function createAnswers(mechanisms: Mechanisms, observe: ServiceObserver) {
  const { clock, enforcement, fleet } = mechanisms;
  const judged = (found: Found): FilteredAnswer => {
    const { order, chat } = found;
    const nowMs = clock.nowMs();
    try {
      const filtered = filterStop(mechanisms, found, nowMs);
      const isAnswered = filtered.answer.verdict === 'stop';
      if (isAnswered || chat?.heldAtMs === nowMs)
        fleet.tell({ type: 'stop', interactionId: order.interactionId, atMs: nowMs, isAnswered }, false);
      if (filtered.withheld !== null) observe({ type: 'stop_withheld', probe: identityOf(order), because: filtered.withheld });
      return filtered;
    } catch (fault) {
      observe({ type: 'fault', requestId: order.requestId, fault });
      return { answer: unfiltered(enforcement, order, brokenResult(order)), withheld: null };
    }
  };
  const told = (order: ProbeOrder, computed: Verdict, { answer, withheld }: FilteredAnswer, sharedWith?: SpanReference): Answer => {
    const { probeId, shadowVerdict } = answer;
    const simulated = order.target.adapter.isSimulated();
    observe({
      type: 'probe_answered',
      probe: identityOf(order),
      probeId,
      answer,
      computed,
      withheld,
      shadowVerdict,
      simulated,
      sharedWith,
    });
    return answer;
  };
  return {
    to: (found: Found): Answer => told(found.order, found.result.verdict, judged(found), found.isOwn ? undefined : found.span),
    toNobody(order: ProbeOrder): null {
      observe({ type: 'request_abandoned', probe: identityOf(order) });
      return null;
    },
    declined: (order: ProbeOrder, result: ProbeResult): Answer =>
      told(order, result.verdict, { answer: unfiltered(enforcement, order, result), withheld: null }),
  };
}

/** All that stands between the probes of a target and its platform, and between verdicts and callers. */
interface Mechanisms extends Omit<AdmissionParts, 'servers' | 'breaker'>, Omit<StopFilters, 'servers' | 'guard'> {
  readonly servers: ChatServers;
  readonly guard: MassStopGuard;
  readonly breaker: GatewayBreaker;
  readonly controls: ControlProbes;
}

function createMechanisms(
  parts: ProtectionParts,
  { target, chatServers }: TargetToProtect,
  { rules, safety }: LiveSettings,
  fleet: FleetLink,
): Mechanisms {
  const { clock, observe } = parts;
  const { outage: settings, enforcement } = safety;
  const name = target.name;
  const servers = createChatServers({
    clock,
    fleet,
    settings,
    rules,
    chatServers,
    tell: (event) => observe({ ...event, target: name }),
  });
  const breaker = createGatewayBreaker(settings, (open) => {
    observe({ type: 'gateway_changed', target: name, open });
    if (open) servers.rejectAll();
  });
  const guard = createMassStopGuard(safety.guard, (state) => observe({ type: 'guard_changed', target: name, state }), fleet);
  const controls = createControlProbes({
    clock,
    prober: parts.controlProber,
    target,
    settings: safety.controls,
    tell(control, state) {
      // The live one is as good a delivery as any.
      if (control === 'live' && state === 'right') guard.heard('delivered', safety.controls.live?.chatServer ?? null, clock.nowMs());
      observe({ type: 'control_answered', target: name, control, state });
    },
  });
  const saved: AdmissionParts['saved'] = (by) => observe({ type: 'message_saved', target: name, by });
  return {
    clock,
    servers,
    breaker,
    budget: createRetryBudget(settings, fleet),
    guard,
    controls,
    enforcement,
    fleet,
    limits: settings,
    get guardWindowMs() {
      return safety.guard.windowMs;
    },
    saved,
  };
}

function stateOf({ guard, breaker, servers, controls, enforcement }: Mechanisms, nowMs: number): SafetyState {
  return {
    guard: guard.state(nowMs),
    delivered: guard.hasDelivered,
    gatewayOpen: breaker.isOpen,
    serversDown: servers.serversDown,
    probesParked: servers.parked,
    controls: { absent: controls.state('absent'), live: controls.state('live') },
    shadow: enforcement.shadow,
    enforcePercent: enforcement.enforcePercent,
  };
}
