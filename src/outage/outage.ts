import type { Asker, GuardDesk, SafetyState } from './answer.ts';
import { createTargetWatch, type TargetWatch, type WatchedTarget, type WatchParts } from './target-watch.ts';

/** Takes an outage for what it is, one event of one server, and not for thousands of failures. */
export interface Outage extends Asker, GuardDesk {
  /** Throws for a target that nobody watches over: a bug. */
  state(target: string): SafetyState;
  /** Begins with the control probes. */
  start(): void;
  /** Ends everything that waits. Safe to call twice. */
  close(): void;
}

const MINUTE_MS = 60_000;

/** One watch for each target, since what is true of one says nothing about another. */
export function createOutage(parts: WatchParts, targets: readonly WatchedTarget[]): Outage {
  const watches = new Map(targets.map((watched) => [watched.target.name, createTargetWatch(parts, watched)]));
  const watchOf = (target: string): TargetWatch => {
    const watch = watches.get(target);
    if (watch === undefined) throw new Error(`nobody watches over the target ${target}`);
    return watch;
  };
  return {
    ask: (order, signal) => watchOf(order.target.name).ask(order, signal),
    decline: (order, reason) => watchOf(order.target.name).decline(order, reason),
    release(target, minutes) {
      return watches.get(target)?.release(minutes * MINUTE_MS) ?? null;
    },
    state: (target) => watchOf(target).state(),
    start() {
      for (const watch of watches.values()) watch.start();
    },
    close() {
      for (const watch of watches.values()) watch.close();
    },
  };
}
