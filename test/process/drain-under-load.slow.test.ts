import { expect, it } from 'vitest';
import { drainUnderLoad } from '../support/drain-run.ts';

it('SIGTERM under load costs no request: 120 callers with connections that they keep, and 40 with a new one each time', async () => {
  const { answers, onNewConnections, failures, exit } = await drainUnderLoad();
  expect([failures, exit]).toEqual([[], 0]);
  // It was under load.
  expect(Math.min(answers / 4, onNewConnections)).toBeGreaterThan(50);
});
