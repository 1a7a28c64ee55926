import { expect, it } from 'vitest';
import { createSlotSet } from '../../src/probe/slot-set.ts';

it('knows who is present', () => {
  const roster = createSlotSet<string>();
  const placeOfA = roster.join('a');
  roster.join('b');
  expect([roster.size, [...roster.members()].sort()]).toEqual([2, ['a', 'b']]);
  roster.leave(placeOfA);
  expect([roster.size, roster.members()]).toEqual([1, ['b']]);
});

it('gives the place of who left to who comes next', () => {
  const roster = createSlotSet<number>();
  for (let n = 0; n < 1_000; n += 1) roster.leave(roster.join(n));
  const place = roster.join(7);
  expect([roster.size, roster.members()]).toEqual([1, [7]]);
  roster.leave(place);
  expect(roster.size).toBe(0);
});
