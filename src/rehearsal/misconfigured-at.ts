import type { Scenario } from '../simulator/scenario.ts';

/** Whether the scenario lets everything look not found at this moment, in ms since the world began. */
export function misconfiguredAt(events: Scenario['events'], nowMs: number): boolean {
  let answer: string = 'nothing';
  for (const event of events) if ('misconfigure' in event && event.atMs <= nowMs) answer = event.misconfigure;
  return answer !== 'nothing';
}
