import { closeSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codeOf, readTextFile } from '../../src/process/read-text-file.ts';
import { namedPipe, temporaryFolder } from '../support/named-pipe.ts';
import { SECRETS } from '../support/secrets.ts';

const NO_FILE = { ok: false, detail: 'not a regular file' };

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

describe('what is no regular file', () => {
  it('holds nothing up: a named pipe, with and without somebody who writes to it', () => {
    const pipe = namedPipe();
    expect(readTextFile(pipe.path)).toEqual(NO_FILE);
    const reader = pipe.reader();
    writeSync(pipe.writer(), 'half a secret');
    expect(readTextFile(pipe.path)).toEqual(NO_FILE);
    closeSync(reader);
  });

  it.each(['/dev/zero', '/dev/null', '/dev/tty'])('is not read: %s', (path) => {
    expect(readTextFile(path).ok).toBe(false);
  });

  it('may be a link to one, as Kubernetes mounts secrets, and not a link to a pipe', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'secret'), SECRETS.apiToken);
    symlinkSync('secret', join(folder, 'link'));
    symlinkSync(namedPipe().path, join(folder, 'pipe'));
    expect(readTextFile(join(folder, 'link'))).toEqual({ ok: true, text: SECRETS.apiToken });
    expect(readTextFile(join(folder, 'pipe'))).toEqual(NO_FILE);
  });
});

it('has a word for a fault without a code', () => {
  expect([codeOf(new Error('x')), codeOf('x')]).toEqual(['unknown fault', 'unknown fault']);
});
