import { expect, it } from 'vitest';
import { createEventLoopDelay, watchEventLoopDelay } from '../../src/observers/event-loop-delay.ts';

/** Milliseconds on top of the ten that a sample takes. */
const RESTING_MS = 10;

function watched() {
  const monitor = {
    max: 0,
    reset() {
      this.max = 0;
    },
  };
  const stall = (ms: number): void => {
    monitor.max = (RESTING_MS + ms) * 1e6;
  };
  return { stall, delay: createEventLoopDelay(monitor) };
}

it('a stall is told to whoever reads it, however often, until a minute of whole windows has passed', () => {
  const { stall, delay } = watched();
  expect(delay.maxSeconds()).toBe(0);
  stall(250);
  expect([delay.maxSeconds(), delay.maxSeconds()]).toEqual([0.25, 0.25]);
  for (let window = 0; window < 6; window += 1) {
    delay.turn();
    expect(delay.maxSeconds()).toBe(0.25);
  }
  delay.turn();
  expect(delay.maxSeconds()).toBe(0);
});

it('the longest of several stalls is told', () => {
  const { stall, delay } = watched();
  stall(100);
  delay.turn();
  stall(300);
  delay.turn();
  stall(200);
  expect(delay.maxSeconds()).toBe(0.3);
});

it('a real stall is seen', async () => {
  const delay = watchEventLoopDelay();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const until = performance.now() + 120;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(delay.maxSeconds()).toBeGreaterThan(0.08);
  delay.close();
});
