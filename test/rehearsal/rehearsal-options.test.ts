import { describe, expect, it } from 'vitest';
import { readRehearsalOptions } from '../../src/rehearsal/rehearsal-options.ts';

const KNOWN = { scenarios: ['calm', 'storm'], policies: ['inline', 'ha'] };
const read = (...args: string[]) => readRehearsalOptions(args, KNOWN);
const problemsOf = (...args: string[]) => {
  const command = read(...args);
  return command.run === 'refuse' ? command.problems : [];
};

describe('readRehearsalOptions', () => {
  it('takes every option, with a space or an equals sign', () => {
    const options = { scenario: 'storm', chats: 500, policy: 'ha', seed: 7, plain: true, onChatServerDown: 'stop', json: true };
    expect(
      read('--scenario', 'storm', '--chats', '500', '--policy', 'ha', '--seed', '7', '--on-chat-server-down', 'stop', '--plain', '--json'),
    ).toEqual({ run: 'rehearse', options });
    expect(read('--scenario=storm', '--chats=500', '--policy=ha', '--seed=7', '--on-chat-server-down=stop', '--plain', '--json')).toEqual({
      run: 'rehearse',
      options,
    });
  });

  it('needs the scenario alone: 10,000 chats, the default policy and the seed of the scenario go without saying', () => {
    const options = { scenario: 'calm', chats: 10_000, policy: 'inline', seed: null, plain: false, onChatServerDown: null, json: false };
    expect(read('--scenario', 'calm')).toEqual({ run: 'rehearse', options });
  });

  it.each([
    ['--list', 'list'],
    ['--help', 'help'],
  ])('%s goes alone', (option, run) => {
    expect(read(option)).toEqual({ run });
    expect(problemsOf(option, '--json')).toEqual([`${option} goes alone`]);
  });

  it('lists the known names where one is missing or unknown', () => {
    expect(problemsOf()).toEqual(['--scenario is needed: one of calm, storm']);
    expect(problemsOf('--scenario', 'clam')).toEqual(['--scenario must be one of calm, storm, not "clam"']);
    expect(problemsOf('--scenario', 'calm', '--policy', 'bold')).toEqual(['--policy must be one of inline, ha, not "bold"']);
  });

  it('refuses a rule that there is not', () => {
    expect(problemsOf('--scenario', 'calm', '--on-chat-server-down', 'drop')).toEqual([
      '--on-chat-server-down must be one of stop, route, auto, not "drop"',
    ]);
  });

  it.each(['0', '100001', '-1', '1.5', '1e3', 'many', ' 5'])('refuses %j chats', (chats) => {
    expect(problemsOf('--scenario', 'calm', '--chats', chats)).toEqual([
      `--chats must be a whole number from 1 to 100000, not ${JSON.stringify(chats)}`,
    ]);
  });

  it('takes seeds of 32 bits and no other', () => {
    expect(read('--scenario', 'calm', '--seed', '4294967295')).toMatchObject({ options: { seed: 4_294_967_295 } });
    expect(read('--scenario', 'calm', '--seed', '0')).toMatchObject({ options: { seed: 0 } });
    expect(problemsOf('--scenario', 'calm', '--seed', '4294967296')).toHaveLength(1);
  });

  it('sees that a value was forgotten', () => {
    expect(problemsOf('--scenario', '--json')).toEqual(['--scenario needs a value']);
    expect(problemsOf('--scenario', 'calm', '--chats')).toEqual(['--chats needs a value']);
    expect(problemsOf('--scenario', 'calm', '--policy=')).toEqual(['--policy needs a value']);
  });

  it('refuses a flag with a value, and an option given twice', () => {
    expect(problemsOf('--scenario', 'calm', '--json=yes')).toEqual(['--json takes no value']);
    expect(problemsOf('--scenario', 'calm', '--scenario', 'storm')).toEqual(['--scenario is given twice']);
  });

  it('tells every problem in one go', () => {
    expect(problemsOf('storm', '--chats', 'x', '--seed', 'y', '--policy', 'z', '--quick')).toHaveLength(6);
  });
});
