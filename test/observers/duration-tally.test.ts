import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createDurationTally } from '../../src/observers/duration-tally.ts';

const NAMED = { name: 'waits_seconds', help: 'Waits.', labelNames: ['kind', 'size'], buckets: [0.001, 0.25, 2] } as const;

function tallied() {
  const registry = new Registry();
  return { registry, tally: createDurationTally({ ...NAMED, registry }) };
}

it('tells what prom-client would tell of the same durations, in the same words', async () => {
  const durationsMs = fc.oneof(fc.constantFrom(0, 1, 250, 2_000), fc.integer({ min: 0, max: 5_000 }));
  const label = fc.constantFrom('a', 'b"\\');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(durationsMs, label, label), { maxLength: 20 }), async (observed) => {
      const { registry, tally } = tallied();
      const plainRegistry = new Registry();
      const plain = new Histogram({ ...NAMED, buckets: [...NAMED.buckets], registers: [plainRegistry] });
      tally.expect('a', 'a');
      plain.zero({ kind: 'a', size: 'a' });
      for (const [durationMs, kind, size] of observed) {
        tally.add(durationMs, kind, size);
        plain.observe({ kind, size }, durationMs / 1000);
      }
      expect(sorted(await registry.metrics())).toEqual(sorted(await plainRegistry.metrics()));
    }),
    { numRuns: 50 },
  );
});

it('stands at zero as soon as a series is expected, and an expected series keeps what it has', async () => {
  const { registry, tally } = tallied();
  tally.expect('a', 'small');
  expect(await registry.metrics()).toContain('waits_seconds_count{kind="a",size="small"} 0');
  tally.add(100, 'a', 'small');
  tally.expect('a', 'small');
  expect(await registry.metrics()).toContain('waits_seconds_count{kind="a",size="small"} 1');
});

it('tells the same again when it is asked again, as objects too', async () => {
  const { registry, tally } = tallied();
  tally.add(2_500, 'a', 'small');
  const first = await registry.metrics();
  expect(await registry.metrics()).toBe(first);
  const [metric] = await registry.getMetricsAsJSON();
  expect(metric?.values).toContainEqual(expect.objectContaining({ labels: { kind: 'a', size: 'small', le: '+Inf' }, value: 1 }));
});

it('leaves out what is not a number, which would spoil the sum for ever', async () => {
  const { registry, tally } = tallied();
  tally.add(Number.NaN, 'a', 'small');
  tally.add(500, 'a', 'small');
  expect(await registry.metrics()).toContain('waits_seconds_sum{kind="a",size="small"} 0.5');
});

/** Series come in another order, by label. */
function sorted(text: string): readonly string[] {
  return text.split('\n').sort();
}
