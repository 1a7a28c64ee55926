import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCountingWindow } from '../../src/resilience/counting-window.ts';

/** A window of five buckets of 100 ms. */
const BUCKETS = 5;
const WINDOW_MS = 500;

describe('a counting window', () => {
  it('holds nothing at first', () => {
    const window = createCountingWindow(WINDOW_MS, BUCKETS);
    expect(window.total(0)).toBe(0);
    expect(window.latest(0)).toBe(0);
  });

  it('forgets a count when its bucket has left the window, not a moment earlier', () => {
    const window = createCountingWindow(WINDOW_MS, BUCKETS);
    window.add(1_099);
    expect(window.total(1_499)).toBe(1);
    expect(window.total(1_500)).toBe(0);
  });

  it('counts the present bucket apart', () => {
    const window = createCountingWindow(WINDOW_MS, BUCKETS);
    window.add(1_000);
    window.add(1_099);
    expect(window.latest(1_099)).toBe(2);
    expect(window.latest(1_100)).toBe(0);
    expect(window.total(1_100)).toBe(2);
  });

  it('is empty after a silence of many windows', () => {
    const window = createCountingWindow(WINDOW_MS, BUCKETS);
    window.add(99);
    expect(window.total(1e12)).toBe(0);
    window.add(1e12);
    expect(window.total(1e12)).toBe(1);
  });

  it('may be a single bucket', () => {
    const window = createCountingWindow(WINDOW_MS, 1);
    window.add(499);
    expect(window.total(499)).toBe(1);
    expect(window.total(500)).toBe(0);
  });

  it('always agrees with a list of all that was ever counted', () => {
    const gaps = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 250 }), fc.constantFrom(100, 400, 499, 500, 501, 5_000));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.array(gaps, { minLength: 5, maxLength: 40 }), (startMs, steps) => {
        const window = createCountingWindow(WINDOW_MS, BUCKETS);
        const seen: number[] = [];
        let nowMs = startMs;
        for (const gapMs of steps) {
          nowMs += gapMs;
          // Some steps only look: time must pass without counting too.
          if (gapMs % 3 !== 1) {
            window.add(nowMs);
            seen.push(Math.floor(nowMs / 100));
          }
          const present = Math.floor(nowMs / 100);
          expect(window.total(nowMs)).toBe(seen.filter((bucket) => bucket > present - BUCKETS).length);
          expect(window.latest(nowMs)).toBe(seen.filter((bucket) => bucket === present).length);
        }
      }),
    );
  });
});

describe('a window that is resized', () => {
  it('keeps what is within the new one, to a bucket', () => {
    const window = createCountingWindow(60_000, 60);
    for (const atMs of [1_000, 30_500, 59_500]) window.add(atMs);
    window.resize(10_000, 60_000);
    expect([window.total(60_000), window.latest(60_000)]).toEqual([1, 0]);
    expect(window.total(70_000)).toBe(0);
  });

  it('keeps all where it is longer, and as long as it says', () => {
    const window = createCountingWindow(10_000, 10);
    for (const atMs of [91_500, 95_000, 99_999]) window.add(atMs);
    window.resize(100_000, 100_000);
    expect(window.total(100_000)).toBe(3);
    expect(window.total(180_000)).toBe(3);
    expect(window.total(210_000)).toBe(0);
  });
});
