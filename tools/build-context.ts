import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDockerignore } from './dockerignore.ts';

/**
 * Copies what a build would get from a fresh clone: what git tracks, as it is in the work tree now, but for what
 * .dockerignore keeps back. Returns the number of files.
 */
export function copyBuildContext(repository: string, to: string): number {
  const ignored = parseDockerignore(readFileSync(join(repository, '.dockerignore'), 'utf8'));
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' }).split('\0');
  const files = tracked.filter((path) => path !== '' && !ignored(path) && existsSync(join(repository, path)));
  for (const path of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(repository, path), join(to, path));
  }
  return files.length;
}
