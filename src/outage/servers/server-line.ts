import type { AskedAttempt } from '../../probe/attempt-gate.ts';
import { createDueQueue } from '../../probe/due-queue.ts';
import { MIN_ATTEMPT_MS } from '../../probe/policy.ts';

/** One probe that waits for its Chat Server. */
export interface PlaceInLine<T> {
  readonly item: T;
  /** When it must not wait any longer, because no attempt could follow. */
  readonly giveUpAtMs: number;
  readonly probeStartedAtMs: number;
  /** Which attempt of its probe it is, 1 for the first. */
  readonly n: number;
  /** Leaves the line. Safe to call twice. */
  leave(): void;
}

/** Probes that wait for one Chat Server. Everything costs the logarithm of how many there are. */
export interface ServerLine<T> {
  readonly size: number;
  join(asked: AskedAttempt, item: T): PlaceInLine<T>;
  /** The one whose deadline comes first, null if nobody waits. */
  mostUrgent(): PlaceInLine<T> | null;
  /** When the next last moment comes that has not been taken, Infinity if there is none. */
  readonly nextLastMomentAtMs: number;
  /** Takes the next last moment if it has come: whose it is stays in line, as a late one. */
  takeLastMoment(nowMs: number): PlaceInLine<T> | null;
  /** The late one whose probe started first, null if nobody is late. */
  oldestLate(): PlaceInLine<T> | null;
}

export function createServerLine<T>(): ServerLine<T> {
  const byDeadline = createDueQueue<PlaceInLine<T>>();
  const byLastMoment = createDueQueue<() => PlaceInLine<T>>();
  const lateByStart = createDueQueue<PlaceInLine<T>>();
  return {
    get size() {
      return byDeadline.size;
    },
    get nextLastMomentAtMs() {
      return byLastMoment.first()?.dueMs ?? Number.POSITIVE_INFINITY;
    },
    join(asked, item) {
      const becomeLate = (): PlaceInLine<T> => {
        leaveMoments = lateByStart.add(place.probeStartedAtMs, place);
        return place;
      };
      const giveUpAtMs = asked.deadlineAtMs - MIN_ATTEMPT_MS;
      let leaveMoments = byLastMoment.add(asked.lastMomentAtMs, becomeLate);
      const place: PlaceInLine<T> = {
        item,
        giveUpAtMs,
        probeStartedAtMs: asked.probeStartedAtMs,
        n: asked.n,
        leave() {
          leaveDeadlines();
          leaveMoments();
        },
      };
      const leaveDeadlines = byDeadline.add(giveUpAtMs, place);
      return place;
    },
    mostUrgent: () => byDeadline.first()?.item ?? null,
    takeLastMoment(nowMs) {
      const due = byLastMoment.first();
      if (due === null || due.dueMs > nowMs) return null;
      byLastMoment.takeFirst();
      return due.item();
    },
    oldestLate: () => lateByStart.first()?.item ?? null,
  };
}
