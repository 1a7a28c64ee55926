import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const rehearse = (...args: string[]) =>
  spawnSync(process.execPath, ['dist/lab/rehearsal/main.js', ...args], { encoding: 'utf8', timeout: 55_000 });

it('prints a report of the scenario beside package.json as JSON and nothing else', () => {
  const { status, stdout, stderr } = rehearse('--scenario', 'crash-without-ha', '--chats', '20', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ scenario: 'crash-without-ha', chats: 20 });
});

it('exits with 64 and explains on the standard error what it cannot make of its arguments', () => {
  const { status, stdout, stderr } = rehearse('--chats', 'many');
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain('rehearse: --scenario is needed');
  expect(stderr).toContain('rehearse: --chats must be');
});

it('writes the picture over what was there, and refuses a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rehearse-'));
  const file = join(folder, 'outage.svg');
  writeFileSync(file, 'x'.repeat(200_000));
  const drawn = rehearse('--scenario', 'crash-without-ha', '--chats', '20', '--svg', file);
  const refused = rehearse('--scenario', 'crash-without-ha', '--chats', '20', '--svg', folder);
  const picture = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  expect(drawn).toMatchObject({ status: 0, stderr: '' });
  expect(picture).toMatch(/^<svg .*<\/svg>\n$/s);
  expect(refused).toMatchObject({ status: 73, stdout: '', stderr: expect.stringContaining('rehearse: --svg: EISDIR') });
});
