import { expect, it } from 'vitest';
import { createProbeMoments } from '../../lab/rehearsal/probe-moments.ts';
import { createSeededRandom } from '../../lab/simulator/world/seeded-random.ts';

const WINDOW = { fromMs: 10_000, withinMs: 5_000, byName: true };

function moments(count: number, seed: number, window = WINDOW): readonly number[] {
  const draw = createProbeMoments(window, createSeededRandom(seed));
  return Array.from({ length: count }, draw);
}

it('draws whole moments from the whole window and from nowhere else', () => {
  const drawn = moments(10_000, 1);
  expect(drawn.every((atMs) => Number.isInteger(atMs) && atMs >= 10_000 && atMs < 15_000)).toBe(true);
  const fifths = [0, 1, 2, 3, 4].map((fifth) => drawn.filter((atMs) => Math.floor((atMs - 10_000) / 1_000) === fifth).length);
  expect(Math.min(...fifths)).toBeGreaterThan(1_800);
});

it('draws the same moments from the same chance', () => {
  expect(moments(50, 7)).toEqual(moments(50, 7));
  expect(moments(50, 7)).not.toEqual(moments(50, 8));
});
