import { describe, expect, it } from 'vitest';
import { atLeast, atMost, latenciesOf, median } from '../../bench/figures.ts';

describe('the figures of a bench', () => {
  it.each([
    [[3, 1, 2], 2],
    [[10, 9, 1, 2], 5.5],
    [[], Number.NaN],
  ])('the median of %j is %s', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it('a percentile is a latency that was measured', () => {
    expect(latenciesOf(Array.from({ length: 100 }, (_, n) => 100 - n))).toEqual({ p50Ms: 50, p99Ms: 99, maxMs: 100 });
  });

  it('a target is met up to its bound and with it, and never by what was not measured', () => {
    expect([1.29, 1.3, 1.31, Number.NaN].map((ratio) => atMost('time', ratio, 1.3).isMet)).toEqual([true, true, false, false]);
    expect([4.9, 5, 5.1, Number.NaN].map((ratio) => atLeast('rate', ratio, 5).isMet)).toEqual([false, true, true, false]);
  });

  it('a target names what was measured and what was wanted', () => {
    expect(atMost('idle memory', 93.4, 90, ' MB').text).toBe('idle memory: 93.4 MB, at most 90 MB wanted');
  });
});
