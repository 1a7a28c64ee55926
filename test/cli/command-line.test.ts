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
