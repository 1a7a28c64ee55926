import type { ServerState } from '../events.ts';
import type { BreakerState } from './breaker-state.ts';
import type { Bulkhead } from './bulkhead.ts';
import { freePermit, type Permit, type Rejection } from './permit.ts';
import type { ResettableTimer } from './resettable-timer.ts';
import { giveUpAtMs, type WaitQueue } from './wait-queue.ts';
import type { Waiter } from './waiter.ts';

export const TIME_IS_OVER: Rejection = { kind: 'answer', reason: 'deadline', servedBy: 'none' };
export const PROVED_DOWN: Rejection = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };

/** All that belongs to one Chat Server. */
export interface DispatchState {
  readonly bulkhead: Bulkhead;
  readonly breaker: BreakerState;
  readonly queue: WaitQueue;
  readonly timer: ResettableTimer;
  readonly tellChange: (from: ServerState, to: ServerState) => void;
}

/** Does all that is due for those who wait, and comes back when something is due again. */
export function dispatchDue({ bulkhead, breaker, queue, timer, tellChange }: DispatchState, nowMs: number): void {
  const from = breaker.state;
  giveUp(breaker, queue, nowMs, (wait) => giveUpAtMs(wait) < nowMs);
  if (from === 'suspect') tryHalfOpen(breaker, queue, nowMs);
  else if (from === 'recovering') release(breaker, queue, nowMs, bulkhead);
  else admit(queue, nowMs, bulkhead);
  giveUp(breaker, queue, nowMs, (wait) => giveUpAtMs(wait) <= nowMs);
  breaker.endRecovery(nowMs, queue.size > 0);
  if (from === 'recovering' && breaker.state === 'healthy') admit(queue, nowMs, bulkhead);
  tellChange(from, breaker.state);
  timer.set(nextDispatchAtMs(breaker, queue, bulkhead.hasCapacity));
}

/** Tells everybody who waits the same. */
export function rejectAll(queue: WaitQueue, answer: Rejection): void {
  for (let wait = queue.mostUrgent(); wait !== null; wait = queue.mostUrgent()) settle(queue, wait, answer);
}

/** While healthy: lets the next ones pass as long as there is room for their messages. */
function admit(queue: WaitQueue, nowMs: number, bulkhead: Bulkhead): void {
  for (let wait = queue.mostUrgent(); wait !== null && bulkhead.hasCapacity; wait = queue.mostUrgent())
    settle(queue, wait, freePermit(nowMs));
}

/** Ends one's wait. */
export function settle(queue: WaitQueue, wait: Waiter, pass: Permit): void {
  queue.remove(wait);
  wait.end(pass);
}

/** Lets nobody wait beyond what their deadline allows: before anything is sent those past it, and then those who are at it. */
function giveUp(breaker: BreakerState, queue: WaitQueue, nowMs: number, isOver: (wait: Waiter) => boolean): void {
  for (let wait = queue.mostUrgent(); wait !== null && isOver(wait); wait = queue.mostUrgent()) {
    settle(queue, wait, breaker.isProvedDown(wait.asked.probeStartedAtMs, nowMs) ? PROVED_DOWN : TIME_IS_OVER);
  }
}

/** While suspect: answers with the proof that stands, before a canary that may go puts it in question again. */
function tryHalfOpen(breaker: BreakerState, queue: WaitQueue, nowMs: number): void {
  answerLate(breaker, queue, nowMs);
  const first = queue.mostUrgent();
  if (first !== null && breaker.trial.take(nowMs, isAlone(queue)))
    settle(queue, first, { kind: 'send', role: 'canary', admittedAtMs: nowMs });
  for (let late = queue.takeLastMoment(nowMs); late !== null; late = queue.takeLastMoment(nowMs)) {
    if (breaker.takeLast(nowMs)) settle(queue, late, { kind: 'send', role: 'last', admittedAtMs: nowMs });
  }
  answerLate(breaker, queue, nowMs);
}

/** Whether the only one who waits is a probe that tries again: its policy says how soon. */
function isAlone(queue: WaitQueue): boolean {
  return queue.size === 1 && (queue.mostUrgent()?.asked.n ?? 1) > 1;
}

function answerLate(breaker: BreakerState, queue: WaitQueue, nowMs: number): void {
  for (
    let late = queue.oldestLate();
    late !== null && breaker.isProvedDown(late.asked.probeStartedAtMs, nowMs);
    late = queue.oldestLate()
  ) {
    settle(queue, late, PROVED_DOWN);
  }
}

/** While recovering: lets go whom the ramp allows to, and no more than there is room for: it may answer slowly at first. */
function release(breaker: BreakerState, queue: WaitQueue, nowMs: number, bulkhead: Bulkhead): void {
  for (let wait = queue.mostUrgent(); wait !== null && bulkhead.hasCapacity && breaker.takeRelease(nowMs); wait = queue.mostUrgent()) {
    settle(queue, wait, { kind: 'send', role: 'released', admittedAtMs: nowMs });
  }
}

/** Where there is no bulkhead, the next answer moves on before anything else does. */
function nextDispatchAtMs(breaker: BreakerState, queue: WaitQueue, hasRoom: boolean): number {
  const first = queue.mostUrgent();
  switch (breaker.state) {
    case 'healthy':
      return first === null ? Number.POSITIVE_INFINITY : giveUpAtMs(first);
    case 'suspect':
      if (first === null) return Number.POSITIVE_INFINITY;
      return Math.min(giveUpAtMs(first), queue.nextLastMomentAtMs, breaker.trial.nextAtMs(isAlone(queue)));
    case 'recovering':
      if (first === null) return breaker.topAtMs;
      return hasRoom ? Math.min(giveUpAtMs(first), breaker.nextReleaseAtMs) : giveUpAtMs(first);
  }
}
