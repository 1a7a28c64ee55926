import type { Moment } from '../record.ts';
import { serverTimelines } from '../timeline.ts';
import type { SeenSend, TargetView } from '../view.ts';
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
      const retries = perSecond(freeRetries(view).map(({ from }) => from));
      const firsts = perSecond(view.sends.filter(({ n }) => n === 1).map(({ from }) => from));
      // One that was let go and cancelled in the same moment counts as a first attempt, and is none.
      const cancelled = [...view.probes.values()].filter(
        ({ ended, result }) => ended !== null && (result === null || result.reason === 'draining'),
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
    *breaches({ probes, sends, mine }) {
      const { retryBudget, retriesPerSecond } = mine.safety.outage;
      const retries = perSecond(sends.filter(({ n }) => n > 1).map(({ from }) => from));
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

/** Retries to Chat Servers that were surely healthy when they were let go: others have bounds of their own. */
function freeRetries(view: TargetView): readonly SeenSend[] {
  const timelines = serverTimelines(view);
  return view.sends.filter(
    ({ n, admittedAtMs, from, probe }) => n > 1 && admittedAtMs !== null && timelines(probe.order.chatServer).surelyAt(from) === 'healthy',
  );
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
