import { type CancelSignal, createCancelController } from '../../src/probe/cancel-signal.ts';
import { wait } from '../../src/probe/clock.ts';
import { createReferenceIds, type ProbeOrder } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import type { Target, TargetRules } from '../../src/probe/target.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import {
  BUILT_IN_CONTROLS,
  BUILT_IN_ENFORCEMENT,
  BUILT_IN_GUARD,
  BUILT_IN_OUTAGE,
  type ControlSettings,
  type EnforcementSettings,
  type GuardSettings,
  type OutageSettings,
} from '../../src/resilience/settings.ts';
import { type ProtectedTargets, protectTargets } from '../support/protected-targets.ts';
import { orderWith } from '../support/samples.ts';
import { type Answer, adapterThat, outcomeOf } from '../support/scripted-adapter.ts';

export interface Changes {
  readonly outage?: Partial<OutageSettings>;
  readonly guard?: Partial<GuardSettings>;
  readonly controls?: Partial<ControlSettings>;
  readonly enforcement?: Partial<EnforcementSettings>;
  readonly rules?: Partial<TargetRules>;
  /** The watch's listener throws at events of this type. */
  readonly breaksAt?: ServiceEvent['type'];
}

/** Targets `east` and `west` without HA, watched over; east's far end answers each chat, or all of a Chat Server, as `answers` has it, after 10 ms. */
export function outageRig(changes: Changes = {}) {
  const clock = createVirtualClock();
  const events: ServiceEvent[] = [];
  const controlEvents: ServiceEvent[] = [];
  const answers = new Map<string, Answer>();
  const sent: string[] = [];
  const adapter = adapterThat(async (request, signal) => {
    const id = String(request.userData['InteractionId']);
    sent.push(id);
    await wait(clock, 10, signal);
    return outcomeOf(signal.aborted ? 'silent' : (answers.get(id) ?? answers.get(request.appName ?? '') ?? 'delivered'), request);
  });
  const proberWith = (seen: ServiceEvent[]) =>
    createProber({ clock, random: () => 0, nextReferenceId: createReferenceIds(1), observe: (event) => seen.push(event) });
  const { target } = orderWith(adapter, {}, { ha: false, ...changes.rules });
  const watched = (name: string) => ({
    target: { ...target, name } satisfies Target,
    chatServers: [],
    safety: {
      outage: { ...BUILT_IN_OUTAGE, ...changes.outage },
      guard: { ...BUILT_IN_GUARD, requireDelivery: false, ...changes.guard },
      controls: { ...BUILT_IN_CONTROLS, ...changes.controls },
      enforcement: { ...BUILT_IN_ENFORCEMENT, ...changes.enforcement },
    },
  });
  const observe = (event: ServiceEvent): void => {
    if (event.type === changes.breaksAt) throw new Error('observer bug');
    events.push(event);
  };
  const outage: ProtectedTargets = protectTargets(
    { clock, prober: proberWith(events), controlProber: proberWith(controlEvents), observe },
    [watched('east'), watched('west')],
  );
  const order = (interactionId: string, fields: Partial<ProbeOrder> = {}): ProbeOrder =>
    orderWith(adapter, { interactionId, probeId: `probe of ${interactionId}`, target: { ...target, name: 'east' }, ...fields });
  const ask = (interactionId: string, fields: Partial<ProbeOrder> = {}, signal: CancelSignal = createCancelController().signal) =>
    clock.drive(outage.ask(order(interactionId, fields), signal));
  const west: Partial<ProbeOrder> = { target: { ...target, name: 'west' } };
  const told = (type: ServiceEvent['type']) => events.filter((event) => event.type === type);
  return { clock, outage, order, ask, answers, sent, events, controlEvents, told, west };
}
