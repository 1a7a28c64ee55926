import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface NamedPipe {
  readonly path: string;
  /** Opens its reading end, which does not block. */
  reader(): number;
  /** Opens its writing end; there must be a reader. */
  writer(flags?: number): number;
}

/** In a folder of its own, which goes with the test. */
export function namedPipe(): NamedPipe {
  const folder = temporaryFolder();
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return {
    path,
    reader: () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    writer: (flags = 0) => openSync(path, constants.O_WRONLY | flags),
  };
}

/** It goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
