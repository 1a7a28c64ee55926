import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createScenarioWorld } from '../simulator/world/scenario-world.ts';
import { playProbes } from './play-probes.ts';
import type { Rehearsal } from './rehearsal.ts';
import { type RehearsalReport, rehearsalReport } from './rehearsal-report.ts';

/**
 * Plays a scenario in virtual time, asks about each of its chats with the real prober, and judges the verdicts by the
 * truth. Nothing in the report depends on the machine or on how long it took.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<RehearsalReport> {
  const { scenario, chats, policyName: policy, seed, plain, noProbe = false, without = [] } = rehearsal;
  const clock = createVirtualClock();
  const world = createScenarioWorld({ clock, scenario, chats, seed });
  const play = await playProbes(rehearsal, world, clock);
  const { onChatServerDown } = scenario.target;
  return rehearsalReport({ scenario: scenario.name, policy, seed, plain, noProbe, without, onChatServerDown }, play);
}
