import { expect, it } from 'vitest';
import { createRoster } from '../../src/probe/roster.ts';

it('knows who is present', () => {
  const roster = createRoster<string>();
  const leaveA = roster.join('a');
  roster.join('b');
  expect([roster.size, [...roster.members()].sort()]).toEqual([2, ['a', 'b']]);
  leaveA();
  expect([roster.size, roster.members()]).toEqual([1, ['b']]);
});

it('gives the place of who left to who comes next', () => {
  const roster = createRoster<number>();
  for (let n = 0; n < 1_000; n += 1) roster.join(n)();
  const leave = roster.join(7);
  expect([roster.size, roster.members()]).toEqual([1, [7]]);
  leave();
  expect(roster.size).toBe(0);
});
