import { describe, expect, it } from 'vitest';
import { readSimulateCommand, SIMULATE_USAGE } from './simulate-command.ts';

describe('the command that simulates', () => {
  it.each([
    [[], { run: 'one', seed: 1 }],
    [['--seed', '7'], { run: 'one', seed: 7 }],
    [['--seeds', '100'], { run: 'many', from: 1, seeds: 100 }],
    [['--seeds=100', '--from=4294967295'], { run: 'many', from: 4_294_967_295, seeds: 100 }],
    [['--help'], { run: 'help' }],
  ])('reads %j', (args, command) => {
    expect(readSimulateCommand(args)).toEqual(command);
  });

  it.each([
    [['--sed', '7'], '--sed'],
    [['7'], '7'],
    [['--seed'], '--seed'],
    [['--seed', 'x'], '--seed must be a whole number up to 4294967295, not "x"'],
    [['--seed', '4294967296'], '--seed must be a whole number'],
    [['--seeds', '-1'], '--seeds'],
    [['--seed', '1', '--seeds', '2'], '--seed goes without --seeds and --from'],
    [['--from', '2'], '--from needs --seeds'],
  ])('refuses %j with one line that says why', (args, problem) => {
    const command = readSimulateCommand(args);
    expect(command).toMatchObject({ run: 'refuse', problem: expect.stringContaining(problem) });
    expect(command).toMatchObject({ problem: expect.not.stringContaining('\n') });
  });

  it('tells in its usage of every option', () => {
    for (const option of ['--seed N', '--seeds COUNT', '--from N', '--help']) expect(SIMULATE_USAGE).toContain(option);
  });
});
