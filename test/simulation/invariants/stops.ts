import type { ProbeOrder } from '../../../src/probe/probe-order.ts';
import type { ControlState } from '../../../src/resilience/events.ts';
import type { Answer } from '../../../src/resilience/probe-service.ts';
import { mayBeKnownDown } from '../known-down.ts';
import { isNewTo } from '../newcomers.ts';
import type { Moment } from '../record.ts';
import { serverTimelines, timelineOf } from '../timeline.ts';
import type { SeenProbe, SeenSend, TargetView } from '../view.ts';
import { heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';
import { passedStops } from './passed-stops.ts';

/** When a chat may be stopped. */
export const STOPS: readonly Invariant[] = [
  {
    name: 'a stop implies proof that stands, or a rule of the target',
    *breaches(view) {
      for (const { order, answer, n, living } of view.requests) {
        if (answer === null || (answer.verdict !== 'stop' && answer.shadowVerdict !== 'stop')) continue;
        const because = order.isOffline ? null : (whyUnproved(view.probes.get(answer.probeId)) ?? whyNoRule(view, answer, order));
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
        if (probe.result.reason !== 'chat_server_not_found' && probe.result.reason !== 'unconfirmed')
          yield `${probe.id}: ${probe.result.reason}`;
        // Where it was known before, how old the proof may be has an invariant of its own.
        const isKnown = isKnownToHurry(view, probe) && [probe.started, probe.ended].some((now) => isKnownDownAt(view, probe, now));
        if (!isKnown && !view.sends.some((send) => provesDown(send, probe)))
          yield `${probe.id}: no such message was sent since ${probe.started.atMs}`;
        const state = timelines(probe.order.chatServer).surelyAt(probe.ended);
        if (!view.forgetsServers && state !== null && state !== 'suspect') yield `${probe.id}: its Chat Server is ${state}`;
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
      for (const { request, to } of passedStops(view)) if (to.seq < firstSeq) yield `request ${request.n} at ${to.atMs}`;
    },
  },
  {
    name: 'nothing is stopped while a control probe is answered wrong',
    *breaches(view) {
      for (const control of ['absent', 'live'] as const) {
        const line = timelineOf<ControlState>(view.events, 'unknown', (event) =>
          event.type === 'control_answered' && event.control === control && event.state !== 'unknown' ? event.state : null,
        );
        for (const { request, from, to } of passedStops(view)) {
          if (line.throughout(from, to) === 'wrong') yield `request ${request.n} at ${to.atMs}, ${control}`;
        }
      }
    },
  },
  {
    name: 'only a computed stop is withheld, and its answers say so',
    *breaches(view) {
      for (const { n, answer, withheld, order } of view.requests) {
        const result = answer === null ? null : view.probes.get(answer.probeId)?.result;
        if (withheld !== null && result?.verdict !== 'stop') yield `request ${n}: ${withheld} of ${result?.verdict}`;
        if (answer !== null && answer.guarded !== (withheld !== null && withheld !== 'shadow'))
          yield `request ${n} (${order.interactionId}): guarded ${answer.guarded}, withheld ${withheld}`;
      }
    },
  },
];

/** Why what a probe came to is no ground for a stop; null if it is. */
function whyUnproved(probe: SeenProbe | undefined): string | null {
  if (probe?.result == null) return 'there is no probe behind it';
  const { order, result, sends } = probe;
  if (result.verdict !== 'stop') return 'its probe came to another verdict';
  if (order.isOffline) return null;
  const last = sends.at(-1) ?? null;
  // What a canary answers has an invariant of its own, and so has whether an attempt is told as it was.
  if (result.servedBy !== 'canary' && last?.attempt?.reason !== result.reason) return `its last attempt says ${last?.attempt?.reason}`;
  return null;
}

/** Why no rule of the target makes a stop of an answer; null if one does. */
function whyNoRule(view: TargetView, { reason, probeId }: Answer, { chatServer, policy }: ProbeOrder): string | null {
  const { rules } = view.mine;
  if (reason === 'session_not_found') return chatServer !== null || rules.singleChatServer ? null : 'it went by type';
  if (reason === 'chat_server_not_found') {
    if (rules.onChatServerDown !== 'auto') return rules.onChatServerDown === 'stop' ? null : 'the target routes orphans';
    if (!rules.ha || policy.deadlineMs >= rules.restoreWindowMs) return null;
    const probe = view.probes.get(probeId);
    const isKnown = probe?.ended != null && !rules.singleChatServer && isKnownDownAt(view, probe, probe.ended);
    return isKnown ? null : 'its deadline is shorter than the restore window, and its Chat Server not known to be down';
  }
  if (reason === 'fault_unrecognised' || reason === 'error_unrecognised')
    return rules.onUnrecognised === 'stop' ? null : 'the target routes what is not known';
  return 'nothing makes a stop of this reason';
}

function isKnownDownAt(view: TargetView, { order, started }: SeenProbe, now: Moment): boolean {
  return mayBeKnownDown(view, { chatServer: order.chatServer, startedAtMs: started.atMs, now });
}

/** Whether a probe may be answered by what was proved before it began: not one for a new chat that could be stopped by it. */
function isKnownToHurry(view: TargetView, probe: SeenProbe): boolean {
  const { rules } = view.mine;
  const { policy } = probe.order;
  const stopsAnyway =
    rules.onChatServerDown === 'stop' || (rules.onChatServerDown === 'auto' && policy.deadlineMs >= rules.restoreWindowMs);
  return rules.ha && !rules.singleChatServer && !(stopsAnyway && isNewTo(view, probe));
}

function provesDown(send: SeenSend, about: SeenProbe): boolean {
  const { from, to, probe } = send;
  return (
    heardOf(send) === 'server_down' &&
    probe.order.chatServer === about.order.chatServer &&
    from.atMs >= about.started.atMs &&
    to !== null &&
    about.ended !== null &&
    to.seq < about.ended.seq
  );
}
