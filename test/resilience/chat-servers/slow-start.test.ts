import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlowStart } from '../../../src/resilience/chat-servers/breaker-state.ts';
import { peakPerSecond } from './chat-servers-rig.ts';

/** Takes all that there is at each of the moments. */
function takenAt(ramp: ReturnType<typeof createSlowStart>, momentsMs: readonly number[]): readonly number[] {
  return momentsMs.flatMap((atMs) => {
    const taken: number[] = [];
    while (ramp.take(atMs)) taken.push(atMs);
    return taken;
  });
}

describe('the ramp', () => {
  it('lets one go when it begins, and then one every 40 ms', () => {
    const ramp = createSlowStart({ maxReleasePerSecond: 500 });
    ramp.begin(1_000);
    const everyMs = Array.from({ length: 200 }, (_, n) => 1_000 + n);
    expect(takenAt(ramp, everyMs)).toEqual([1_000, 1_040, 1_080, 1_120, 1_160]);
  });

  it('doubles every 250 ms until it is at its limit', () => {
    const ramp = createSlowStart({ maxReleasePerSecond: 500 });
    ramp.begin(0);
    const ticksMs = Array.from({ length: 200 }, (_, n) => n * 20);
    const taken = takenAt(ramp, ticksMs);
    const perTick = (fromMs: number) => taken.filter((atMs) => atMs >= fromMs && atMs < fromMs + 40).length / 2;
    expect([20, 260, 520, 760, 1_020, 1_260, 3_000].map(perTick)).toEqual([0.5, 1, 2, 4, 8, 10, 10]);
    expect(ramp.topAtMs).toBe(1_250);
  });

  it.each([1, 2, 4, 10, 100])('is that of one replica, climbed by %d together', (replicas) => {
    const ramps = Array.from({ length: replicas }, () => createSlowStart({ maxReleasePerSecond: 500 }, { replicas }));
    for (const ramp of ramps) ramp.begin(0);
    const everyMs = Array.from({ length: 6_000 }, (_, n) => n);
    const taken = ramps.flatMap((ramp) => takenAt(ramp, everyMs)).sort((a, b) => a - b);
    const within = (fromMs: number, untilMs: number) => taken.filter((atMs) => atMs >= fromMs && atMs < untilMs).length;
    // The first probe of each need not wait.
    expect(within(0, 250)).toBeLessThanOrEqual(7 + replicas);
    expect(peakPerSecond(taken)).toBeLessThanOrEqual(500);
    expect(within(3_000, 6_000)).toBeGreaterThanOrEqual(0.95 * 1_500);
  });

  it.each([
    [1, 0],
    [25, 0],
    [26, 250],
    [50, 250],
    [51, 500],
    [500, 1_250],
    [10_000, 2_250],
  ])('with a limit of %i a second is at its top after %i ms', (maxPerSecond, climbMs) => {
    const ramp = createSlowStart({ maxReleasePerSecond: maxPerSecond });
    expect(ramp.topAtMs).toBe(Number.NEGATIVE_INFINITY);
    ramp.begin(70);
    expect(ramp.topAtMs).toBe(70 + climbMs);
  });

  it.each([1, 7, 25, 40, 60, 99, 201, 333, 500, 5_099])('reaches nine tenths of its limit of %i a second', (maxPerSecond) => {
    const ramp = createSlowStart({ maxReleasePerSecond: maxPerSecond });
    ramp.begin(0);
    const taken: number[] = [];
    for (let atMs = 0; atMs < 10_000; atMs = ramp.nextReleaseAtMs) taken.push(...takenAt(ramp, [atMs]));
    const inFiveSeconds = taken.filter((atMs) => atMs >= 5_000).length;
    expect(inFiveSeconds / 5).toBeGreaterThanOrEqual(maxPerSecond * 0.9);
    expect(inFiveSeconds / 5).toBeLessThanOrEqual(maxPerSecond);
  });

  it('does not make up for what late ticks missed', () => {
    const ramp = createSlowStart({ maxReleasePerSecond: 500 });
    ramp.begin(0);
    expect(takenAt(ramp, [0, 200, 5_000]).length).toBe(1 + 1 + 10);
  });

  it('has room left at one moment for those who come at that moment, and at no other', () => {
    const ramp = createSlowStart({ maxReleasePerSecond: 500 });
    ramp.begin(0);
    ramp.take(5_000);
    expect([ramp.take(5_001), ramp.take(5_000), ramp.take(5_019.9), ramp.take(5_020)]).toEqual([false, true, false, true]);
  });

  it('ticks on whole milliseconds, so that no rounding makes a second shorter', () => {
    const ramp = createSlowStart({ maxReleasePerSecond: 333 });
    ramp.begin(0.1);
    ramp.take(0.1);
    expect(ramp.nextReleaseAtMs).toBe(22);
    ramp.take(22);
    expect(ramp.nextReleaseAtMs).toBe(44);
  });

  it('begins at the bottom each time, even in a moment that had more room', () => {
    const ramp = createSlowStart({ maxReleasePerSecond: 500 });
    ramp.begin(0);
    ramp.take(5_000);
    ramp.begin(5_000);
    expect(takenAt(ramp, [5_000, 5_010, 5_020, 5_040, 5_060, 5_080])).toEqual([5_020, 5_040, 5_080]);
  });

  it('never lets more than its limit go within a second, however late it is asked and however often it begins', () => {
    const steps = fc.array(
      fc.record({
        afterMs: fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom(0, 20, 20.5, 21, 25, 40) },
          fc.integer({ min: 0, max: 2_400 }).map((eighths) => eighths / 8),
          fc.constant(900),
        ),
        begins: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
        most: fc.constantFrom(1, 3, 1_000),
      }),
      { minLength: 1, maxLength: 120 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 5_000 }), steps, (maxPerSecond, aheadMs, given) => {
        const ramp = createSlowStart({ maxReleasePerSecond: maxPerSecond });
        ramp.begin(0);
        // Most windows are worth a look only near the top.
        let nowMs = aheadMs;
        const taken: number[] = [];
        for (const { afterMs, begins, most } of given) {
          nowMs += afterMs;
          if (begins) ramp.begin(nowMs);
          for (let n = 0; n < most && ramp.take(nowMs); n += 1) taken.push(nowMs);
        }
        return peakPerSecond(taken) <= maxPerSecond;
      }),
    );
  });
});
