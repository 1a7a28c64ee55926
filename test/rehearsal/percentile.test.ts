import { expect, it } from 'vitest';
import { percentile } from '../../lab/rehearsal/percentile.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => index + 1);

it('is the value that the share of values does not exceed', () => {
  expect([0.5, 0.99, 1].map((share) => percentile(HUNDRED, share))).toEqual([50, 99, 100]);
  expect(percentile([1, 2, 3], 0.5)).toBe(2);
  expect(percentile([1, 2, 3], 0.99)).toBe(3);
});

it('is the only value there is, whatever the share', () => {
  expect([0.01, 0.5, 1].map((share) => percentile([7], share))).toEqual([7, 7, 7]);
});

it('is 0 where there are no values', () => {
  expect(percentile([], 0.5)).toBe(0);
});
