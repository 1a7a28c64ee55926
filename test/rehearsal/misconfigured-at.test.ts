import { expect, it } from 'vitest';
import { misconfiguredAt } from '../../lab/rehearsal/misconfigured-at.ts';
import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';

const EVENTS: Scenario['events'] = [
  { atMs: 50, crash: 'A' },
  { atMs: 100, misconfigure: 'session_not_found' },
  { atMs: 200, misconfigure: 'chat_server_not_found' },
  { atMs: 300, misconfigure: 'nothing' },
];

it('is so from the event that begins it to the event that ends it', () => {
  expect([0, 99, 100, 200, 299, 300, 1_000].map((nowMs) => misconfiguredAt(EVENTS, nowMs))).toEqual([
    null,
    null,
    'session_not_found',
    'chat_server_not_found',
    'chat_server_not_found',
    null,
    null,
  ]);
});

it('is never so where no event says so', () => {
  expect(misconfiguredAt([{ atMs: 0, crash: 'A' }], 1_000)).toBeNull();
});
