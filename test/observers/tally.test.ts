import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createGauge, createTally } from '../../src/observers/tally.ts';

const options = (registry: Registry) => ({ name: 'things_total', help: 'Things.', labelNames: ['kind', 'size'], registry });

it('tells each series once, with what was added to it', async () => {
  const registry = new Registry();
  const tally = createTally(options(registry));
  tally.add(0, 'a', 'small');
  tally.add(1, 'a', 'large');
  tally.add(2, 'a', 'large');
  tally.add(1, 'b', 'small');
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('things_total'));
  expect(lines).toEqual([
    'things_total{kind="a",size="small"} 0',
    'things_total{kind="a",size="large"} 3',
    'things_total{kind="b",size="small"} 1',
  ]);
});

it('tells the same when it is asked again', async () => {
  const registry = new Registry();
  const tally = createTally(options(registry));
  tally.add(5, 'a', 'small');
  const first = await registry.metrics();
  expect(await registry.metrics()).toBe(first);
  tally.add(1, 'a', 'small');
  expect(await registry.metrics()).toContain('things_total{kind="a",size="small"} 6');
});

it('a level goes up and down', async () => {
  const registry = new Registry();
  const level = createGauge({ ...options(registry), name: 'things' });
  level.add(2, 'a', 'small');
  level.add(-1, 'a', 'small');
  expect(await registry.metrics()).toContain('things{kind="a",size="small"} 1');
});

it.each([createTally, createGauge])('what is forgotten is not told any more, all that begins so and nothing else', async (create) => {
  const registry = new Registry();
  const kept = create({ ...options(registry), name: 'things' });
  for (const size of ['small', 'large']) for (const kind of ['a', 'b', 'c']) kept.add(1, kind, size);
  expect(await registry.metrics()).toContain('things{kind="a",size="small"} 1');
  kept.forget('a');
  kept.forget('b', 'large');
  kept.forget('never', 'there');
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('things'));
  expect(lines.sort()).toEqual(['things{kind="b",size="small"} 1', 'things{kind="c",size="large"} 1', 'things{kind="c",size="small"} 1']);
});
