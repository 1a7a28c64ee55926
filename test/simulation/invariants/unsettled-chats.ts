import { isHeldSurely, unsettledMs } from '../unsettled.ts';
import type { SeenProbe, TargetView } from '../view.ts';
import { heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';
import { passedStops } from './passed-stops.ts';

/** What proves nothing against a chat, since its Chat Server fell and it may live elsewhere (docs/outages.md, "Where the chats went"). */
export const UNSETTLED_CHATS: readonly Invariant[] = [
  {
    name: 'with high availability fault 100 is no proof in a probe that began while its chat was unsettled',
    *breaches(view) {
      for (const { probe, endMs } of faulted(view)) {
        const seenDownMs = lastSeenDownMs(view, probe, probe.started.atMs);
        if (probe.started.atMs - seenDownMs >= unsettledMs(view.mine.rules.restoreWindowMs)) continue;
        yield isCalledDead(probe) ? `${probe.id} at ${endMs}: down at ${seenDownMs}, begun at ${probe.started.atMs}` : null;
      }
    },
  },
  {
    name: 'with high availability fault 100 is no proof where the Chat Server was heard to be down since the probe began',
    *breaches(view) {
      for (const { probe, endMs } of faulted(view)) {
        const seenDownMs = lastSeenDownMs(view, probe, endMs);
        if (seenDownMs > probe.started.atMs) yield isCalledDead(probe) ? `${probe.id} at ${endMs}: down at ${seenDownMs}` : null;
      }
    },
  },
  {
    name: 'with high availability fault 100 is no proof after an orphan in the same probe',
    *breaches({ probes, mine }) {
      if (!mine.rules.ha) return;
      for (const probe of probes.values()) {
        const heard = probe.sends.map(heardOf);
        if (heard.at(-1) !== 'not_here' || !heard.includes('server_down')) continue;
        if (isCalledDead(probe)) yield probe.id;
        // Else what others heard tells the same.
        else if (mine.rules.restoreWindowMs === 0) yield null;
      }
    },
  },
  {
    name: 'no orphan is stopped while its chat is unsettled and there is a place for it',
    *breaches(view) {
      const passed = new Set(passedStops(view).map(({ probe }) => probe));
      for (const probe of view.probes.values()) {
        const { ended, result, id } = probe;
        if (ended === null || result?.evidence !== 'orphaned' || result.verdict !== 'stop' || !isHeldSurely(view, probe, ended)) continue;
        yield passed.has(probe) ? `${id} at ${ended.atMs}` : null;
      }
    },
  },
  {
    name: 'no living chat is stopped as an orphan while it is unsettled and there is a place for it',
    *breaches(view) {
      for (const { n, answer, living, order, asked } of view.requests) {
        const probe = view.probes.get(answer?.probeId ?? '');
        if (!living || answer?.evidence !== 'orphaned' || probe?.ended == null || !isHeldSurely(view, probe, probe.ended)) continue;
        const isStopped = (answer.shadowVerdict ?? answer.verdict) === 'stop';
        if (isStopped) yield `request ${n} of ${asked.atMs} about ${order.interactionId}, by ${answer.servedBy}`;
        else if (answer.guarded) yield null;
      }
    },
  },
];

/** Probes under high availability whose last answer is fault 100, of one who hosts the chat, and when it came. */
function faulted(view: TargetView): readonly { readonly probe: SeenProbe; readonly endMs: number }[] {
  const { rules } = view.mine;
  if (!rules.ha || view.forgetsServers) return [];
  return [...view.probes.values()].flatMap((probe) => {
    const last = probe.sends.at(-1);
    if (last?.to == null || heardOf(last) !== 'not_here' || last.to.seq > view.closingSeq) return [];
    return probe.order.chatServer !== null || rules.singleChatServer ? [{ probe, endMs: last.to.atMs }] : [];
  });
}

/** When its Chat Server was last heard to be down, before the given moment. */
function lastSeenDownMs({ news }: TargetView, { order }: SeenProbe, beforeMs: number): number {
  const mine = news.get(order.chatServer) ?? [];
  return mine.findLast(({ says, heard }) => says === 'down' && heard.atMs < beforeMs)?.heard.atMs ?? Number.NEGATIVE_INFINITY;
}

function isCalledDead({ result }: SeenProbe): boolean {
  return result?.reason === 'session_not_found';
}
