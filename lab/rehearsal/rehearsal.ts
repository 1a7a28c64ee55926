import type { RetryPolicy } from '../../src/probe/policy.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { Mechanism } from './mechanisms.ts';

/** What is played: so many chats in a scenario, asked about under a policy. */
export interface Rehearsal {
  readonly scenario: Scenario;
  /** At least 1; where chats arrive, how many do in all. */
  readonly chats: number;
  readonly policyName: string;
  readonly policy: RetryPolicy;
  /** True to let each probe fend for itself, without what `src/resilience/` adds. */
  readonly plain: boolean;
  /** True to find out nothing and route every chat: what no service costs. */
  readonly noProbe?: boolean;
  /** True if the workflows send by themselves, and tell what came of it. */
  readonly observed?: boolean;
  /** Mechanisms of outage protection that are switched off; none unless given. */
  readonly without?: readonly Mechanism[];
  /** Whole number; the same seed gives the same report, byte by byte. */
  readonly seed: number;
}
