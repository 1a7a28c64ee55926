import { type CancelSignal, createCancelController } from '../../src/probe/cancel-signal.ts';
import { wait } from '../../src/probe/clock.ts';
import { createReferenceIds, type ProbeOrder } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import type { Target, TargetRules } from '../../src/probe/target.ts';
import { createVirtualClock, type VirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import { type ProtectedTarget, protectTarget } from '../../src/resilience/protected-target.ts';
import {
  BUILT_IN_CONTROLS,
  BUILT_IN_ENFORCEMENT,
  BUILT_IN_GUARD,
  BUILT_IN_OUTAGE,
  type GuardSettings,
} from '../../src/resilience/settings.ts';
import { createFleet, type Fleet } from '../../src/store/fleet.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { SharedStore } from '../../src/store/shared-store.ts';
import { orderWith } from '../support/samples.ts';
import { type Answer, adapterThat, outcomeOf } from '../support/scripted-adapter.ts';

export interface FleetChanges {
  readonly rules?: Partial<TargetRules>;
  readonly guard?: Partial<GuardSettings>;
  /** Of each round trip to the store. */
  readonly storeDelayMs?: number;
  readonly replyMs?: number;
}

export interface Replica {
  readonly fleet: Fleet;
  readonly service: ProtectedTarget;
  readonly events: readonly ServiceEvent[];
  ask(interactionId: string, fields?: Partial<ProbeOrder>, signal?: CancelSignal): ReturnType<ProtectedTarget['ask']>;
}

/**
 * Replicas of one service on one world, whose Chat Servers and chats answer as `answers` has it; a store that they share. Each has a clock of
 * its own that shows another time.
 */
export function fleetRig({ rules = {}, guard = {}, storeDelayMs = 1, replyMs = 10 }: FleetChanges = {}) {
  const clock = createVirtualClock();
  const store = createMemoryStore(clock, 1_700_000_000_000);
  const answers = new Map<string, Answer>();
  const sent: { readonly id: string; readonly chatServer: string | null; readonly atMs: number; readonly by: number }[] = [];
  let born = 0;

  const birth = async (through: (store: SharedStore) => SharedStore = (plain) => plain): Promise<Replica> => {
    const number = born;
    born += 1;
    const own = aheadOf(clock, number * 7_777.3);
    const events: ServiceEvent[] = [];
    const adapter = adapterThat(async (request, signal) => {
      const id = String(request.userData['InteractionId']);
      sent.push({ id, chatServer: request.appName, atMs: clock.nowMs(), by: number });
      await wait(clock, replyMs, signal);
      return outcomeOf(signal.aborted ? 'silent' : (answers.get(id) ?? answers.get(request.appName ?? '') ?? 'delivered'), request);
    });
    const observe = (event: ServiceEvent): void => void events.push(event);
    const prober = createProber({ clock: own, random: () => 0, nextReferenceId: createReferenceIds(1), observe });
    const target: Target = orderWith(adapter, {}, rules).target;
    const fleet = createFleet({
      clock: own,
      store: through(store.connect(storeDelayMs)),
      replica: `replica ${number}`,
      changed: () => undefined,
    });
    const safety = {
      outage: BUILT_IN_OUTAGE,
      guard: { ...BUILT_IN_GUARD, requireDelivery: false, ...guard },
      controls: BUILT_IN_CONTROLS,
      enforcement: BUILT_IN_ENFORCEMENT,
    };
    const service = protectTarget({ clock: own, prober, controlProber: prober, observe }, { target, chatServers: [], safety }, fleet.join);
    await clock.drive(fleet.start(500));
    const ask: Replica['ask'] = (interactionId, fields = {}, signal = createCancelController().signal) =>
      service.ask(orderWith(adapter, { interactionId, probeId: `probe of ${interactionId} by ${number}`, target, ...fields }), signal);
    return { fleet, service, events, ask };
  };
  /** All of what is asked and answered, in order of the questions. */
  const asked = <T>(questions: readonly Promise<T>[]): Promise<readonly T[]> => clock.drive(Promise.all(questions));
  const sentTo = (chatServer: string) => sent.filter((message) => message.chatServer === chatServer);
  return { clock, store, answers, sent, sentTo, birth, asked };
}

export type FleetRig = ReturnType<typeof fleetRig>;

/** The same time, shown otherwise. */
function aheadOf(clock: VirtualClock, byMs: number): Pick<VirtualClock, 'nowMs' | 'schedule'> {
  return { nowMs: () => clock.nowMs() + byMs, schedule: clock.schedule };
}
