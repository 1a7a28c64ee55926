import type { Moment } from '../record.ts';
import { guardTimeline, serverTimelines } from '../timeline.ts';
import type { SeenSend, TargetView } from '../view.ts';
import { heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';

/** How far back first attempts count. */
const WINDOW_SECONDS = 10;

/** Retries multiply the load on what is failing. */
export const RETRIES: readonly Invariant[] = [
  {
    name: 'retries keep to their budget in every stretch of whole seconds',
    *breaches(view) {
      const { retryBudget, retryShare, retriesPerSecond } = view.mine.safety.outage;
      if (!retryBudget || view.forgetsServers) return;
      const retries = perSecond(rationedRetries(view).map(({ from }) => from));
      const firsts = perSecond(view.sends.filter(({ n }) => n === 1).map(({ from }) => from));
      // One that was let go and cancelled in the same moment, or that came after its deadline, counts as a first attempt, and is none.
      const cancelled = [...view.probes.values()].filter(
        ({ ended, result }) => ended !== null && (result === null || result.reason === 'draining' || result.reason === 'deadline'),
      );
      for (const from of retries.keys()) {
        let made = 0;
        for (let to = from; to < from + 2 * WINDOW_SECONDS; to += 1) {
          made += retries.get(to) ?? 0;
          const allowed =
            retryShare * (within(firsts, from - WINDOW_SECONDS + 1, to) + cancelled.length) + retriesPerSecond * (to - from + 1);
          if (made > allowed) yield `${made} from second ${from} to ${to}, ${allowed} allowed`;
        }
      }
    },
  },
  {
    name: 'a retry is suppressed only when those of its second are spent',
    *breaches(view) {
      const { probes, sends, mine } = view;
      const { retryBudget, retriesPerSecond } = mine.safety.outage;
      const retries = perSecond(sends.filter((send) => send.n > 1 && !isFree(view, send)).map(({ from }) => from));
      // After a stall a probe may have its retry granted in the moment in which its time is over.
      const unmade = perSecond(
        [...probes.values()].flatMap(({ result, ended }) => (result?.reason === 'deadline' && ended !== null ? [ended] : [])),
      );
      for (const { id, result, ended } of probes.values()) {
        if (result?.reason !== 'retry_suppressed' || ended === null) continue;
        const second = Math.floor(ended.atMs / 1_000);
        const made = retries.get(second) ?? 0;
        if (!retryBudget || made + (unmade.get(second) ?? 0) < retriesPerSecond)
          yield `${id} at ${ended.atMs}: ${made} of ${retriesPerSecond}`;
      }
    },
  },
];

/** With high availability a bad answer that stands alone is not one of many retries: it is half of what a stop rests on. */
export const CONFIRMATIONS: readonly Invariant[] = [
  {
    name: 'a message that is to confirm a bad answer is kept back for want of retries only while the guard is tripped',
    *breaches(view) {
      if (!view.mine.rules.ha) return;
      const guard = guardTimeline(view);
      for (const { id, result, ended, sends } of view.probes.values()) {
        const last = sends.at(-1);
        if (ended === null || last === undefined || !isBad(last)) continue;
        if (result?.reason === 'retry_suppressed' && (guard.surelyAt(ended) ?? 'tripped') !== 'tripped') yield `${id} at ${ended.atMs}`;
        else if (result?.reason === 'retry_suppressed') yield null;
      }
    },
  },
];

/** Retries to Chat Servers that were surely healthy when they were let go: others have bounds of their own. None that may be free. */
function rationedRetries(view: TargetView): readonly SeenSend[] {
  const timelines = serverTimelines(view);
  return view.sends.filter(
    (send) =>
      send.n > 1 &&
      send.admittedAtMs !== null &&
      timelines(send.probe.order.chatServer).surelyAt(send.from) === 'healthy' &&
      !(view.mine.rules.ha && confirms(send)),
  );
}

/** Whether it is surely not rationed. */
function isFree(view: TargetView, send: SeenSend): boolean {
  const guard = guardTimeline(view).surelyAt(send.from);
  return view.mine.rules.ha && confirms(send) && guard !== null && guard !== 'tripped';
}

function confirms({ probe, n }: SeenSend): boolean {
  const before = probe.sends[n - 2];
  return before !== undefined && isBad(before);
}

function isBad(send: SeenSend): boolean {
  const heard = heardOf(send);
  return heard === 'server_down' || (heard === 'not_here' && send.attempt?.reason === 'session_not_found');
}

function perSecond(moments: readonly Moment[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { atMs } of moments) {
    const second = Math.floor(atMs / 1_000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return counts;
}

function within(counts: ReadonlyMap<number, number>, from: number, to: number): number {
  let total = 0;
  for (let second = from; second <= to; second += 1) total += counts.get(second) ?? 0;
  return total;
}
