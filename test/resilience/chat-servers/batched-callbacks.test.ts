import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { createBatchedCallbacks } from '../../../src/resilience/chat-servers/batched-callbacks.ts';

const CROWD = 1_000;
const ALL = Array.from({ length: CROWD }, (_, n) => n);

/** A crowd that is told in this moment, and how many had been told whenever somebody else had a turn. */
function rig() {
  const clock = createVirtualClock();
  const pacer = createBatchedCallbacks(clock);
  const told: number[] = [];
  const tellAll = (): void => {
    for (const n of ALL) pacer.run(() => told.push(n));
  };
  return { clock, pacer, told, tellAll };
}

describe('a crowd that is told in one moment', () => {
  it('is told in groups, in order, and in the same moment', async () => {
    const { clock, told, tellAll } = rig();
    tellAll();
    const atOnce = told.length;
    expect(atOnce).toBeGreaterThan(0);
    expect(atOnce).toBeLessThan(CROWD / 2);
    const seen: number[] = [];
    clock.schedule(0, () => seen.push(told.length));
    await clock.advance(0);
    expect(told).toEqual(ALL);
    // Whoever else was due in this moment came in between.
    expect(seen[0]).toBeLessThanOrEqual(2 * atOnce);
  });

  it('makes who comes meanwhile wait for their turn', async () => {
    const { clock, pacer, told, tellAll } = rig();
    tellAll();
    await Promise.resolve();
    pacer.run(() => told.push(-1));
    expect(told).not.toContain(-1);
    await clock.advance(0);
    expect(told).toEqual([...ALL, -1]);
  });

  it('keeps the order for what the last of them bring with them', async () => {
    const { clock, pacer, told } = rig();
    for (const n of ALL) {
      pacer.run(() => {
        told.push(n);
        if (n === CROWD - 2) pacer.run(() => told.push(-1));
      });
    }
    await clock.advance(0);
    expect(told).toEqual([...ALL, -1]);
  });

  it('can be told at once, with nothing left to come', async () => {
    const { clock, pacer, told, tellAll } = rig();
    tellAll();
    pacer.flush();
    expect([told, clock.pending()]).toEqual([ALL, 0]);
    pacer.flush();
    await clock.advance(0);
    expect(told).toEqual(ALL);
  });
});

it('tells those who come one after another at once, however many they are', async () => {
  const { clock, pacer, told } = rig();
  for (const n of ALL) {
    pacer.run(() => told.push(n));
    await Promise.resolve();
  }
  expect([told, clock.pending()]).toEqual([ALL, 0]);
});
