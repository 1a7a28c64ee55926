import { describe, expect, it } from 'vitest';
import { createResettableTimer } from '../../src/probe/clock.ts';
import { createStepClock } from '../resilience/chat-servers/chat-servers-rig.ts';

function rig() {
  const clock = createStepClock();
  const delays: number[] = [];
  const rung: number[] = [];
  const counting = {
    nowMs: clock.nowMs,
    schedule(delayMs: number, callback: () => void) {
      delays.push(delayMs);
      return clock.schedule(delayMs, callback);
    },
  };
  return { clock, delays, rung, alarm: createResettableTimer(counting, () => rung.push(clock.nowMs())) };
}

describe('an alarm', () => {
  it('rings at its moment, once', async () => {
    const { clock, rung, alarm } = rig();
    clock.stall(5);
    alarm.set(15);
    await clock.advance(100);
    expect(rung).toEqual([15]);
  });

  it('set anew rings at the new moment only', async () => {
    const { clock, rung, alarm } = rig();
    alarm.set(10);
    alarm.set(20);
    alarm.set(15);
    expect(clock.pending()).toBe(1);
    await clock.advance(100);
    expect(rung).toEqual([15]);
  });

  it('set to the same moment again costs no timer', () => {
    const { delays, alarm } = rig();
    alarm.set(10);
    alarm.set(10);
    expect(delays).toEqual([10]);
  });

  it('set to never is silent and leaves no timer', async () => {
    const { clock, rung, alarm } = rig();
    alarm.set(10);
    alarm.set(Number.POSITIVE_INFINITY);
    expect(clock.pending()).toBe(0);
    await clock.advance(100);
    expect(rung).toEqual([]);
  });

  it('can be set to the same moment again after it has rung too early', async () => {
    const { clock, rung, alarm } = rig();
    alarm.set(10);
    await clock.advance(10);
    alarm.set(10);
    await clock.advance(0);
    expect(rung).toEqual([10, 10]);
  });

  it('set to a moment that has passed rings as soon as it can', () => {
    const { clock, delays, alarm } = rig();
    clock.stall(50);
    alarm.set(10);
    expect(delays).toEqual([0]);
  });
});
