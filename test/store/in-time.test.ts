import { expect, it } from 'vitest';
import { realClock } from '../../src/probe/clock.ts';
import { inTime } from '../../src/store/store-link.ts';

const BOUND_MS = 20;

/** What a socket brings: read in its own phase of the event loop, which comes after that of timers. */
const readNext = (): Promise<string> => new Promise((resolve) => setImmediate(() => resolve('here')));

function standStill(ms: number): void {
  for (const untilMs = performance.now() + ms; performance.now() < untilMs; );
}

it.each([1, 3, 30])('an answer that is there counts, though this process stood still until %i ms after the bound', async (afterMs) => {
  const asked = inTime(realClock, readNext(), BOUND_MS);
  standStill(BOUND_MS + afterMs);
  expect(await asked).toBe('here');
});

it('an answer that is not there is late', async () => {
  const asked = inTime(realClock, new Promise<string>(() => undefined), BOUND_MS);
  expect(await asked).toMatchObject({ kind: 'trouble', trouble: 'late', detail: 'no answer within 20 ms' });
});
