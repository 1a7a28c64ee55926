import { createDueQueue } from '../../../src/probe/clock.ts';

/**
 * What will happen, in order of time and, at one moment, of scheduling. It has no timer: whoever looks at the world first
 * runs what has fallen due, so that nothing keeps a process alive or comes a little early.
 */
export interface Agenda {
  /** The moment of the action that is running, else that up to which everything has run; ms since the world began. */
  nowMs(): number;
  /** Schedules an action; what lies in the past comes next, without turning time back. */
  at(atMs: number, action: () => void): void;
  /** Runs everything due by `nowMs`, and what that brings with it. A moment that has passed changes nothing. */
  runUntil(nowMs: number): void;
}

/** An empty agenda at 0. */
export function createAgenda(): Agenda {
  const actions = createDueQueue<() => void>();
  let reachedMs = 0;
  return {
    nowMs: () => reachedMs,
    at(atMs, action) {
      actions.add(Math.max(atMs, reachedMs), action);
    },
    runUntil(nowMs) {
      for (let next = actions.first(); next !== null && next.dueMs <= nowMs; next = actions.first()) {
        actions.takeFirst();
        reachedMs = next.dueMs;
        next.item();
      }
      reachedMs = Math.max(reachedMs, nowMs);
    },
  };
}
