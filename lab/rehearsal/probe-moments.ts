import type { Scenario } from '../simulator/scenario/scenario.ts';
import { arrivalsOf } from '../simulator/world/arrivals.ts';
import { createSeededRandom } from '../simulator/world/seeded-random.ts';
import type { World } from '../simulator/world/world.ts';
import type { Rehearsal } from './rehearsal.ts';

/** A chat, and when somebody asks about it first. */
export interface FirstQuestion {
  readonly id: string;
  /** In ms since the world began. */
  readonly atMs: number;
}

/** Rows of chance from one seed must differ, or moments and jitter would go together, and both with the world's latencies. */
const MOMENT_SALT = 0x3c6ef372;

/**
 * When each chat is first asked about: those that are there from the start in the window of the scenario, those that arrive
 * within `chats.queueMs` of their arrival.
 */
export function firstQuestions({ scenario, chats, seed }: Rehearsal, world: World): readonly FirstQuestion[] {
  const random = createSeededRandom(seed ^ MOMENT_SALT);
  if (scenario.chats.arrivePerSecond > 0) {
    const drawWaitMs = createProbeMoments({ fromMs: 0, withinMs: scenario.chats.queueMs + 1 }, random);
    return arrivalsOf(scenario, chats, seed).map(({ id, atMs }) => ({ id, atMs: atMs + drawWaitMs() }));
  }
  const drawMomentMs = createProbeMoments(scenario.probes, random);
  return Array.from(world.sessions(), ({ id }) => ({ id, atMs: drawMomentMs() }));
}

/**
 * Draws the moments of probes, in ms since the world began: whole numbers, uniform over the window.
 *
 * @param random uniform in [0, 1).
 */
export function createProbeMoments(
  { fromMs, withinMs }: Pick<Scenario['probes'], 'fromMs' | 'withinMs'>,
  random: () => number,
): () => number {
  return () => fromMs + Math.floor(random() * withinMs);
}
