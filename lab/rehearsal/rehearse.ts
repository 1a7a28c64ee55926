import { createVirtualClock, type VirtualClock } from '../../src/probe/virtual-clock.ts';
import { createScenarioWorld } from '../simulator/world/scenario-world.ts';
import type { World } from '../simulator/world/world.ts';
import { takeChatCensus } from './chat-census.ts';
import type { Play } from './judged-probe.ts';
import { outageCourse } from './outage-course.ts';
import { outagePicture } from './outage-picture.ts';
import { playProbes } from './play-probes.ts';
import type { Rehearsal } from './rehearsal.ts';
import { type RehearsalReport, rehearsalReport } from './rehearsal-report.ts';

/**
 * Plays a scenario in virtual time, asks about each of its chats with the real prober, and judges the verdicts by the
 * truth. Nothing in the report depends on the machine or on how long it took.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<RehearsalReport> {
  const { clock, world } = stageOf(rehearsal);
  return reportOf(rehearsal, await playProbes(rehearsal, world, clock));
}

export interface DrawnRehearsal {
  /** The same as without a picture. */
  readonly report: RehearsalReport;
  /** An SVG file. */
  readonly picture: string;
}

/** Rehearses and draws how it went over time. Takes longer: the chats are counted again and again. */
export async function rehearseDrawn(rehearsal: Rehearsal): Promise<DrawnRehearsal> {
  const { clock, world } = stageOf(rehearsal);
  const census = takeChatCensus(world, clock, countEveryMs(rehearsal));
  const play = await playProbes(rehearsal, world, clock);
  census.end();
  const report = reportOf(rehearsal, play);
  return { report, picture: outagePicture(report, outageCourse(rehearsal.scenario, play, census)) };
}

function stageOf({ scenario, chats, seed }: Rehearsal): { readonly clock: VirtualClock; readonly world: World } {
  const clock = createVirtualClock();
  return { clock, world: createScenarioWorld({ clock, scenario, chats, seed }) };
}

function reportOf(rehearsal: Rehearsal, play: Play): RehearsalReport {
  const { scenario, policyName: policy, seed, plain, noProbe = false, observed = false, without = [] } = rehearsal;
  const { onChatServerDown } = scenario.target;
  const name = { scenario: scenario.name, policy, seed, plain, noProbe, without, onChatServerDown };
  return rehearsalReport(observed ? { ...name, observed } : name, play);
}

const LEAST_COUNT_EVERY_MS = 500;

/** A hundredth of the time in which the first questions come. */
function countEveryMs({ scenario: { chats, probes }, chats: howMany }: Rehearsal): number {
  const arriveForMs = chats.arrivePerSecond === 0 ? 0 : (howMany * 1_000) / chats.arrivePerSecond;
  return Math.max(LEAST_COUNT_EVERY_MS, Math.round(Math.max(arriveForMs, probes.fromMs + probes.withinMs) / 100));
}
