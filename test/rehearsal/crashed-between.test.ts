import { expect, it } from 'vitest';
import { crashedBetween } from '../../src/rehearsal/crashed-between.ts';

const EVENTS = [
  { atMs: 10, crash: 'A' },
  { atMs: 20, start: 'A', sessions: 'lost' },
  { atMs: 100, flap: 'B', downMs: 4, upMs: 6, times: 3 },
] as const;

it.each([
  ['a crash', 'A', 9, 10, true],
  ['a crash at its beginning', 'A', 10, 50, false],
  ['a crash after its end', 'A', 0, 9, false],
  ['a crash of another', 'C', 0, 1_000, false],
  ['the first crash of one that flaps', 'B', 50, 100, true],
  ['the last crash of one that flaps', 'B', 115, 120, true],
  ['one that flaps, between two crashes', 'B', 110, 119, false],
  ['one that flaps no more', 'B', 120, 1_000, false],
])('sees %s', (_what, server, fromMs, toMs, expected) => {
  expect(crashedBetween(EVENTS, server, fromMs, toMs)).toBe(expected);
});
