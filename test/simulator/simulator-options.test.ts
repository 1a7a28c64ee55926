import { describe, expect, it } from 'vitest';
import { readSimulatorOptions } from '../../lab/simulator/simulator-options.ts';

const SCENARIOS = ['demo', 'fail-over-6s'];
const DEMO = { scenario: null, chats: null, seed: null };

describe('readSimulatorOptions', () => {
  it.each([
    ['nothing', [], { order: DEMO, control: false }],
    ['a scenario', ['--scenario', 'fail-over-6s'], { order: { ...DEMO, scenario: 'fail-over-6s' }, control: false }],
    ['the demo by its name', ['--scenario', 'demo'], { order: { ...DEMO, scenario: 'demo' }, control: false }],
    ['a seed for the demo', ['--seed', '0'], { order: { ...DEMO, seed: 0 }, control: false }],
    ['control', ['--control'], { order: DEMO, control: true }],
    [
      'everything, with equals signs',
      ['--scenario=fail-over-6s', '--chats=100000', '--seed=4294967295', '--control'],
      { order: { scenario: 'fail-over-6s', chats: 100_000, seed: 4_294_967_295 }, control: true },
    ],
  ])('takes %s', (_what, args, expected) => {
    expect(readSimulatorOptions(args, SCENARIOS)).toEqual({ run: 'play', ...expected });
  });

  it('asked for help gives help', () => {
    expect(readSimulatorOptions(['--help'], SCENARIOS)).toEqual({ run: 'help' });
  });

  it.each([
    [
      'a scenario that is not there, listing those that are',
      ['--scenario', 'nope'],
      '--scenario must be one of demo, fail-over-6s, not "nope"',
    ],
    ['no chats', ['--scenario', 'fail-over-6s', '--chats', '0'], '--chats must be a whole number from 1 to 100000, not "0"'],
    [
      'too many chats',
      ['--scenario', 'fail-over-6s', '--chats', '100001'],
      '--chats must be a whole number from 1 to 100000, not "100001"',
    ],
    ['a broken number', ['--seed', '1.5'], '--seed must be a whole number from 0 to 4294967295, not "1.5"'],
    ['a number below zero', ['--seed', '-1'], '--seed must be a whole number from 0 to 4294967295, not "-1"'],
    ['a seed of more than 32 bits', ['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295, not "4294967296"'],
    ['chats for the demo world', ['--chats', '5'], '--chats is not for the demo world, which has chats of its own'],
    ['an option twice', ['--seed', '1', '--seed', '2'], '--seed is given twice'],
    ['an option without its value', ['--seed'], '--seed needs a value'],
    ['an empty value', ['--scenario='], '--scenario needs a value'],
    ['the next option in place of a value', ['--scenario', '--control'], '--scenario needs a value'],
    ['a flag with a value', ['--control=yes'], '--control takes no value'],
    ['an unknown option', ['--sede', '1'], expect.stringMatching(/^--sede is not known; known are --scenario, --chats/)],
    ['a short option', ['-s'], expect.stringMatching(/^-s is not known/)],
    ['a word', ['fail-over-6s'], expect.stringMatching(/^fail-over-6s is not known/)],
  ])('refuses %s', (_what, args, problem) => {
    const command = readSimulatorOptions(args, SCENARIOS);
    expect(command).toMatchObject({ run: 'refuse' });
    expect(command.run === 'refuse' ? command.problems : []).toContainEqual(problem);
  });

  it('tells every problem in one go', () => {
    const command = readSimulatorOptions(['--scenario', 'x', '--chats', 'y', '--seed', 'z', '--control=1'], SCENARIOS);
    expect(command.run === 'refuse' ? command.problems.map((problem) => problem.split(' ')[0]) : []).toEqual([
      '--control',
      '--scenario',
      '--chats',
      '--seed',
    ]);
  });
});
