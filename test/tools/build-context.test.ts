import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { copyBuildContext } from '../../tools/build-context.ts';

function folderWith(...paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-context-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  return folder;
}

function sourceWith(...paths: readonly string[]): string {
  const folder = folderWith(...paths);
  writeFileSync(join(folder, '.dockerignore'), '*\n!src\n!package.json\n');
  return folder;
}

const git = (folder: string, ...args: readonly string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });

function copied(source: string): readonly string[] {
  const to = folderWith();
  const count = copyBuildContext(source, to);
  const files = readdirSync(to, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files).toHaveLength(count);
  return files.map(({ name }) => name).sort();
}

it('a repository gives what git tracks and .dockerignore lets through', () => {
  const source = sourceWith('package.json', 'README.md', 'src/a.ts', 'src/untracked.ts');
  git(source, 'init', '-q');
  git(source, 'add', 'package.json', 'README.md', 'src/a.ts');
  expect(copied(source)).toEqual(['a.ts', 'package.json']);
});

it('a repository that tracks nothing is told from one that is built', () => {
  const source = sourceWith('package.json', 'src/a.ts');
  git(source, 'init', '-q');
  expect(() => copied(source)).toThrow('the build context is empty: git tracks none of its files');
});

it('a folder without git gives what is there and .dockerignore lets through', () => {
  expect(copied(sourceWith('package.json', 'README.md', 'src/a.ts', 'src/deep/b.ts'))).toEqual(['a.ts', 'b.ts', 'package.json']);
});

it('so does one that lies in a repository of something else', () => {
  const outer = folderWith('inner/package.json', 'inner/src/a.ts');
  git(outer, 'init', '-q');
  writeFileSync(join(outer, 'inner/.dockerignore'), '*\n!src\n');
  expect(copied(join(outer, 'inner'))).toEqual(['a.ts']);
});

it('a folder with nothing to build is told', () => {
  expect(() => copied(sourceWith('README.md'))).toThrow('the build context is empty: there is no file');
});
