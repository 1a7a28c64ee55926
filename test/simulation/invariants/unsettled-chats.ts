import { unsettledMs } from '../known-down.ts';
import type { SeenProbe, TargetView } from '../view.ts';
import { heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';

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
