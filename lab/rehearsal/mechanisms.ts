import {
  BUILT_IN_CONTROLS,
  BUILT_IN_ENFORCEMENT,
  BUILT_IN_GUARD,
  BUILT_IN_OUTAGE,
  type SafetySettings,
} from '../../src/resilience/settings.ts';

type Outage = SafetySettings['outage'];
type Guard = SafetySettings['guard'];

/** What switches each mechanism of outage protection off; a limit that has no off is set out of reach. */
const OFF = {
  coalesce: { outage: { coalesce: false } },
  reuseAlive: { outage: { reuseAliveMs: 0 } },
  canary: { outage: { canary: false } },
  maxInFlightPerServer: { outage: { maxInFlightPerServer: 0 } },
  maxRelease: { outage: { maxReleasePerSecond: 1_000_000 } },
  holdWhileRestoring: { outage: { holdWhileRestoring: false } },
  breaker: { outage: { breaker: false } },
  retryBudget: { outage: { retryBudget: false } },
  messageLimit: { outage: { messageLimit: 0 } },
  stopsPerInteraction: { outage: { stopsPerInteraction: 0 } },
  massStop: { guard: { massStop: false } },
  requireDelivery: { guard: { requireDelivery: false } },
} as const satisfies Record<string, { readonly outage?: Partial<Outage>; readonly guard?: Partial<Guard> }>;

export type Mechanism = keyof typeof OFF;

function isMechanism(name: string): name is Mechanism {
  return Object.hasOwn(OFF, name);
}
export const MECHANISMS: readonly Mechanism[] = Object.keys(OFF).filter(isMechanism);

/** The built-in settings, without these mechanisms. */
export function safetyWithout(off: readonly Mechanism[], requireDelivery: boolean): SafetySettings {
  let outage: Outage = BUILT_IN_OUTAGE;
  let guard: Guard = { ...BUILT_IN_GUARD, requireDelivery };
  for (const name of off) {
    const change: { readonly outage?: Partial<Outage>; readonly guard?: Partial<Guard> } = OFF[name];
    outage = { ...outage, ...change.outage };
    guard = { ...guard, ...change.guard };
  }
  return { outage, guard, controls: BUILT_IN_CONTROLS, enforcement: BUILT_IN_ENFORCEMENT };
}
