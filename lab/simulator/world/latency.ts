import type { Scenario } from '../scenario/scenario.ts';
import type { Draw } from './chance.ts';
import { drawWithin } from './chance.ts';

/** The 99th percentile of the standard normal distribution. */
const Z_99 = 2.326_347_874;

/** How long one message travels, in whole milliseconds; drawn anew at each call. */
export function createLatency(latencyMs: Scenario['latencyMs'], draw: Draw): () => number {
  if ('least' in latencyMs) return () => drawWithin(draw, [latencyMs.least, latencyMs.most]);
  const { median, p99 } = latencyMs;
  const sigma = Math.log(p99 / median) / Z_99;
  return () => Math.round(median * Math.exp(sigma * drawNormal(draw)));
}

/** Standard normal (Box-Muller). */
function drawNormal(draw: Draw): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}
