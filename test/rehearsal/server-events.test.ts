import { describe, expect, it } from 'vitest';
import { crashedBetween, linkLostBetween, startedBetween } from '../../lab/rehearsal/server-events.ts';

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
])('of crashes sees %s', (_what, server, fromMs, toMs, expected) => {
  expect(crashedBetween(EVENTS, server, fromMs, toMs)).toBe(expected);
});

it.each([
  ['a start', 'A', 19, 20, true],
  ['a start at its beginning', 'A', 20, 50, false],
  ['a start after its end', 'A', 0, 19, false],
  ['a start of another', 'C', 0, 1_000, false],
  ['the first start of one that flaps', 'B', 100, 104, true],
  ['one that flaps, while it is down', 'B', 104, 113, false],
  ['the last start of one that flaps', 'B', 115, 124, true],
  ['one that flaps no more', 'B', 124, 1_000, false],
])('of starts sees %s', (_what, server, fromMs, toMs, expected) => {
  expect(startedBetween(EVENTS, server, fromMs, toMs)).toBe(expected);
});

describe('a link that is lost', () => {
  const events = [
    { atMs: 100, link: 'A', state: 'down' },
    { atMs: 150, link: 'B', state: 'down' },
    { atMs: 200, link: 'A', state: 'up' },
  ] as const;

  it.each([
    ['before', 0, 99, false],
    ['as it is lost', 50, 100, true],
    ['while it is', 120, 130, true],
    ['and there again by the end', 199, 300, true],
    ['after', 200, 300, false],
  ] as const)('is seen %s', (_, fromMs, toMs, isLost) => {
    expect(linkLostBetween(events, 'A', fromMs, toMs)).toBe(isLost);
  });

  it('is not that of another Chat Server', () => {
    expect(linkLostBetween(events, 'C', 0, 300)).toBe(false);
  });
});
