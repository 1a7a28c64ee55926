import { lifeCause } from './life-cause.ts';
import type { StopFacts } from './stop-facts.ts';
import { stopRule } from './stop-rule.ts';
import type { LifeCause, StopRule } from './stop-words.ts';

export interface StopExplanation {
  readonly rule: StopRule;
  readonly cause: LifeCause;
}

/** Explains a stopped living chat by a rule of the target and a cause in the world, both of which fit what was answered. */
export function explainStop(facts: StopFacts): StopExplanation {
  return { rule: stopRule(facts), cause: lifeCause(facts) };
}
