import type { Attempt } from '../../src/probe/attempt.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { ProbeResult } from '../../src/probe/verdict.ts';
import type { OutageEvent, Withholding } from '../../src/resilience/events.ts';
import type { Answer, SafetyState } from '../../src/resilience/probe-service.ts';
import type { Passage } from './hostile-way.ts';
import type { AllNews } from './news.ts';
import type { Plan, Stall, TargetPlan } from './plan.ts';
import type { Moment, Phase, Recorded } from './record.ts';

/** One request and what became of it. */
export interface SeenRequest {
  readonly n: number;
  readonly phase: Phase;
  readonly order: ProbeOrder;
  readonly asked: Moment;
  left: (Moment & { readonly how: 'hangs_up' | 'draining' }) | null;
  /** When it was first answered or given up. */
  settled: Moment | null;
  timesSettled: number;
  /** Null if it was given up. */
  answer: Answer | null;
  fault: string | null;
  /** Why the stop that it should have been answered with was not; null if there was none, or it was. */
  withheld: Withholding | null;
  living: boolean;
}

/** One message, from its setting out until the service has done with it. */
export interface SeenSend {
  readonly probe: SeenProbe;
  /** 1 for the first of its probe. */
  readonly n: number;
  readonly from: Moment;
  readonly passage: Passage;
  /** Null if it was never done with. */
  to: Moment | null;
  attempt: Attempt | null;
  cut: boolean;
  /** It was let go at this moment at the earliest; at `from` at the latest. */
  readonly earliestAdmissionMs: number;
  /** When it was let go; null if it may have waited for another message to the chat since. */
  admittedAtMs: number | null;
}

/** One probe: what a request ran, or was declined with. */
export interface SeenProbe {
  readonly id: string;
  /** Its deadline is what the request had left when the probe began: it may have waited for another's before. */
  readonly order: ProbeOrder;
  readonly isDeclined: boolean;
  readonly started: Moment;
  readonly sends: SeenSend[];
  /** Of all its terminal events the first. */
  ended: Moment | null;
  terminals: number;
  /** Null if it was cancelled. */
  result: ProbeResult | null;
}

export type TimedOutageEvent = Moment & { readonly event: OutageEvent };

/** What happened to one target, put in order for those who judge it. */
export interface TargetView {
  readonly plan: Plan;
  readonly mine: TargetPlan;
  readonly log: readonly Recorded[];
  readonly stalls: readonly Stall[];
  readonly requests: readonly SeenRequest[];
  readonly probes: ReadonlyMap<string, SeenProbe>;
  /** In order of setting out; those of control probes apart. */
  readonly sends: readonly SeenSend[];
  /** What they told of Chat Servers. */
  readonly news: AllNews;
  readonly events: readonly TimedOutageEvent[];
  /** Bugs that were told of probes for callers. */
  readonly faults: number;
  readonly states: readonly (Moment & {
    readonly phase: 'looked' | 'repaired' | 'proved' | 'closed';
    readonly state: SafetyState;
    readonly timers: number | null;
  })[];
  readonly declines: readonly { readonly order: ProbeOrder; readonly answer: Answer }[];
  readonly releases: readonly (Moment & { readonly minutes: number })[];
  /** Messages in each transcript when all was over, by id. */
  readonly delivered: ReadonlyMap<string, number>;
  /** When the service was told to close: it has forgotten its Chat Servers since, which a drain gives no occasion to notice. */
  readonly closingSeq: number;
  /** True if more Chat Servers were named than the service remembers. */
  readonly forgetsServers: boolean;
}
