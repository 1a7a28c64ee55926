import { describe, expect, it } from 'vitest';
import { createLatency } from '../../../lab/simulator/world/latency.ts';
import { createSeededRandom } from '../../../lab/simulator/world/seeded-random.ts';

function sorted(latencyMs: Parameters<typeof createLatency>[0], count = 20_000): readonly number[] {
  const draw = createLatency(latencyMs, createSeededRandom(1));
  return Array.from({ length: count }, draw).sort((one, other) => one - other);
}

describe('the latency of a message', () => {
  it('has the median and the 99th percentile that a log-normal scenario asks for', () => {
    const drawn = sorted({ median: 100, p99: 900 });
    expect(drawn[10_000]).toBeGreaterThan(95);
    expect(drawn[10_000]).toBeLessThan(105);
    expect(drawn[19_800]).toBeGreaterThan(820);
    expect(drawn[19_800]).toBeLessThan(980);
    expect(drawn.every((ms) => Number.isInteger(ms) && ms >= 0)).toBe(true);
  });

  it('is always the same where median and 99th percentile are', () => {
    expect(new Set(sorted({ median: 40, p99: 40 }, 100))).toEqual(new Set([40]));
  });

  it('is spread evenly from the least to the most', () => {
    const drawn = sorted({ least: 10, most: 13 });
    const counts = [10, 11, 12, 13].map((ms) => drawn.filter((other) => other === ms).length);
    expect(Math.min(...counts)).toBeGreaterThan(4_700);
    expect(counts.reduce((sum, count) => sum + count)).toBe(20_000);
  });
});
