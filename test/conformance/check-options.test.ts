import { describe, expect, it } from 'vitest';
import { readCheckOptions } from '../../lab/conformance/check-options.ts';
import { CHECK_GATEWAY_USAGE } from '../../lab/conformance/check-usage.ts';

const URL = 'http://gw:9190';

function optionsOf(...args: readonly string[]) {
  const command = readCheckOptions(args);
  if (command.run !== 'check') throw new Error(JSON.stringify(command));
  return command.options;
}

function problemsOf(...args: readonly string[]): readonly string[] {
  const command = readCheckOptions(args);
  return command.run === 'refuse' ? command.problems : [];
}

const CHATS = ['--live', 'L', '--dead', 'D'];

it('takes a URL alone only if it may leave out what needs more', () => {
  expect(optionsOf(URL, '--allow-skips')).toEqual({
    url: URL,
    live: null,
    dead: null,
    server: null,
    downServer: null,
    tokenFile: null,
    caFile: null,
    messageText: '[probe]',
    idKeys: ['InteractionId', 'Id'],
    maxReplyMs: 2_000,
    timeoutMs: 5_000,
    runTimeoutMs: 120_000,
    allowSkips: true,
    json: false,
  });
});

it('takes every option, with its value beside it or after an equals sign', () => {
  const names = ['--live', 'L', '--dead=--D', '--server', 'A', '--down-server=B', '--token-file', 't', '--ca-file', 'c'];
  const rest = ['--text', 'a=b', '--id-keys', 'X,Y', '--max-reply-ms', '10', '--timeout-ms=1000', '--run-timeout-ms', '1000', '--json'];
  expect(optionsOf(...names, 'https://gw/base', ...rest)).toEqual({
    url: 'https://gw/base',
    live: 'L',
    dead: '--D',
    server: 'A',
    downServer: 'B',
    tokenFile: 't',
    caFile: 'c',
    messageText: 'a=b',
    idKeys: ['X', 'Y'],
    maxReplyMs: 10,
    timeoutMs: 1_000,
    runTimeoutMs: 1_000,
    allowSkips: false,
    json: true,
  });
});

it('--help goes before all but what cannot be read', () => {
  expect(readCheckOptions(['--help'])).toEqual({ run: 'help' });
  expect(problemsOf(URL, ...CHATS, '--help', '--hlep')).toEqual([expect.stringContaining('--hlep is not known')]);
});

it('the usage tells of every option', () => {
  const [unknown = ''] = problemsOf(URL, '-x');
  const known = unknown.match(/--[a-z-]+/g) ?? [];
  expect(known).toHaveLength(14);
  for (const option of known) expect(CHECK_GATEWAY_USAGE).toContain(`\n  ${option} `);
});

describe('refuses', () => {
  it.each([
    ['no URL', CHATS, 'URL is needed'],
    ['no live chat', [URL, '--dead', 'a'], '--live is needed, the interaction of a chat under way, or else --allow-skips'],
    ['no dead chat', [URL, '--live', 'a'], '--dead is needed, an interaction whose session is gone, or else --allow-skips'],
    ['two URLs', [URL, 'http://other'], '2 words, which is too many'],
    ['an option that is not known', [URL, '--liev=x'], '--liev is not known; known are --live, --dead'],
    ['a hyphen too few', [URL, ...CHATS, '-live'], '-live is not known; known are --live, --dead'],
    ['an option twice', [URL, ...CHATS, '--live', 'b'], '--live is given twice'],
    ['an option without its value', [URL, '--live', '--dead', 'd'], '--live needs a value'],
    ['an option without its value at the end', [URL, '--dead', 'd', '--live'], '--live needs a value'],
    ['an empty value', [URL, '--text='], '--text needs a value'],
    ['a value where none belongs', [URL, '--json=yes'], '--json takes no value'],
    ['another scheme', ['ftp://gw'], 'URL must begin with http:// or https://'],
    ['no host', ['http://'], 'URL must begin with http:// or https://'],
    ['what is no URL', ['http://gw:99999'], 'URL must begin with http:// or https://'],
    ['a query', [`${URL}/?a=b`], 'URL must not have a query'],
    ['a fragment', [`${URL}/#a`], 'URL must not have a query or a fragment'],
    ['an id that no service would take', [URL, '--live', 'a b', '--dead', 'd'], '--live must be 1 to 64'],
    ['an id that is too long', [URL, '--live', 'a', '--dead', 'x'.repeat(65)], '--dead must be 1 to 64'],
    ['an id that is an empty variable', [URL, '--live', 'Undefined', '--dead', 'd'], '--live must be 1 to 64'],
    ['a name that is too long', [URL, '--server', 'x'.repeat(256)], '--server must have at most 255'],
    ['one id for two', [URL, '--live', 'a', '--dead', 'a'], '--live and --dead must be two'],
    ['one name for two', [URL, '--server', 'a', '--down-server', 'a'], '--server and --down-server must be two'],
    ['an empty id key', [URL, '--id-keys', 'a,,b'], '--id-keys must be names'],
    ['a key that is none', [URL, '--id-keys', '__proto__'], '--id-keys must be names'],
    ['a number that is none', [URL, '--timeout-ms', '5s'], '--timeout-ms must be a whole number from 1000 to 60000, not "5s"'],
    ['a number out of range', [URL, '--run-timeout-ms', '1'], '--run-timeout-ms must be a whole number from 1000'],
    ['a reply later than the time-out', [URL, '--timeout-ms=1000'], '--max-reply-ms (2000) must not be longer than --timeout-ms (1000)'],
    [
      'an exchange longer than the run',
      [URL, '--run-timeout-ms=4000'],
      '--timeout-ms (5000) must not be longer than --run-timeout-ms (4000)',
    ],
  ])('%s', (_what, args, problem) => {
    // A row without these two would have them as problems, too.
    const given = args.some((arg) => arg === '--live' || arg === '--dead') ? args : [...args, '--allow-skips'];
    expect(problemsOf(...given)).toEqual([expect.stringContaining(problem)]);
  });

  it('a password in the URL, without repeating it', () => {
    expect(problemsOf('http://me:s3cret@gw', ...CHATS)).toEqual(['URL must not carry a user or password; use --token-file']);
  });

  it('everything in one go', () => {
    expect(problemsOf('--liev', '--dead', 'a b', '--timeout-ms', 'x', '--id-keys', ',')).toHaveLength(6);
  });
});
