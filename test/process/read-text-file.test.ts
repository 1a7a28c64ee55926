import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { codeOf, readTextFile } from '../../src/process/read-text-file.ts';

it('reads a file whole', () => {
  expect(readTextFile(fileURLToPath(new URL('../fixtures/interaction-server.log', import.meta.url)))).toMatchObject({
    ok: true,
    text: expect.stringContaining('Not found by type'),
  });
});

it.each([
  ['/nowhere/at/all', 'ENOENT'],
  ['/', 'EISDIR'],
])('says why %s cannot be read', (path, detail) => {
  expect(readTextFile(path)).toEqual({ ok: false, detail });
});

it('has a word for a fault without a code', () => {
  expect([codeOf(new Error('x')), codeOf('x')]).toEqual(['unknown fault', 'unknown fault']);
});
