import { expect, it } from 'vitest';
import { baseProblems, userProblems } from '../../tools/image-content.ts';

it.each(['node:24.21.0-bookworm-slim', 'node:24.1.0-trixie-slim'])('%s is a base to build on', (base) => {
  expect(baseProblems([base, base])).toEqual([]);
});

it.each(['node:18.20.0-bookworm-slim', 'node:24-bookworm-slim', 'node:24.21.0', 'node:latest', 'node:240.1.1-bookworm-slim'])(
  '%s is none: another line, not pinned, or not slim',
  (base) => {
    expect(baseProblems([base])).toEqual([`FROM ${base} is not Node.js 24, slim, pinned to an exact version`]);
  },
);

it('stages on different bases are told: what one builds might not run on the other', () => {
  const bases = ['node:24.21.0-bookworm-slim', 'node:24.20.0-bookworm-slim'];
  expect(baseProblems(bases)).toEqual([`the stages begin with different images: ${bases.join(', ')}`]);
});

it.each([
  [null, 'it runs as root'],
  ['root', 'it runs as root'],
  ['0:1000', 'it runs as root'],
  ['00', 'it runs as root'],
  ['node', "USER node is no number, so that Kubernetes' runAsNonRoot refuses it"],
])('as the user %s it is refused', (user, problem) => {
  expect(userProblems(user)).toEqual([problem]);
});

it.each(['1000', '1000:1000'])('as the user %s it may run', (user) => {
  expect(userProblems(user)).toEqual([]);
});
