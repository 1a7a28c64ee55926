import type { RetryPolicy } from '../probe/policy.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';

/** What is played: so many chats in a scenario, each probed once under a policy. */
export interface Rehearsal {
  readonly scenario: Scenario;
  /** At least 1. */
  readonly chats: number;
  readonly policyName: string;
  readonly policy: RetryPolicy;
  /** True to let each probe fend for itself, without what `src/outage/` adds. */
  readonly plain: boolean;
  /** Whole number; the same seed gives the same report, byte by byte. */
  readonly seed: number;
}
