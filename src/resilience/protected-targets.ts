import type { GuardControl, ProbeService, SafetyState } from './probe-service.ts';
import { type ProtectedTarget, type ProtectionParts, protectTarget, type TargetToProtect } from './protected-target.ts';

/** Treats a Chat Server outage as one event, not thousands of probe failures. */
export interface ProtectedTargets extends ProbeService, GuardControl {
  /** Throws for an unknown target: a bug. */
  state(target: string): SafetyState;
  /** Begins with the control probes. */
  start(): void;
  /** Ends everything that waits. Safe to call twice. */
  close(): void;
}

const MINUTE_MS = 60_000;

/** One for each target, since what is true of one says nothing about another. */
export function protectTargets(parts: ProtectionParts, targets: readonly TargetToProtect[]): ProtectedTargets {
  const protectedTargets = new Map(targets.map((toProtect) => [toProtect.target.name, protectTarget(parts, toProtect)]));
  const protectedBy = (target: string): ProtectedTarget => {
    const found = protectedTargets.get(target);
    if (found === undefined) throw new Error(`nobody protects the target ${target}`);
    return found;
  };
  return {
    ask: (order, signal) => protectedBy(order.target.name).ask(order, signal),
    decline: (order, reason) => protectedBy(order.target.name).decline(order, reason),
    release(target, minutes) {
      return protectedTargets.get(target)?.release(minutes * MINUTE_MS) ?? null;
    },
    state: (target) => protectedBy(target).state(),
    start() {
      for (const each of protectedTargets.values()) each.start();
    },
    close() {
      for (const each of protectedTargets.values()) each.close();
    },
  };
}
