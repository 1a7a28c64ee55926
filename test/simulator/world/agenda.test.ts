import { describe, expect, it } from 'vitest';
import { createAgenda } from '../../../lab/simulator/world/agenda.ts';

describe('the agenda', () => {
  it('runs what is due in order of time, then of scheduling, each at its own moment', () => {
    const agenda = createAgenda();
    const done: string[] = [];
    const note = (what: string) => () => done.push(`${what} at ${agenda.nowMs()}`);
    agenda.at(20, note('c'));
    agenda.at(10, note('a'));
    agenda.at(10, note('b'));
    agenda.at(31, note('too late'));
    agenda.runUntil(30);
    expect(done).toEqual(['a at 10', 'b at 10', 'c at 20']);
    expect(agenda.nowMs()).toBe(30);
  });

  it('runs what an action brings with it, in its place among the others', () => {
    const agenda = createAgenda();
    const done: string[] = [];
    agenda.at(10, () => agenda.at(15, () => done.push('follows at 15')));
    agenda.at(20, () => done.push('at 20'));
    agenda.runUntil(20);
    expect(done).toEqual(['follows at 15', 'at 20']);
  });

  it('never turns time back', () => {
    const agenda = createAgenda();
    agenda.runUntil(50);
    const seen: number[] = [];
    agenda.at(10, () => seen.push(agenda.nowMs()));
    agenda.runUntil(40);
    expect([agenda.nowMs(), seen]).toEqual([50, []]);
    agenda.runUntil(50);
    expect(seen).toEqual([50]);
  });

  it('runs each action once', () => {
    const agenda = createAgenda();
    let runs = 0;
    agenda.at(10, () => {
      runs += 1;
    });
    agenda.runUntil(10);
    agenda.runUntil(20);
    expect(runs).toBe(1);
  });
});
