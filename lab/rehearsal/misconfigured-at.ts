import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { Misconfiguration } from '../simulator/world/world.ts';

/** What the scenario lets every message be answered at this moment, in ms since the world began; null if the truth. */
export function misconfiguredAt(events: Scenario['events'], nowMs: number): Misconfiguration | null {
  let answer: Misconfiguration | 'nothing' = 'nothing';
  for (const event of events) if ('misconfigure' in event && event.atMs <= nowMs) answer = event.misconfigure;
  return answer === 'nothing' ? null : answer;
}
