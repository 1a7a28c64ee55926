import { expect, it } from 'vitest';
import { readCommand } from '../../src/cli/command-line.ts';

it.each([
  [[], 'serve'],
  [['--check-config'], 'check-config'],
  [['--check-health'], 'check-health'],
  [['hash-secret'], 'hash-secret'],
  [['--version'], 'version'],
  [['--help'], 'help'],
])('%j means %s', (args, run) => {
  expect(readCommand(args)).toEqual({ run });
});

it('check-gateway takes all that follows for itself', () => {
  expect(readCommand(['check-gateway', 'http://gw', '--help'])).toEqual({ run: 'check-gateway', args: ['http://gw', '--help'] });
});

it.each([
  [['--check-confg']],
  [['check-config']],
  [['hash-secret', 's3cret']],
  [['--help', 'check-gateway']],
  [['--version', '--help']],
  [['']],
])('%j is refused', (args) => {
  expect(readCommand(args)).toMatchObject({ run: 'refuse' });
});

it('a refusal names options, and nothing that may be a secret', () => {
  const refusal = readCommand(['--api-token', 'hush-4711', '--gateway-token=hush-4711', 'hush', '-hush4711hush4711']);
  const word = '(a word that is not shown, since it may be a secret)';
  expect(readCommand(['hash-secret', 'hush-4711'])).toEqual({ run: 'refuse', problem: `unknown arguments: hash-secret ${word}` });
  expect(refusal).toEqual({ run: 'refuse', problem: `unknown arguments: --api-token ${word} --gateway-token ${word} ${word}` });
});
