import { expect, it } from 'vitest';
import { parseDockerignore } from '../../tools/dockerignore.ts';

it.each([
  ['*', 'a/b.ts', true],
  ['*\n!src', 'src/a/b.ts', false],
  ['*\n!src', 'srcs', true],
  ['*\n!src\nsrc/secret', 'src/secret/key', true],
  ['*.pem', 'a/b.pem', false],
  ['**/*.pem', 'a/b.pem', true],
  ['**/*.pem', 'b.pem', true],
  ['# a\n\n/dist/', 'dist/x.js', true],
  ['.npmrc', 'xnpmrc', false],
])('with %j, whether %s is kept back: %s', (text, path, ignored) => {
  expect(parseDockerignore(text)(path)).toBe(ignored);
});
