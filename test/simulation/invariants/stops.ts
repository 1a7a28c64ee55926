import type { ControlState, GuardState } from '../../../src/outage/events.ts';
import { classify } from '../../../src/probe/classify.ts';
import type { ProbeOrder } from '../../../src/probe/probe-order.ts';
import type { Reason } from '../../../src/probe/reasons.ts';
import type { TargetRules } from '../../../src/probe/target.ts';
import type { Moment } from '../record.ts';
import { isRestoringSurely } from '../restoring.ts';
import { serverTimelines, timelineOf } from '../timeline.ts';
import type { SeenProbe, SeenSend, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

/** When a chat may be stopped. */
export const STOPS: readonly Invariant[] = [
  {
    name: 'a stop implies proof that stands, or a rule of the target',
    *breaches(view) {
      for (const { order, answer, n, living } of view.requests) {
        if (answer === null || (answer.verdict !== 'stop' && answer.shadowVerdict !== 'stop')) continue;
        const because = order.isOffline
          ? null
          : (whyUnproved(view, view.probes.get(answer.probeId)) ?? whyNoRule(answer.reason, order, view.mine.rules));
        if (because !== null)
          yield `request ${n}: ${answer.reason} by ${answer.servedBy}: ${because} (the customer is ${living ? 'there' : 'gone'})`;
      }
    },
  },
  {
    name: 'what a canary answers was proved after the probe began, by its own Chat Server, and nothing newer says otherwise',
    *breaches(view) {
      const timelines = serverTimelines(view);
      for (const probe of view.probes.values()) {
        if (probe.result?.servedBy !== 'canary' || probe.ended === null) continue;
        if (probe.result.reason !== 'chat_server_not_found') yield `${probe.id}: ${probe.result.reason}`;
        if (!view.sends.some((send) => provesDown(send, probe))) yield `${probe.id}: no such message was sent since ${probe.started.atMs}`;
        const state = timelines(probe.order.chatServer).surelyAt(probe.ended);
        if (!view.forgetsServers && state !== null && state !== 'suspect') yield `${probe.id}: its Chat Server is ${state}`;
      }
    },
  },
  {
    name: 'nothing is stopped while the guard is tripped',
    *breaches(view) {
      const guard = timelineOf<GuardState>(view.events, 'watching', (event) => (event.type === 'guard_changed' ? event.state : null));
      for (const { probe, from, to } of passedStops(view)) {
        if (guard.throughout(from, to) === 'tripped') yield `${probe.id} at ${to.atMs}`;
      }
    },
  },
  {
    name: 'where delivery is required nothing is stopped before it, unless released',
    *breaches(view) {
      if (!view.mine.safety.guard.requireDelivery) return;
      const firstSeq = Math.min(
        ...view.sends.flatMap(({ attempt, cut, to }) => (to !== null && !cut && attempt?.reason === 'delivered' ? [to.seq] : [])),
        ...view.events.flatMap(({ seq, event }) =>
          event.type === 'control_answered' && event.control === 'live' && event.state === 'right' ? [seq] : [],
        ),
        ...view.releases.map(({ seq }) => seq),
      );
      for (const { probe, to } of passedStops(view)) if (to.seq < firstSeq) yield `${probe.id} at ${to.atMs}`;
    },
  },
  {
    name: 'nothing is stopped while a control probe is answered wrong',
    *breaches(view) {
      for (const control of ['absent', 'live'] as const) {
        const line = timelineOf<ControlState>(view.events, 'unknown', (event) =>
          event.type === 'control_answered' && event.control === control && event.state !== 'unknown' ? event.state : null,
        );
        for (const { probe, from, to } of passedStops(view)) {
          if (line.throughout(from, to) === 'wrong') yield `${probe.id} at ${to.atMs}, ${control}`;
        }
      }
    },
  },
  {
    name: "stops that pass in a window are fewer than the guard's count, or no more than its share, unless released",
    *breaches(view) {
      const { massStop, share, verdicts, windowMs } = view.mine.safety.guard;
      if (!massStop) return;
      const guard = timelineOf<GuardState>(view.events, 'watching', (event) => (event.type === 'guard_changed' ? event.state : null));
      const passed = passedStops(view);
      const counted = [...view.probes.values()].filter(
        ({ result }) => result !== null && result.evidence !== 'closed' && (result.verdict === 'stop' || result.evidence !== 'unknown'),
      );
      for (const { from } of passed) {
        if (guard.at(from) === 'released') continue;
        // The guard's window is a bucket shorter at times.
        const stops = passed.filter((other) => other.from.seq <= from.seq && other.from.atMs > from.atMs - windowMs * (59 / 60)).length;
        const all = counted.filter(({ ended }) => ended !== null && ended.atMs >= from.atMs - windowMs && ended.atMs <= from.atMs).length;
        if (stops > Math.max(verdicts - 1, share * all)) yield `${stops} of ${all} by ${from.atMs}`;
      }
    },
  },
  {
    name: 'no orphan is stopped while it may be restored elsewhere',
    *breaches(view) {
      if (!view.mine.rules.ha || !view.mine.safety.outage.holdWhileRestoring || view.forgetsServers) return;
      for (const { probe, from } of passedStops(view)) {
        if (from.seq < view.closingSeq && probe.result?.evidence === 'orphaned' && isRestoringSurely(view, probe, from))
          yield `${probe.id} at ${from.atMs}`;
      }
    },
  },
  {
    name: 'only a computed stop is withheld, and its answers say so',
    *breaches(view) {
      for (const probe of view.probes.values()) {
        if (probe.withheld !== null && probe.result?.verdict !== 'stop') yield `${probe.id}: ${probe.withheld} of ${probe.result?.verdict}`;
      }
      for (const { n, answer, order } of view.requests) {
        if (answer === null || answer.servedBy === 'recent') continue;
        const withheld = view.probes.get(answer.probeId)?.withheld ?? null;
        if (answer.reason !== 'deadline' && answer.guarded !== (withheld !== null && withheld !== 'shadow'))
          yield `request ${n} (${order.interactionId}): guarded ${answer.guarded}, withheld ${withheld}`;
      }
    },
  },
];

/** Why what a probe came to is no ground for a stop; null if it is. */
function whyUnproved({ mine: { rules } }: TargetView, probe: SeenProbe | undefined): string | null {
  if (probe?.result == null) return 'there is no probe behind it';
  const { order, result, sends } = probe;
  if (result.verdict !== 'stop') return 'its probe came to another verdict';
  if (order.isOffline) return null;
  const last = sends.at(-1) ?? null;
  // What a canary answers has an invariant of its own.
  if (result.servedBy !== 'canary' && last?.attempt?.reason !== result.reason) return `its last attempt says ${last?.attempt?.reason}`;
  if (result.servedBy !== 'canary' && !isTrueToTheWire(last, rules.singleChatServer)) return 'the wire says something else';
  return null;
}

/** Why no rule of the target makes a stop of a reason; null if one does. */
function whyNoRule(reason: Reason, { chatServer, policy }: ProbeOrder, rules: TargetRules): string | null {
  if (reason === 'session_not_found') return chatServer !== null || rules.singleChatServer ? null : 'it went by type';
  if (reason === 'chat_server_not_found') {
    if (rules.onChatServerDown !== 'auto') return rules.onChatServerDown === 'stop' ? null : 'the target routes orphans';
    return !rules.ha || policy.deadlineMs >= rules.restoreWindowMs ? null : 'its deadline is shorter than the restore window';
  }
  if (reason === 'fault_unrecognised' || reason === 'error_unrecognised')
    return rules.onUnrecognised === 'stop' ? null : 'the target routes what is not known';
  return 'nothing makes a stop of this reason';
}

/** Whether the far end really said so, to this very message. */
function isTrueToTheWire(send: SeenSend | null, singleChatServer: boolean): boolean {
  if (send?.passage.outcome == null) return false;
  const { request, outcome } = send.passage;
  const rules = { ha: false, singleChatServer, onChatServerDown: 'route', restoreWindowMs: 0, onUnrecognised: 'route' } as const;
  return classify(request, ['InteractionId', 'Id'], outcome, rules, false) === send.attempt?.reason;
}

function provesDown({ attempt, cut, from, to, probe }: SeenSend, about: SeenProbe): boolean {
  return (
    !cut &&
    attempt?.reason === 'chat_server_not_found' &&
    probe.order.chatServer === about.order.chatServer &&
    from.atMs >= about.started.atMs &&
    to !== null &&
    about.ended !== null &&
    to.seq < about.ended.seq
  );
}

/** Stops that were computed and not withheld, with the time in which that was decided. Those that the caller's own data say need no judge. */
function passedStops({
  requests,
  probes,
}: TargetView): readonly { readonly probe: SeenProbe; readonly from: Moment; readonly to: Moment }[] {
  return [...probes.values()].flatMap((probe) => {
    const { ended: from, result, withheld, id } = probe;
    if (from === null || result?.verdict !== 'stop' || result.evidence === 'closed' || (withheld !== null && withheld !== 'shadow'))
      return [];
    const to = requests.find(({ answer, settled }) => answer?.probeId === id && settled !== null && settled.seq > from.seq)?.settled;
    return to === null || to === undefined ? [] : [{ probe, from, to }];
  });
}
