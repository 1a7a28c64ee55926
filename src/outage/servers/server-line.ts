import { createDueQueue } from '../../probe/due-queue.ts';
import { MIN_ATTEMPT_MS } from '../../probe/policy.ts';
import type { ServerWait } from './server-wait.ts';

/** Probes that wait for one Chat Server. Everything costs the logarithm of how many there are. */
export interface ServerLine {
  readonly size: number;
  join(wait: ServerWait): void;
  /** Safe to call twice. */
  leave(wait: ServerWait): void;
  /** The one whose deadline comes first, null if nobody waits. */
  mostUrgent(): ServerWait | null;
  /** When the next last moment comes that has not been taken, Infinity if there is none. */
  readonly nextLastMomentAtMs: number;
  /** Takes the next last moment if it has come: whose it is stays in line, as a late one. */
  takeLastMoment(nowMs: number): ServerWait | null;
  /** The late one for whom the oldest proof will do, null if nobody is late. */
  oldestLate(): ServerWait | null;
}

/** When a probe must not wait any longer, because no attempt could follow. */
export function giveUpAtMs({ asked }: ServerWait): number {
  return asked.deadlineAtMs - MIN_ATTEMPT_MS;
}

export function createServerLine(): ServerLine {
  const byDeadline = createDueQueue<ServerWait>();
  const byLastMoment = createDueQueue<ServerWait>();
  const lateByProof = createDueQueue<ServerWait>();
  return {
    get size() {
      return byDeadline.size;
    },
    get nextLastMomentAtMs() {
      return byLastMoment.first()?.dueMs ?? Number.POSITIVE_INFINITY;
    },
    join(wait) {
      wait.byDeadline = byDeadline.add(giveUpAtMs(wait), wait);
      wait.byMoment = byLastMoment.add(wait.asked.lastMomentAtMs, wait);
    },
    leave(wait) {
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
