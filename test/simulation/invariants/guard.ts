import type { GuardState } from '../../../src/outage/events.ts';
import { timelineOf } from '../timeline.ts';
import type { TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';
import { passedStops } from './passed-stops.ts';

/** How the guard against too many stops comes and goes. */
export const GUARD: readonly Invariant[] = [
  {
    name: 'nothing is stopped while the guard is tripped',
    *breaches(view) {
      const guard = guardTimeline(view);
      for (const { probe, from, to } of passedStops(view)) {
        if (guard.throughout(from, to) === 'tripped') yield `${probe.id} at ${to.atMs}`;
      }
    },
  },
  {
    name: "stops that pass in a window are fewer than the guard's count, or no more than its share, unless released",
    *breaches(view) {
      const { massStop, share, verdicts, windowMs } = view.mine.safety.guard;
      if (!massStop) return;
      const guard = guardTimeline(view);
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
];

/** Silence shows nothing. */
export const GUARD_CLEARING: readonly Invariant[] = [
  {
    name: 'a tripped guard clears only after a living chat was found within its window',
    *breaches(view) {
      const { windowMs } = view.mine.safety.guard;
      const found = [...view.probes.values()].flatMap(({ ended, result }) =>
        ended !== null && result?.evidence === 'alive' ? [ended] : [],
      );
      let sinceMs: number | null = null;
      for (const { event, seq, atMs } of view.events) {
        if (event.type !== 'guard_changed') continue;
        if (event.state === 'tripped') sinceMs = null;
        // Under a release nobody sees when it cleared.
        if (event.state === 'released') sinceMs = atMs;
        if (event.state !== 'watching' || !wasTripped(view, seq)) continue;
        const fromMs = (sinceMs ?? atMs) - windowMs;
        const isFound = found.some((alive) => alive.seq < seq && alive.atMs >= fromMs);
        yield isFound ? null : `at ${atMs}, nobody since ${fromMs}`;
      }
    },
  },
];

/** Whether the last that was told of the guard before, but for releases, is that it tripped. */
function wasTripped({ events }: TargetView, beforeSeq: number): boolean {
  const before = events.findLast(({ event, seq }) => seq < beforeSeq && event.type === 'guard_changed' && event.state !== 'released');
  return before?.event.type === 'guard_changed' && before.event.state === 'tripped';
}

function guardTimeline({ events }: TargetView) {
  return timelineOf<GuardState>(events, 'watching', (event) => (event.type === 'guard_changed' ? event.state : null));
}
