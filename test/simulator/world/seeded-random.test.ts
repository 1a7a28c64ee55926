import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../lab/simulator/world/seeded-random.ts';

function draws(seed: number, count: number): number[] {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, () => random());
}

describe('createSeededRandom', () => {
  it('draws the same numbers for the same seed', () => {
    expect(draws(7, 50)).toEqual(draws(7, 50));
  });

  it('draws other numbers for another seed', () => {
    expect(draws(7, 5)).not.toEqual(draws(8, 5));
  });

  it('stays at or above 0 and below 1, and fills the range evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const draw of draws(1, 10_000)) {
      expect(draw).toBeGreaterThanOrEqual(0);
      expect(draw).toBeLessThan(1);
      tenths[Math.floor(draw * 10)]! += 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
