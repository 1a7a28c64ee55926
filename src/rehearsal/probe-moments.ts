import type { Scenario } from '../simulator/scenario/scenario.ts';

/**
 * Draws the moments of probes, in ms since the world began: whole numbers, uniform over the window.
 *
 * @param random uniform in [0, 1).
 */
export function createProbeMoments({ fromMs, withinMs }: Scenario['probes'], random: () => number): () => number {
  return () => fromMs + Math.floor(random() * withinMs);
}
