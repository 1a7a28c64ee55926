import { describe, expect, it } from 'vitest';
import { readRehearsalOptions } from '../../lab/rehearsal/rehearsal-options.ts';

const KNOWN = { scenarios: ['calm', 'storm'], policies: ['inline', 'ha'] };
const read = (...args: string[]) => readRehearsalOptions(args, KNOWN);
const problemsOf = (...args: string[]) => {
  const command = read(...args);
  return command.run === 'refuse' ? command.problems : [];
};

const OF_FLEET = { balancer: 'round-robin', storeDelayMs: 2, storeOutageMs: null, restartAtMs: null, bornAtMs: null };
const ALONE = { replicas: null, store: 'shared', ofFleet: OF_FLEET };

describe('readRehearsalOptions', () => {
  it('takes every option, with a space or an equals sign', () => {
    const values = [
      ['--scenario', 'storm'],
      ['--chats', '500'],
      ['--policy', 'ha'],
      ['--seed', '7'],
      ['--on-chat-server-down', 'stop'],
      ['--ha', 'false'],
      ['--arrive-per-second', '0.5'],
      ['--queue-ms', '0'],
      ['--leave-share', '1'],
      ['--again', 'ghosts'],
      ['--svg', 'a b.svg'],
    ] as const;
    const changes = { ha: false, onChatServerDown: 'stop', arrivePerSecond: 0.5, queueMs: 0, leaveShare: 1, again: 'ghosts' };
    const modes = { plain: true, noProbe: false, way: 'probes', without: [] };
    const options = { scenario: 'storm', chats: 500, policy: 'ha', seed: 7, ...modes, changes, ...ALONE, json: true, svg: 'a b.svg' };
    expect(read(...values.flat(), '--plain', '--json')).toEqual({ run: 'rehearse', options });
    expect(read(...values.map((pair) => pair.join('=')), '--plain', '--json')).toEqual({ run: 'rehearse', options });
  });

  it('takes the way of the workflows that send by themselves, with a service that watches', () => {
    expect(read('--scenario', 'calm', '--way', 'observations')).toMatchObject({ options: { way: 'observations' } });
    for (const mode of ['--plain', '--no-probe'])
      expect(problemsOf('--scenario', 'calm', '--way', 'observations', mode)).toEqual([
        '--way observations goes with neither --no-probe nor --plain',
      ]);
  });

  it('needs the scenario alone: the default policy, and all that the scenario says, go without saying', () => {
    const changes = { ha: null, onChatServerDown: null, arrivePerSecond: null, queueMs: null, leaveShare: null, again: null };
    const modes = { plain: false, noProbe: false, way: 'probes', without: [] };
    const options = { scenario: 'calm', chats: null, policy: 'inline', seed: null, ...modes, changes, ...ALONE, json: false, svg: null };
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

  it('switches mechanisms of outage protection off by name, several at once, and refuses others', () => {
    expect(read('--scenario', 'calm', '--without', 'massStop, canary')).toMatchObject({ options: { without: ['canary', 'massStop'] } });
    expect(problemsOf('--scenario', 'calm', '--without', 'guard,canary,x')).toEqual([
      expect.stringMatching(/^--without must be of coalesce, .*, requireDelivery, not "guard"$/),
      expect.stringMatching(/not "x"$/),
    ]);
  });

  it('finds out nothing, lets each probe fend for itself, or does without a mechanism: one of these', () => {
    expect(read('--scenario', 'calm', '--no-probe')).toMatchObject({ options: { noProbe: true, plain: false } });
    expect(problemsOf('--scenario', 'calm', '--no-probe', '--plain', '--without', 'canary')).toEqual([
      '--no-probe and --plain and --without do not go together',
    ]);
  });

  it.each([
    ['--arrive-per-second', '0', 'must be a number above 0, up to 10000, not "0"'],
    ['--arrive-per-second', '1e3', 'must be a number above 0, up to 10000, not "1e3"'],
    ['--leave-share', '1.1', 'must be a number above 0, up to 1, not "1.1"'],
    ['--queue-ms', '-1', 'must be a whole number from 0 to 86400000, not "-1"'],
    ['--again', 'some', 'must be one of none, ghosts, all, not "some"'],
    ['--ha', 'yes', 'must be one of true, false, not "yes"'],
  ])('refuses %s %s', (option, value, problem) => {
    expect(problemsOf('--scenario', 'calm', option, value)).toEqual([`${option} ${problem}`]);
  });

  it('sees that a value was forgotten', () => {
    expect(problemsOf('--scenario', '--json')).toEqual(['--scenario needs a value']);
    expect(problemsOf('--scenario', 'calm', '--chats')).toEqual(['--chats needs a value']);
    expect(problemsOf('--scenario', 'calm', '--svg', '--json')).toEqual(['--svg needs a value']);
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

describe('several replicas', () => {
  const read = (...args: readonly string[]) =>
    readRehearsalOptions(['--scenario', 'calm', ...args], { scenarios: ['calm'], policies: ['inline'] });

  it('are so many, and the store is gone for so long', () => {
    expect(read('--replicas', '100', '--store-outage', '10s..20s', '--store-delay', '0')).toMatchObject({
      options: { replicas: 100, store: 'shared', ofFleet: { ...OF_FLEET, storeOutageMs: [10_000, 20_000], storeDelayMs: 0 } },
    });
    expect(read('--replicas', '4', '--store', 'none')).toMatchObject({ options: { replicas: 4, store: 'none', ofFleet: OF_FLEET } });
  });

  it('are asked by a balancer, replaced and joined', () => {
    expect(read('--replicas', '4', '--balancer', 'hash', '--restart', '640s', '--born', '7s')).toMatchObject({
      options: { ofFleet: { ...OF_FLEET, balancer: 'hash', restartAtMs: 640_000, bornAtMs: 7_000 } },
    });
  });

  it.each([
    [['--store', 'none'], '--store need --replicas'],
    [
      ['--balancer', 'hash', '--restart', '1s', '--born', '1s', '--store-delay', '1'],
      '--balancer and --restart and --born and --store-delay need --replicas',
    ],
    [['--replicas', '101'], '--replicas must be a whole number from 2 to 100, not "101"'],
    [['--replicas', '4', '--balancer', 'random'], '--balancer must be one of round-robin, hash, not "random"'],
    [['--replicas', '4', '--restart', '10'], '--restart must be a moment in whole seconds, such as 640s'],
    [['--replicas', '4', '--born', '-1s'], '--born must be a moment in whole seconds, such as 640s'],
    [['--replicas', '4', '--store-outage', '20s..10s'], '--store-outage must be two moments in whole seconds, such as 610s..640s'],
    [['--replicas', '4', '--store-outage', '10..20'], '--store-outage must be two moments in whole seconds, such as 610s..640s'],
    [['--replicas', '4', '--store', 'none', '--store-outage', '1s..2s'], '--store none has no --store-outage'],
    [
      ['--replicas', '4', '--store', 'none', '--store-delay', '1', '--store-outage', '1s..2s'],
      '--store none has no --store-delay and no --store-outage',
    ],
    [['--replicas', '4', '--plain'], '--replicas and --plain do not go together'],
  ])('%s is refused', (args, problem) => {
    expect(read(...args)).toEqual({ run: 'refuse', problems: [problem] });
  });
});
