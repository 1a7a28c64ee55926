import { type ProtectedTarget, type ProtectionParts, protectTarget } from '../../src/resilience/protected-target.ts';
import type { TargetToProtect } from '../../src/resilience/settings.ts';

/** Several targets behind one object, each protected by itself as in the service. */
export function protectTargets(parts: ProtectionParts, targets: readonly TargetToProtect[]) {
  const byName = new Map(targets.map((each) => [each.target.name, protectTarget(parts, each)]));
  const named = (target: string): ProtectedTarget => {
    const found = byName.get(target);
    if (found === undefined) throw new Error(`no target ${target}`);
    return found;
  };
  const ask: ProtectedTarget['ask'] = (order, signal) => named(order.target.name).ask(order, signal);
  const decline: ProtectedTarget['decline'] = (order, reason) => named(order.target.name).decline(order, reason);
  return {
    ask,
    decline,
    release: (target: string, minutes: number) => named(target).release(minutes * 60_000),
    state: (target: string) => named(target).state(),
    start: () => byName.forEach((each) => void each.start()),
    close: () => byName.forEach((each) => void each.close()),
  };
}

export type ProtectedTargets = ReturnType<typeof protectTargets>;
