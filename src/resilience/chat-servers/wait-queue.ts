import { createDueQueue } from '../../probe/due-queue.ts';
import { MIN_ATTEMPT_MS } from '../../probe/policy.ts';
import type { Waiter } from './waiter.ts';

/** Probes that wait for one Chat Server. Everything costs the logarithm of how many there are. */
export interface WaitQueue {
  readonly size: number;
  add(wait: Waiter): void;
  /** Safe to call twice. */
  remove(wait: Waiter): void;
  /** The one whose deadline comes first, null if nobody waits. */
  mostUrgent(): Waiter | null;
  /** When the next last moment comes that has not been taken, Infinity if there is none. */
  readonly nextLastMomentAtMs: number;
  /** Takes the next last moment if it has come: whose it is stays in line, as a late one. */
  takeLastMoment(nowMs: number): Waiter | null;
  /** The late one for whom the oldest proof will do, null if nobody is late. */
  oldestLate(): Waiter | null;
}

/** When a probe must not wait any longer, because no attempt could follow. */
export function giveUpAtMs({ asked }: Waiter): number {
  return asked.deadlineAtMs - MIN_ATTEMPT_MS;
}

export function createWaitQueue(): WaitQueue {
  const byDeadline = createDueQueue<Waiter>();
  const byLastMoment = createDueQueue<Waiter>();
  const lateByProof = createDueQueue<Waiter>();
  return {
    get size() {
      return byDeadline.size;
    },
    get nextLastMomentAtMs() {
      return byLastMoment.first()?.dueMs ?? Number.POSITIVE_INFINITY;
    },
    add(wait) {
      wait.byDeadline = byDeadline.add(giveUpAtMs(wait), wait);
      wait.byMoment = byLastMoment.add(wait.asked.lastMomentAtMs, wait);
    },
    remove(wait) {
      if (wait.byDeadline !== null) byDeadline.remove(wait.byDeadline);
      if (wait.byMoment !== null) (wait.isLate ? lateByProof : byLastMoment).remove(wait.byMoment);
      wait.byDeadline = null;
      wait.byMoment = null;
    },
    mostUrgent: () => byDeadline.first()?.item ?? null,
    takeLastMoment(nowMs) {
      const due = byLastMoment.first();
      if (due === null || due.dueMs > nowMs) return null;
      byLastMoment.takeFirst();
      const wait = due.item;
      wait.isLate = true;
      wait.byMoment = lateByProof.add(wait.asked.probeStartedAtMs, wait);
      return wait;
    },
    oldestLate: () => lateByProof.first()?.item ?? null,
  };
}
