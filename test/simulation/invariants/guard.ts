import { deliveriesIn } from '../first-answers.ts';
import type { Moment } from '../record.ts';
import { guardTimeline } from '../timeline.ts';
import type { SeenRequest, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';
import { type PassedStop, passedStops } from './passed-stops.ts';

/** How the guard against too many stops comes and goes. */
export const GUARD: readonly Invariant[] = [
  {
    name: 'nothing is stopped while the guard is tripped',
    *breaches(view) {
      const guard = guardTimeline(view);
      for (const { request, from, to } of passedStops(view)) {
        if (guard.throughout(from, to) === 'tripped') yield `request ${request.n} at ${to.atMs}`;
      }
    },
  },
  {
    name: "stops that pass of probes that began in a window are fewer than the guard's count, or no more than its share, unless released",
    *breaches(view) {
      const { massStop, share, verdicts, windowMs } = view.mine.safety.guard;
      if (!massStop) return;
      const guard = guardTimeline(view);
      const passed = passedStops(view).filter((stop) => isWeighed(view, stop));
      const counted = view.requests.filter(isCounted);
      for (const { to } of passed) {
        if (guard.at(to) === 'released') continue;
        // The guard's window is a bucket shorter at times.
        const fromMs = to.atMs - windowMs;
        const stops = passed.filter(
          (other) => other.to.seq <= to.seq && countedAtMs(other.probe.started, other.to, windowMs) > fromMs + windowMs / 60,
        ).length;
        const all = counted.filter((request) => {
          const { settled, answer } = request;
          if (settled === null || answer === null || settled.atMs > to.atMs) return false;
          return countedAtMs(view.probes.get(answer.probeId)?.started ?? request.asked, settled, windowMs) >= fromMs - windowMs / 60;
        }).length;
        if (stops > Math.max(verdicts - 1, share * all)) yield `${stops} of ${all} by ${to.atMs}`;
      }
    },
  },
];

/** A verdict counts from when its probe began; one that took longer than the window, at its oldest end. */
function countedAtMs(started: Moment, settled: Moment, windowMs: number): number {
  return Math.max(started.atMs, settled.atMs - windowMs * (59 / 60));
}

/** Silence shows nothing. */
export const GUARD_CLEARING: readonly Invariant[] = [
  {
    name: 'a tripped guard clears only after a living chat was found within its window',
    *breaches(view) {
      const { windowMs } = view.mine.safety.guard;
      const found = deliveriesIn(view);
      let sinceMs: number | null = null;
      let trippedAtMs = 0;
      for (const { event, seq, atMs } of view.events) {
        if (event.type !== 'guard_changed') continue;
        if (event.state === 'tripped') {
          sinceMs = null;
          trippedAtMs = atMs;
        }
        // Under a release nobody sees when it cleared.
        if (event.state === 'released') sinceMs = atMs;
        if (event.state !== 'watching' || !wasTripped(view, seq)) continue;
        // What first answers have tripped one delivery clears, which is told when next somebody asks.
        const fromMs = Math.min((sinceMs ?? atMs) - windowMs, trippedAtMs);
        const isFound = found.some(({ at }) => at.seq < seq && at.atMs >= fromMs);
        yield isFound ? null : `at ${atMs}, nobody since ${fromMs}`;
      }
    },
  },
];

/** Whether a stop counts: not of a Chat Server that is known to be down, nor if one of the same chat was counted and withheld shortly before. */
function isWeighed({ requests, mine }: TargetView, { request, to }: PassedStop): boolean {
  if (request.answer?.isKnownDown === true) return false;
  return !requests.some(
    ({ order, settled, answer }) =>
      order.interactionId === request.order.interactionId &&
      settled !== null &&
      settled.seq < to.seq &&
      to.atMs - settled.atMs < mine.safety.guard.windowMs &&
      (answer?.guarded === true || answer?.reason === 'unconfirmed' || answer?.reason === 'retry_suppressed'),
  );
}

/** Whether it is weighed: a life once, a stop as often as it is answered. */
function isCounted({ answer }: SeenRequest): boolean {
  if (answer === null || answer.evidence === 'closed') return false;
  return (
    (answer.shadowVerdict ?? answer.verdict) === 'stop' ||
    answer.guarded ||
    answer.evidence !== 'unknown' ||
    answer.reason === 'unconfirmed' ||
    answer.reason === 'retry_suppressed'
  );
}

/** Whether the last that was told of the guard before, but for releases, is that it tripped. */
function wasTripped({ events }: TargetView, beforeSeq: number): boolean {
  const before = events.findLast(({ event, seq }) => seq < beforeSeq && event.type === 'guard_changed' && event.state !== 'released');
  return before?.event.type === 'guard_changed' && before.event.state === 'tripped';
}
