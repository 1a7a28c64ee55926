import { expect, it } from 'vitest';
import { readCommand } from '../../src/cli/command-line.ts';
import { SECRETS } from '../support/secrets.ts';

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
  [['hash-secret', SECRETS.misplaced]],
  [['--help', 'check-gateway']],
  [['--version', '--help']],
  [['']],
])('%j is refused', (args) => {
  expect(readCommand(args)).toMatchObject({ run: 'refuse' });
});

it('a refusal names options, and nothing that may be a secret', () => {
  const refusal = readCommand([
    '--api-token',
    SECRETS.apiToken,
    `--gateway-token=${SECRETS.gatewayToken}`,
    'hush',
    `-${SECRETS.misplaced}`,
  ]);
  const word = '(a word that is not shown, since it may be a secret)';
  expect(readCommand(['hash-secret', SECRETS.misplaced])).toEqual({ run: 'refuse', problem: `unknown arguments: hash-secret ${word}` });
  expect(refusal).toEqual({ run: 'refuse', problem: `unknown arguments: --api-token ${word} --gateway-token ${word} ${word}` });
});
