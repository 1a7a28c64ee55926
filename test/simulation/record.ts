import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import type { Answer, SafetyState } from '../../src/resilience/probe-service.ts';
import type { Passage } from './hostile-way.ts';
import type { Plan, Stall } from './plan.ts';

/** When something happened. */
export interface Moment {
  /** In ms since the simulation began. */
  readonly atMs: number;
  /** Counts all that is recorded, so that things of one moment have an order too. */
  readonly seq: number;
}

/** What a request was for: to be found out during the outages, to wake the service up after them, to prove that it is well, or to be under way at its end. */
export type Phase = 'outage' | 'recovery' | 'proof' | 'ending';

/** What happened to one target, from outside. */
export type Happening =
  | { readonly type: 'asked'; readonly request: number; readonly phase: Phase; readonly order: ProbeOrder }
  | { readonly type: 'left'; readonly request: number; readonly how: 'hangs_up' | 'draining' }
  /** `living`: whether the customer was there. */
  | { readonly type: 'answered'; readonly request: number; readonly answer: Answer | null; readonly living: boolean }
  | { readonly type: 'rejected'; readonly request: number; readonly fault: string }
  | { readonly type: 'declined'; readonly order: ProbeOrder; readonly answer: Answer }
  /** A message sets out. `probeId` is null for a control probe. */
  | { readonly type: 'sent'; readonly probeId: string | null; readonly passage: Passage }
  | { readonly type: 'told'; readonly event: ServiceEvent }
  | { readonly type: 'looked'; readonly state: SafetyState }
  /** The service is told to close. */
  | { readonly type: 'closing' }
  | { readonly type: 'released'; readonly minutes: number }
  /** The state at the end of a phase. `timers`: those of the service that wait to ring. */
  | { readonly type: 'came_to'; readonly phase: 'repaired' | 'proved' | 'closed'; readonly state: SafetyState; readonly timers: number };

export type Recorded = Moment & Happening & { readonly target: string };

/** All that happened in one simulation, in order. */
export interface Played {
  readonly plan: Plan;
  readonly log: readonly Recorded[];
  /** When the process hung, each later than planned if it hung already. */
  readonly stalls: readonly Stall[];
  /** Messages in each transcript when all was over, by target and id. */
  readonly delivered: ReadonlyMap<string, ReadonlyMap<string, number>>;
}
