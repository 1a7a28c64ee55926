import { expect, it, onTestFinished } from 'vitest';
import { createLoadGauge } from '../../src/http/load-gauge.ts';

const STALL_MS = 400;

function stall(): void {
  const untilMs = performance.now() + STALL_MS;
  while (performance.now() < untilMs);
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function listening() {
  const gauge = createLoadGauge('v20.19.0', 0);
  onTestFinished(() => gauge.end());
  gauge.begin();
  return gauge;
}

it('tells the longest delay within the last second, however short the stall was beside it', async () => {
  const gauge = listening();
  await later(100);
  stall();
  // Before any timer could see it: what came in meanwhile is read first.
  await new Promise((resolve) => setImmediate(resolve));
  expect(gauge.eventLoopDelayMs()).toBeGreaterThan(STALL_MS / 4);
  await later(50);
  expect(gauge.eventLoopDelayMs()).toBeGreaterThan(STALL_MS * 0.5);
  await later(700);
  expect(gauge.eventLoopDelayMs()).toBeGreaterThan(STALL_MS * 0.5);
});

it('forgets a stall after that second', async () => {
  const gauge = listening();
  await later(50);
  stall();
  await expect.poll(() => gauge.eventLoopDelayMs(), { interval: 100 }).toBeGreaterThan(STALL_MS * 0.5);
  await expect.poll(() => gauge.eventLoopDelayMs(), { interval: 100 }).toBeLessThan(STALL_MS * 0.5);
});

it('tells nothing before we listen, nor of the start', async () => {
  const gauge = createLoadGauge('v20.19.0');
  onTestFinished(() => gauge.end());
  expect(gauge.eventLoopDelayMs()).toBe(0);
  gauge.begin();
  stall();
  await later(50);
  expect(gauge.eventLoopDelayMs()).toBe(0);
});

it.each([
  ['v20.19.0', 48],
  ['v22.1.0', 48],
  ['v24.0.0', 192],
])('under %s, %i MiB of what V8 calls the limit are for what is young', (version, mib) => {
  const [own, none] = [createLoadGauge(version), createLoadGauge('v20.0.0')].map((gauge) => gauge.heap());
  expect(own?.usedBytes).toBeGreaterThan(1_000_000);
  expect(own?.usedBytes).toBeLessThan(own?.limitBytes ?? 0);
  expect((none?.limitBytes ?? 0) - (own?.limitBytes ?? 0)).toBe((mib - 48) * 1_048_576);
});
