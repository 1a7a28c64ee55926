import { REASONS } from '../../../src/probe/reasons.ts';
import { firstWaits } from '../first-step.ts';
import { isSurelyKnownDown, mayBeKnownDown } from '../known-down.ts';
import { forgetsChats, isNewTo, isStillUsed } from '../newcomers.ts';
import type { Moment } from '../record.ts';
import { guardTimeline } from '../timeline.ts';
import type { SeenProbe, SeenRequest, SeenSend, TargetView } from '../view.ts';
import { heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';
import { passedStops } from './passed-stops.ts';

/** Within which a canary is usually answered. */
const REPLY_MS = 2_000;
const GRACE_MS = 50;
/** A timer may ring this much early. */
const TIMER_MS = 2;

/** What is known of a Chat Server that stays down, with high availability and somewhere to restore to. */
export const KNOWN_DOWN: readonly Invariant[] = [
  {
    name: 'an orphan is stopped only after its Chat Server was down for the whole window before its probe began, while another one lives',
    *breaches(view) {
      if (!holds(view)) return;
      const withheld = view.requests.filter((request) => request.withheld === 'restoring' || request.withheld === 'out_of_sight');
      for (const { request, probe, from, to } of passedStops(view)) {
        if (request.answer?.evidence !== 'orphaned') continue;
        const question = { chatServer: probe.order.chatServer, startedAtMs: probe.started.atMs, now: from, witnessBy: to };
        if (!mayBeKnownDown(view, question)) yield `request ${request.n} at ${to.atMs}, ${request.living ? 'living' : 'gone'}`;
      }
      for (const { living } of withheld) if (living) yield null;
    },
  },
  {
    name: 'an orphan is not stopped while new chats go on naming its Chat Server',
    *breaches(view) {
      if (!holds(view)) return;
      for (const { request, probe, from, to } of passedStops(view)) {
        if (request.answer?.evidence !== 'orphaned' || probe.order.chatServer === null) continue;
        if (isStillUsed(view, probe.order.chatServer, from) === true)
          yield `request ${request.n} at ${to.atMs}, ${request.living ? 'living' : 'gone'}`;
      }
      for (const { withheld, living } of view.requests) if (withheld === 'still_used' && living) yield null;
    },
  },
  {
    name: 'a chat that is new is not stopped by what was known before it came',
    *breaches(view) {
      if (!mayRestore(view)) return;
      for (const { request, probe, to } of passedStops(view)) {
        const { answer, order } = request;
        if (answer?.evidence !== 'orphaned' || !isNewTo(view, probe)) continue;
        const tookMs = (probe.ended?.atMs ?? 0) - probe.started.atMs;
        if (!stopsOrphansAnyway(view, order)) yield `request ${request.n} at ${to.atMs}, begun at ${probe.started.atMs}`;
        else if (probe.result?.servedBy === 'canary' && tookMs < pinMs(probe))
          yield `request ${request.n} at ${to.atMs}, after ${tookMs} ms`;
        else yield null;
      }
    },
  },
  {
    name: 'a Chat Server that is known to be down gets no message more from a probe that has found it so',
    *breaches(view) {
      if (!mayRestore(view)) return;
      for (const probe of view.probes.values()) {
        if (!hurries(view, probe)) continue;
        for (const send of probe.sends) {
          if (send.to === null || heardOf(send) !== 'server_down' || !isSurelyDown(view, probe, after(send.to))) continue;
          yield send.n === probe.sends.length ? null : `${probe.id} asks again after ${send.to.atMs}`;
        }
      }
    },
  },
  {
    name: 'a probe that does not find its Chat Server plays its policy to the end, unless that is known to be down',
    *breaches(view) {
      if (!view.mine.rules.ha) return;
      for (const probe of view.probes.values()) {
        const { result, ended, started, sends } = probe;
        const { chatServer, policy } = probe.order;
        if (result?.reason !== 'chat_server_not_found' || result.servedBy !== 'probe' || ended === null) continue;
        const lastMs = (sends.at(-1)?.from.atMs ?? 0) - started.atMs;
        const isLate = ended.atMs - started.atMs > policy.deadlineMs - GRACE_MS;
        if (sends.length >= policy.attempts || lastMs >= pinMs(probe) - TIMER_MS || isLate) continue;
        const isKnown = mayRestore(view) && mayBeKnownDown(view, { chatServer, startedAtMs: started.atMs, now: ended });
        yield isKnown ? null : `${probe.id} ends at ${ended.atMs} with ${sends.length} of ${policy.attempts}`;
      }
    },
  },
  {
    name: 'who asks for a Chat Server that is known to be down is answered at once where its last proof stands, and else by the next',
    *breaches(view) {
      if (!mayRestore(view)) return;
      const waits = new Map(firstWaits(view).map((wait) => [wait.probe, wait]));
      for (const probe of view.probes.values()) {
        const { started } = probe;
        const wait = waits.get(probe);
        if (wait === undefined || probe.isDeclined || !hurries(view, probe) || !isSurelyDown(view, probe, started)) continue;
        const dueMs = proofDueMs(view, probe);
        if (wait.until.atMs > dueMs) yield `${probe.id} of ${started.atMs} waited until ${wait.until.atMs}, the proof came at ${dueMs}`;
        else if (wait.until.atMs === started.atMs && probe.result?.servedBy === 'canary') yield null;
      }
    },
  },
  {
    name: 'a ghost that is asked about again after its Chat Server is known to be down is stopped',
    *breaches(view) {
      if (!mayRestore(view)) return;
      for (const request of view.requests) {
        const { answer, order, settled } = request;
        const probe = view.probes.get(order.probeId);
        if (answer === null || settled === null || probe?.ended == null || answer.probeId !== order.probeId) continue;
        if (!isFoundDown(probe) || !mustStop(view, request, probe)) continue;
        yield (answer.shadowVerdict ?? answer.verdict) === 'stop'
          ? null
          : `request ${request.n} at ${settled.atMs}: ${answer.reason}, withheld for ${request.withheld}`;
      }
    },
  },
];

function mayRestore({ mine: { rules } }: TargetView): boolean {
  return rules.ha && !rules.singleChatServer;
}

function holds(view: TargetView): boolean {
  return mayRestore(view) && view.mine.safety.outage.holdWhileRestoring;
}

/** Whether the rule of the target stops an orphan, whatever else is known. */
function stopsOrphansAnyway({ mine: { rules } }: TargetView, { policy }: SeenRequest['order']): boolean {
  return rules.onChatServerDown === 'stop' || (rules.onChatServerDown === 'auto' && policy.deadlineMs >= rules.restoreWindowMs);
}

function pinMs({ order: { policy } }: SeenProbe): number {
  return policy.deadlineMs - policy.attemptTimeoutMs;
}

/** Whether what is known of its Chat Server may end a probe sooner than its policy does. */
function hurries(view: TargetView, probe: SeenProbe): boolean {
  return !(isNewTo(view, probe) || forgetsChats(view)) || !stopsOrphansAnyway(view, probe.order);
}

function isSurelyDown(view: TargetView, { order, started }: SeenProbe, now: Moment): boolean {
  return isSurelyKnownDown(view, { chatServer: order.chatServer, startedAtMs: started.atMs, now });
}

/** What was heard in this moment counts too. */
function after({ atMs, seq }: Moment): Moment {
  return { atMs, seq: seq + 1 };
}

/** When a probe that waits is told at the latest: when it begins, or when the next answer comes, if nothing else puts it in question. */
function proofDueMs(view: TargetView, { order, started }: SeenProbe): number {
  const { canary, canaryIntervalMs, maxInFlightPerServer } = view.mine.safety.outage;
  // Everybody asks it for themselves, as far as there is room.
  if (!canary) return maxInFlightPerServer === 0 ? started.atMs : Number.POSITIVE_INFINITY;
  const sends = view.sends.filter(({ probe }) => probe.order.chatServer === order.chatServer);
  const probes = [...view.probes.values()].filter((probe) => probe.order.chatServer === order.chatServer);
  const stands = (send: SeenSend, at: Moment): boolean =>
    send.to !== null &&
    send.to.seq <= at.seq &&
    heardOf(send) === 'server_down' &&
    sends.every(
      ({ from, to }) => from.seq <= send.from.seq || from.seq > at.seq || (to !== null && to.seq <= at.seq && from.atMs < send.from.atMs),
    ) &&
    // One that is let go as the canary may first have to wait for another message to its chat.
    !sends.some(
      (each) => each.admittedAtMs === null && each.earliestAdmissionMs <= at.atMs && each.from.seq > at.seq && each.probe.order !== order,
    ) &&
    !probes.some(({ ended, result }) => ended !== null && ended.seq > send.from.seq && ended.seq <= at.seq && hasFoundNothing(result));
  const isFresh = ({ from }: SeenSend): boolean => started.atMs - from.atMs <= 2 * canaryIntervalMs + REPLY_MS;
  if (sends.some((send) => isFresh(send) && stands(send, started))) return started.atMs;
  const next = sends.find((send) => send.to !== null && send.to.seq > started.seq && stands(send, send.to));
  return next?.to?.atMs ?? Number.POSITIVE_INFINITY;
}

/** Whether a probe may have had the place of the canary and sent nothing. */
function hasFoundNothing(result: SeenProbe['result']): boolean {
  return result === null || (REASONS[result.reason].origin === 'service' && result.reason !== 'unconfirmed');
}

/** Whether a probe came to its end because its Chat Server was not found, by its own message or by a canary's. */
function isFoundDown({ result, sends }: SeenProbe): boolean {
  const isOwn = result?.reason === 'chat_server_not_found' || result?.reason === 'unconfirmed';
  const last = sends.at(-1);
  return isOwn && (result.servedBy === 'canary' || (last !== undefined && heardOf(last) === 'server_down'));
}

/** Whether nothing at all speaks against a stop. */
function mustStop(view: TargetView, request: SeenRequest, probe: SeenProbe): boolean {
  const { settled, order, withheld } = request;
  const { rules, safety } = view.mine;
  if (settled === null || probe.ended === null || rules.onChatServerDown === 'route' || order.chatServer === null) return false;
  if (isNewTo(view, probe) || forgetsChats(view) || !isSurelyDown(view, probe, probe.ended)) return false;
  if (settled.atMs > request.asked.atMs + order.policy.deadlineMs + GRACE_MS) return false;
  if (safety.outage.holdWhileRestoring && isStillUsed(view, order.chatServer, probe.ended) !== false) return false;
  // Each of these has invariants of its own.
  if (withheld === 'repeated' || withheld === 'controls' || withheld === 'no_delivery') return false;
  const guard = guardTimeline(view);
  if (guard.throughout(probe.started, settled) === 'tripped' || guard.at(settled) === 'tripped') return false;
  const provenMs = provenForMs(view, probe);
  return provenMs > 0 && provenMs >= rules.confirmAfterMs;
}

/** How long the messages of all probes surely found it down. */
function provenForMs({ news: all }: TargetView, { order, ended }: SeenProbe): number {
  const news = (all.get(order.chatServer) ?? []).filter(({ heard }) => heard.seq < (ended?.seq ?? 0));
  const down = news.slice(news.findLastIndex(({ says }) => says === 'alive') + 1);
  const first = down.find(({ earliestMs }) => news.every((each) => each.says === 'down' || each.latestMs < earliestMs));
  const gapAt = down.findLastIndex(({ heard }, n) => n > 0 && heard.atMs - (down[n - 1]?.heard.atMs ?? 0) > 90_000);
  const since = gapAt > 0 ? down[gapAt] : first;
  return since === undefined ? 0 : Math.max(...down.map(({ earliestMs }) => earliestMs)) - since.latestMs;
}
