import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { MAX_FILE_BYTES } from '../../src/config/secret-files.ts';
import { readTextFile } from '../../src/process/read-text-file.ts';
import { parseYamlTree } from '../../src/schema-tree/tree.ts';

const TOO_LARGE = /: names a file that cannot be read: .* \(EFBIG, it is larger than 1 MiB\)$/;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bounds-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

it('a file of 1 MiB is read whole, and of a larger one no more than that', () => {
  const folder = folderWith({ fits: '#'.repeat(MAX_FILE_BYTES), large: '#'.repeat(MAX_FILE_BYTES + 1) });
  expect(readTextFile(join(folder, 'fits'))).toEqual({ ok: true, text: '#'.repeat(MAX_FILE_BYTES) });
  expect(readTextFile(join(folder, 'large'))).toEqual({ ok: false, detail: 'EFBIG' });
});

it.each([
  ['the configuration', { CHATPROBE_CONFIG: 'large' }, 'CHATPROBE_CONFIG'],
  ["the callers' token", { CHATPROBE_API_TOKEN_FILE: 'large' }, 'CHATPROBE_API_TOKEN_FILE'],
  ["the gateway's authorities", { CHATPROBE_ADAPTER: 'gateway', CHATPROBE_GATEWAY_CA_FILE: 'large' }, 'CHATPROBE_GATEWAY_CA_FILE'],
])('a file of more than 1 MiB is refused before it is parsed: %s', (_what, env, variable) => {
  const text = `#${'\u00e4'.repeat(MAX_FILE_BYTES / 2)}`;
  const loaded = loadConfig(env, () => ({ ok: true, text }));
  const told = loaded.ok ? [] : loaded.problems.filter((problem) => problem.startsWith(variable));
  expect(told).toEqual([expect.stringMatching(TOO_LARGE)]);
});

it.each(['targets', 'policies'])('%s are 256 at most', (section) => {
  const names = (count: number) =>
    Array.from({ length: count }, (_, n) => `  t${n}: ${section === 'targets' ? '{ adapter: simulator }' : '{}'}\n`);
  const load = (count: number) =>
    loadConfig({ CHATPROBE_CONFIG: 'c' }, () => ({ ok: true, text: `${section}:\n${names(count).join('')}` }));
  expect(load(256).ok).toBe(true);
  expect(load(257)).toMatchObject({ ok: false, problems: [`${section}: must not have more than 256 names`] });
});

it('a mapping of many keys takes no longer than there is to read, and the one that comes twice is found', () => {
  const keys = Array.from({ length: 6_000 }, (_, n) => `k${n}: 1\n`);
  const startedMs = performance.now();
  expect(parseYamlTree(`${keys.join('')}k7: 2\n`)).toEqual({ ok: false, problems: ['line 6001, column 1: duplicate key'] });
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

it('of a text that is none at all the first hundred flaws are told', () => {
  const read = parseYamlTree(`[${','.repeat(1_000)}]`);
  expect(read.ok ? [] : read.problems.length).toBe(101);
  expect(read.ok ? [] : read.problems.at(-1)).toMatch(/^and \d+ more$/);
});

it('unknown settings by the thousand are told without a search of all others, the first hundred of them', () => {
  const text = `targets: { default: { adapter: simulator } }\n${Array.from({ length: 4_000 }, (_, n) => `x${n}: 1\n`).join('')}`;
  const startedMs = performance.now();
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'c' }, () => ({ ok: true, text }));
  expect(loaded.ok ? 0 : loaded.problems.length).toBe(101);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

it.each([
  ['sections', 'a:\n '],
  ['lists', '- '],
  ['questions', '? '],
  ['flow lists', '['],
  ['flow mappings', '{ a: '],
])('%s nested by the thousand are a problem, not a fault', (_what, piece) => {
  expect(parseYamlTree(piece.repeat(30_000))).toMatchObject({ ok: false });
  expect(parseYamlTree(`a:\n  - b: ${piece.repeat(5_000)}\n`)).toMatchObject({ ok: false });
});

it('is as deep as any configuration, and one level deeper is not parsed', () => {
  const flow = (levels: number) => `a: ${'['.repeat(levels)}${']'.repeat(levels)}\n`;
  const block = (levels: number) => `${Array.from({ length: levels }, (_, n) => `${' '.repeat(n)}a:\n`).join('')}${' '.repeat(levels)}1\n`;
  const tooDeep = { ok: false, problems: ['it is nested too deep'] };
  expect(parseYamlTree(flow(64)).ok).toBe(true);
  expect(parseYamlTree(flow(65))).toEqual(tooDeep);
  expect(parseYamlTree(block(190)).ok).toBe(true);
  expect(parseYamlTree(block(201))).toEqual(tooDeep);
  expect(parseYamlTree(flow(64).repeat(2)).ok).toBe(false);
  expect(parseYamlTree(`${'a'.repeat(300)} - ? b`).ok).toBe(true);
});

it.each([
  ['keys', (n: number) => `k${n}: 1\n`],
  ['items', () => '- a\n'],
  ['quotes', () => '""'],
  ['brackets', () => '[]'],
  ['comments', () => '# x\n'],
])('a megabyte of %s is refused before it is parsed', (_what, piece) => {
  let text = '';
  for (let n = 0; text.length < MAX_FILE_BYTES; n += 1) text += piece(n);
  const startedMs = performance.now();
  expect(parseYamlTree(text)).toEqual({ ok: false, problems: ['it has more than 50000 names, values and marks'] });
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
