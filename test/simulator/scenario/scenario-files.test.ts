import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scenariosIn } from '../../../lab/simulator/scenario/scenario-files.ts';

function folderWith(files: Readonly<Record<string, string>>): { folder: URL; write: (name: string, text: string) => void } {
  const path = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(path, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { folder: pathToFileURL(`${path}/`), write };
}

describe('scenariosIn', () => {
  it('names the YAML files of a folder in alphabetical order, and gives their text', () => {
    const { folder } = folderWith({ 'b.yaml': 'bee', 'a.yaml': 'ay', 'README.md': '' });
    const library = scenariosIn(folder);
    expect(library.names).toEqual(['a', 'b']);
    expect(library.text('b')).toBe('bee');
  });

  it('reads a text when it is asked for, so that an edited file counts', () => {
    const { folder, write } = folderWith({ 'a.yaml': 'old' });
    const library = scenariosIn(folder);
    write('a.yaml', 'new');
    expect(library.text('a')).toBe('new');
  });

  it('has no text of a file that has been deleted since, nor names a folder', () => {
    const { folder } = folderWith({ 'a.yaml': '' });
    mkdirSync(new URL('folder.yaml/', folder));
    const library = scenariosIn(folder);
    rmSync(new URL('a.yaml', folder));
    expect([library.names, library.text('a'), library.text('folder')]).toEqual([['a'], null, null]);
  });

  it.each(['nope', '../secret', ''])('has no scenario %j', (name) => {
    const { folder } = folderWith({ 'secret.yaml': 'not to be read' });
    const inner = new URL('inner/', folder);
    mkdirSync(inner);
    writeFileSync(new URL('a.yaml', inner), '');
    expect(scenariosIn(inner).text(name)).toBeNull();
  });

  it('of a folder that is not there has none', () => {
    const { folder } = folderWith({});
    expect(scenariosIn(new URL('nowhere/', folder)).names).toEqual([]);
  });
});
