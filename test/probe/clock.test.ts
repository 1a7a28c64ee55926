import { describe, expect, it } from 'vitest';
import { realClock, wait } from '../../src/probe/clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

const never = new AbortController().signal;

describe('the real clock', () => {
  it('waits about as long as asked', async () => {
    const startedMs = realClock.nowMs();
    await wait(realClock, 30, never);
    expect(realClock.nowMs() - startedMs).toBeGreaterThanOrEqual(28);
  });

  it('lets go of a wait as soon as its signal aborts', async () => {
    const controller = new AbortController();
    const startedMs = realClock.nowMs();
    realClock.schedule(5, () => controller.abort());
    await wait(realClock, 60_000, controller.signal);
    expect(realClock.nowMs() - startedMs).toBeLessThan(20_000);
  });

  it('does not call back once cancelled', async () => {
    let called = false;
    realClock.schedule(1, () => {
      called = true;
    })();
    await wait(realClock, 20, never);
    expect(called).toBe(false);
  });
});

describe('the virtual clock', () => {
  it('moves only when told to, and calls back in order of time', async () => {
    const clock = createVirtualClock();
    const calls: string[] = [];
    clock.schedule(20, () => calls.push(`second at ${clock.nowMs()}`));
    clock.schedule(10, () => calls.push(`first at ${clock.nowMs()}`));
    clock.schedule(31, () => calls.push('too late'));
    await clock.advance(30);
    expect(calls).toEqual(['first at 10', 'second at 20']);
    expect(clock.nowMs()).toBe(30);
  });

  it('lets what follows from a wait happen before it moves on', async () => {
    const clock = createVirtualClock();
    const calls: number[] = [];
    const twice = async (): Promise<void> => {
      await wait(clock, 10, never);
      calls.push(clock.nowMs());
      await wait(clock, 10, never);
      calls.push(clock.nowMs());
    };
    void twice();
    await clock.advance(100);
    expect(calls).toEqual([10, 20]);
  });

  it('drives time until an outcome has come, and no further', async () => {
    const clock = createVirtualClock();
    clock.schedule(500, () => undefined);
    await clock.drive(wait(clock, 40, never));
    expect(clock.nowMs()).toBe(40);
  });

  it('says so where nothing is left that could bring the outcome', async () => {
    await expect(createVirtualClock().drive(new Promise(() => undefined))).rejects.toThrow('nothing left to wait for');
  });

  it('hands on how the outcome failed', async () => {
    await expect(createVirtualClock().drive(Promise.reject(new Error('as it is')))).rejects.toThrow('as it is');
  });

  it('never goes back, even for what fell due while it stalled', async () => {
    const clock = createVirtualClock();
    const waited = wait(clock, 10, never);
    clock.stall(50);
    await clock.drive(waited);
    expect(clock.nowMs()).toBe(50);
  });
});

it('waits for nothing where the signal has aborted already', async () => {
  const clock = createVirtualClock();
  await wait(clock, 1_000, AbortSignal.abort());
  expect(clock.nowMs()).toBe(0);
});
