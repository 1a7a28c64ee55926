import { describe, expect, it } from 'vitest';
import { createSteerableClock } from '../../lab/simulator/steerable-clock.ts';
import { type Clock, wait } from '../../src/probe/clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

const NEVER = new AbortController().signal;

/** A steerable clock over virtual time, and what fell due on it, with its own time. */
function bench() {
  const base = createVirtualClock();
  const clock = createSteerableClock(base);
  const rung: string[] = [];
  const ring = (name: string) => () => rung.push(`${name}@${clock.nowMs()}`);
  return { base, clock, rung, ring };
}

describe('a clock that nobody steers', () => {
  it('shows the time of the clock below, and lets things fall due by it', async () => {
    const { base, clock, rung, ring } = bench();
    clock.schedule(20, ring('b'));
    clock.schedule(10, ring('a'));
    await base.advance(15);
    expect([clock.nowMs(), clock.frozen, rung]).toEqual([15, false, ['a@10']]);
    await base.advance(15);
    expect(rung).toEqual(['a@10', 'b@20']);
  });

  it('does not call what was cancelled, nor minds a cancellation that comes too late', async () => {
    const { base, clock, rung, ring } = bench();
    const cancelFirst = clock.schedule(10, ring('a'));
    const cancelSecond = clock.schedule(20, ring('b'));
    cancelFirst();
    cancelFirst();
    await base.advance(20);
    cancelSecond();
    expect(rung).toEqual(['b@20']);
  });

  it('waits on where the clock below calls early', async () => {
    const base = createVirtualClock();
    const hasty = { nowMs: base.nowMs, schedule: (delayMs: number, callback: () => void) => base.schedule(delayMs * 0.9, callback) };
    const clock = createSteerableClock(hasty);
    const rung: number[] = [];
    clock.schedule(10, () => rung.push(clock.nowMs()));
    await base.advance(9.99);
    expect(rung).toEqual([]);
    await base.advance(1);
    expect(rung).toHaveLength(1);
  });

  it('calls what falls due at the same moment in the order of scheduling', async () => {
    const { base, clock, rung, ring } = bench();
    for (const name of ['a', 'b', 'c']) clock.schedule(5, ring(name));
    await base.advance(5);
    expect(rung).toEqual(['a@5', 'b@5', 'c@5']);
  });
});

describe('freeze', () => {
  it('stops time and whatever would fall due', async () => {
    const { base, clock, rung, ring } = bench();
    clock.schedule(10, ring('a'));
    await base.advance(4);
    clock.freeze();
    await base.advance(1_000);
    expect([clock.nowMs(), clock.frozen, rung]).toEqual([4, true, []]);
  });

  it('holds back what is scheduled while time stands still', async () => {
    const { base, clock, rung, ring } = bench();
    clock.freeze();
    clock.schedule(0, ring('a'));
    await base.advance(10);
    expect(rung).toEqual([]);
  });

  it('leaves nothing running on the clock below', () => {
    let running = 0;
    const counting: Clock = {
      nowMs: () => 0,
      schedule() {
        running += 1;
        return () => {
          running -= 1;
        };
      },
    };
    const clock = createSteerableClock(counting);
    clock.schedule(10, () => undefined);
    expect(running).toBe(1);
    clock.freeze();
    expect(running).toBe(0);
  });
});

describe('thaw', () => {
  it('goes on from where time stood, with as much left to wait as before', async () => {
    const { base, clock, rung, ring } = bench();
    clock.schedule(10, ring('a'));
    await base.advance(4);
    clock.freeze();
    clock.freeze();
    await base.advance(1_000);
    clock.thaw();
    clock.thaw();
    expect([clock.nowMs(), clock.frozen]).toEqual([4, false]);
    await base.advance(5);
    expect(rung).toEqual([]);
    await base.advance(1);
    expect(rung).toEqual(['a@10']);
  });
});

describe('advance', () => {
  it.each([
    ['running', false],
    ['frozen', true],
  ])('moves a %s clock on, and lets all that falls due happen in order, each at its moment', async (_state, frozen) => {
    const { clock, rung, ring } = bench();
    if (frozen) clock.freeze();
    clock.schedule(30, ring('c'));
    clock.schedule(10, ring('a'));
    clock.schedule(10, () => clock.schedule(5, ring('b')));
    clock.schedule(31, ring('not yet'));
    await clock.advance(30);
    expect([clock.nowMs(), clock.frozen, rung]).toEqual([30, frozen, ['a@10', 'b@15', 'c@30']]);
  });

  it('lets what follows by promises happen before time moves on', async () => {
    const { clock, rung, ring } = bench();
    clock.freeze();
    const walk = wait(clock, 10, NEVER)
      .then(ring('first'))
      .then(() => wait(clock, 10, NEVER))
      .then(ring('second'));
    await clock.advance(1_000);
    await walk;
    expect(rung).toEqual(['first@10', 'second@20']);
  });

  it('adds up where two come at once', async () => {
    const { clock, rung, ring } = bench();
    clock.freeze();
    clock.schedule(10, ring('a'));
    await Promise.all([clock.advance(15), clock.advance(15)]);
    expect([clock.nowMs(), rung]).toEqual([30, ['a@10']]);
  });

  it('brings a running clock nearer to what has not fallen due', async () => {
    const { base, clock, rung, ring } = bench();
    clock.schedule(100, ring('a'));
    await clock.advance(90);
    await base.advance(9);
    expect(rung).toEqual([]);
    await base.advance(1);
    expect(rung).toEqual(['a@100']);
  });

  it('by nothing lets fall due what is due', async () => {
    const { clock, rung, ring } = bench();
    clock.freeze();
    clock.schedule(0, ring('a'));
    await clock.advance(0);
    expect(rung).toEqual(['a@0']);
  });

  it.each([
    ['nothing', 0],
    ['too little to move time by', 1e-12],
  ])('is not held up by somebody who waits for %s, again and again', async (_what, delayMs) => {
    const { base, clock } = bench();
    await base.advance(4_000.1);
    clock.freeze();
    const again = (): void => void clock.schedule(delayMs, again);
    again();
    await clock.advance(50);
    expect(clock.nowMs()).toBeCloseTo(4_050.1, 6);
  });
});
