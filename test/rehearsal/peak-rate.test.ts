import { expect, it } from 'vitest';
import { peakRate } from '../../lab/rehearsal/peak-rate.ts';

it('counts the fullest second wherever it begins, not those of the clock', () => {
  expect(peakRate([900, 950, 1_000, 1_050, 1_100], 1_000)).toBe(5);
  expect(peakRate([0, 10, 900, 1_005, 1_800, 5_000], 1_000)).toBe(3);
});

it('does not count two moments that are a whole second apart together', () => {
  expect(peakRate([0, 1_000, 2_000], 1_000)).toBe(1);
  expect(peakRate([0, 999, 1_000], 1_000)).toBe(2);
});

it('counts moments that fall together', () => {
  expect(peakRate([5, 5, 5], 1_000)).toBe(3);
});

it('is 0 where nothing happened', () => {
  expect(peakRate([], 1_000)).toBe(0);
});
