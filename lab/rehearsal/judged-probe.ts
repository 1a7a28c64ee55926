import type { Evidence, Reason } from '../../src/probe/reasons.ts';
import type { ServedBy, Verdict } from '../../src/probe/verdict.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import type { StopExplanation } from './stop-explanation.ts';

/** One answer, beside what was true at the moment it was given. */
export interface JudgedProbe {
  readonly id: string;
  /** True if another caller asked the same just before. */
  readonly isSecond: boolean;
  /** The Chat Server that was to be asked, null if by type. */
  readonly chatServer: string | null;
  /** True if that one was down when the question came. */
  readonly toServerDown: boolean;
  /** In ms since the world began. */
  readonly startedAtMs: number;
  readonly verdict: Verdict;
  readonly evidence: Evidence;
  readonly reason: Reason;
  readonly degraded: boolean;
  /** True if a stop was computed and withheld. */
  readonly guarded: boolean;
  readonly servedBy: ServedBy;
  readonly elapsedMs: number;
  /** True if the customer was still there. */
  readonly living: boolean;
  /** Only where a living chat was stopped. */
  readonly explanation: StopExplanation | null;
}

/** One attempt to send a message. */
export interface Send {
  /** In ms since the world began. */
  readonly atMs: number;
  /** Chat Server that it named, null if it went by type. */
  readonly chatServer: string | null;
  /** True if it named a Chat Server that was down at that moment. */
  readonly toServerDown: boolean;
  /** Messages under way to that Chat Server, this one included. */
  readonly underWay: number;
  /** True if another message to the same chat was under way, or had just found it alive. */
  readonly isDoubled: boolean;
}

/** Something told at a moment, in ms since the world began. */
export interface TimedOutageEvent {
  readonly atMs: number;
  readonly event: ServiceEvent;
}

/** All that happened while the probes of one rehearsal were played. */
export interface Play {
  readonly probes: readonly JudgedProbe[];
  /** In order of time. */
  readonly sends: readonly Send[];
  /** What happened over many probes, in order of time; empty where each probe fends for itself. */
  readonly outage: readonly TimedOutageEvent[];
  /** When the guard was released for the first time, null if never. */
  readonly releasedAtMs: number | null;
  /** Messages that reached a session, and so stand in its transcript. */
  readonly delivered: number;
  /** How long an agent has a chat whose customer is gone. */
  readonly handleMs: number;
}
