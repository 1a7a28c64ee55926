import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDockerignore } from './dockerignore.ts';

/**
 * Copies what a build would get: from a git repository what it tracks, as it is in the work tree now, so as from a fresh clone;
 * from any other folder all that is there. What .dockerignore keeps back stays behind. Returns the number of files; throws if
 * there is none, since a build of nothing would prove nothing.
 */
export function copyBuildContext(source: string, to: string): number {
  const ignored = parseDockerignore(readFileSync(join(source, '.dockerignore'), 'utf8'));
  const isRepository = isOwnRepository(source);
  const found = isRepository ? trackedIn(source) : filesOf(source, '');
  const files = found.filter((path) => !ignored(path));
  if (files.length === 0)
    throw new Error(`the build context is empty: ${isRepository ? 'git tracks none of its files' : 'there is no file'}`);
  for (const path of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(source, path), join(to, path));
  }
  return files.length;
}

/** Not so for a copy without its history, even one that lies inside another repository. */
function isOwnRepository(folder: string): boolean {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--show-prefix'], { cwd: folder, encoding: 'utf8' });
  return status === 0 && stdout.trim() === '';
}

function trackedIn(repository: string): readonly string[] {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' }).split('\0');
  return tracked.filter((path) => path !== '' && existsSync(join(repository, path)));
}

/** The paths of all files, relative and with slashes. As in Docker, nothing is left out but by .dockerignore. */
function filesOf(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    return lstatSync(join(root, path)).isDirectory() ? filesOf(root, path) : [path];
  });
}
