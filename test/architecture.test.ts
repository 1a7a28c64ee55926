import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ImportGraph, importCircles } from './support/import-circles.ts';
import { KNOW_EACH_OTHER, RULES, type Rule } from './support/import-rules.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The files beside the rooms may import everything but the entry. */
const ENTRIES = ['main.ts'];
/** Only these may read `process`. */
const PROCESS_READERS = ['main.ts', 'rehearsal/main.ts', 'simulator/main.ts'];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = filesBelow(SRC);
const imports = files.flatMap(importsOf);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

function importsOf(path: string): readonly Import[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map((match) => ({
    file: relative(SRC, path),
    specifier: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

function complaint(found: Import): string | null {
  return isAllowed(found) ? null : `${found.file} imports ${found.specifier}`;
}

function isAllowed({ file, specifier, typeOnly }: Import): boolean {
  const room = roomOf(file);
  if (room === '') return !ENTRIES.some((entry) => specifier === `./${entry}`);
  const rule = RULES[room];
  if (rule === undefined) return false;
  if (specifier.startsWith('node:')) return rule.withoutNode !== true;
  if (!specifier.startsWith('.')) return packagesOf(file, rule).some((name) => isOf(name, specifier));
  const target = relative(SRC, join(SRC, dirname(file), specifier));
  if (isOtherAdapter(file, target)) return false;
  const isTypeOf = typeOnly && rule.typesOf?.includes(roomOf(target)) === true;
  return isTypeOf || [room, ...rule.rooms].some((allowed) => allowed === roomOf(target) || allowed === target);
}

function packagesOf(file: string, { packages = [], some = [] }: Rule): readonly string[] {
  return [...packages, ...some.flatMap((part) => (part.files.test(file) ? part.packages : []))];
}

/** A package by its name, with its paths; or, by `@scope/*`, all of a scope. */
function isOf(name: string, specifier: string): boolean {
  return specifier === name || specifier.startsWith(`${name.replace(/\/\*$/, '')}/`);
}

/** Only the registry knows more than one adapter; what belongs to none, all may import. */
function isOtherAdapter(file: string, target: string): boolean {
  const other = adapterOf(target);
  return file !== 'adapters/registry.ts' && roomOf(file) === 'adapters' && other !== null && other !== adapterOf(file);
}

/** A folder of src/adapters/ is one adapter, and so is each `*-adapter.ts` beside them. */
function adapterOf(file: string): string | null {
  return (
    /^adapters\/([^/]+)\/|^adapters\/([^/]+)-adapter\.ts$/
      .exec(file)
      ?.slice(1)
      .find((name) => name !== undefined) ?? null
  );
}

it('the reader of imports sees them', () => {
  expect(imports.length).toBeGreaterThan(150);
  expect(imports).toContainEqual({ file: 'probe/verdict.ts', specifier: './reasons.ts', typeOnly: false });
  expect(imports).toContainEqual({ file: 'probe/verdict.ts', specifier: './target.ts', typeOnly: true });
});

it('each room imports only what its rule allows', () => {
  expect(imports.map(complaint).filter((line) => line !== null)).toEqual([]);
});

it('a breach would be seen', () => {
  const breaches: readonly Import[] = [
    { file: 'probe/verdict.ts', specifier: 'node:fs', typeOnly: false },
    { file: 'probe/verdict.ts', specifier: '../config/config.ts', typeOnly: true },
    { file: 'probe/prober.ts', specifier: '../outage/answer.ts', typeOnly: true },
    { file: 'outage/outage.ts', specifier: 'node:timers', typeOnly: false },
    { file: 'outage/outage.ts', specifier: '../config/config.ts', typeOnly: true },
    { file: 'http/api.ts', specifier: '../observers/log.ts', typeOnly: false },
    { file: 'http/api.ts', specifier: '../config/load.ts', typeOnly: false },
    { file: 'observers/log.ts', specifier: 'fastify', typeOnly: true },
    { file: 'adapters/gateway/exchange.ts', specifier: 'pino', typeOnly: false },
    { file: 'rehearsal/rehearse.ts', specifier: 'node:fs', typeOnly: false },
    { file: 'rehearsal/rehearse.ts', specifier: '../http/api.ts', typeOnly: true },
    { file: 'conformance/site.ts', specifier: '../adapters/gateway/psdk-json.ts', typeOnly: true },
    { file: 'conformance/run-check-gateway.ts', specifier: '../config/load.ts', typeOnly: false },
    { file: 'simulator/world/world.ts', specifier: '../../rehearsal/rehearse.ts', typeOnly: false },
    { file: 'simulator/world/world.ts', specifier: 'fastify', typeOnly: true },
    { file: 'simulator/world/world.ts', specifier: 'typebox', typeOnly: false },
    { file: 'simulator/network/network-face.ts', specifier: '@fastify/helmet', typeOnly: false },
    { file: 'config/load.ts', specifier: '../outage/outage.ts', typeOnly: true },
    { file: 'config/load.ts', specifier: 'fast-check', typeOnly: false },
    { file: 'adapters/simulator-adapter.ts', specifier: './gateway/psdk-json.ts', typeOnly: false },
    { file: 'adapters/gateway/exchange.ts', specifier: '../simulator-adapter.ts', typeOnly: true },
    { file: 'adapters/cached-health.ts', specifier: './gateway/exchange.ts', typeOnly: false },
    { file: 'app.ts', specifier: './main.ts', typeOnly: false },
    { file: 'elsewhere/thing.ts', specifier: './other.ts', typeOnly: false },
  ];
  expect(breaches.map(complaint)).not.toContain(null);
});

it.each([
  { file: 'adapters/registry.ts', specifier: './gateway/gateway-adapter.ts', typeOnly: false },
  { file: 'adapters/simulator-adapter.ts', specifier: './cached-health.ts', typeOnly: false },
  { file: 'adapters/gateway/exchange.ts', specifier: './error-reason.ts', typeOnly: false },
  { file: 'adapters/gateway/exchange.ts', specifier: '../cached-health.ts', typeOnly: false },
  { file: 'simulator/network/network-face.ts', specifier: 'fastify', typeOnly: false },
  { file: 'config/safety-schema.ts', specifier: '../outage/settings.ts', typeOnly: false },
  { file: 'http/api.ts', specifier: '@fastify/under-pressure', typeOnly: false },
])('what is allowed passes: $file imports $specifier', (allowed) => {
  expect(complaint(allowed)).toBeNull();
});

it('nothing imports in a circle, types included, but for what is one model in two files', () => {
  const graph: ImportGraph = new Map(
    files.map((path) => {
      const file = relative(SRC, path);
      const inside = importsOf(path).filter(({ specifier }) => specifier.startsWith('.'));
      return [file, inside.map(({ specifier }) => join(dirname(file), specifier))];
    }),
  );
  expect(importCircles(graph)).toEqual(KNOW_EACH_OTHER);
});

it('circles are found, whichever way round', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', ['e']],
    ['e', []],
    ['f', ['f']],
  ]);
  expect(importCircles(graph)).toEqual([['a', 'b', 'c'], ['f']]);
});

it('CONTRIBUTING.md tells of each room what its rule allows, and of no other', () => {
  const page = readFileSync(join(SRC, '../CONTRIBUTING.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `src\/(\w+)\/` \| .* \| (.*) \|$/gm)].map(([, room, words]) => [room, words]);
  expect(rows).toEqual(Object.entries(RULES).map(([room, rule]) => [room, inWords(rule)]));
});

/** `probe` as `probe/`, a file by its path. */
const quoted = (name: string): string => `\`${name.includes('.') ? name : `${name}/`}\``;

function inWords({ rooms, typesOf = [], packages = [], some = [], withoutNode }: Rule): string {
  const all = ['itself', ...rooms.map(quoted), ...typesOf.map((room) => `types of ${quoted(room)}`), ...packages].join(', ');
  const also = some.map((part) => `; ${part.who} also ${part.packages.join(', ')}`).join('');
  return `${all}${also}${withoutNode === true ? '; nothing of Node.js' : ''}`;
}

describe('time, chance and the process come in as arguments', () => {
  const without = (pattern: RegExp, allowed: readonly string[]) =>
    files
      .map((path) => relative(SRC, path))
      .filter((file) => !allowed.includes(file) && pattern.test(readFileSync(join(SRC, file), 'utf8')));

  it('only the entries read process', () => {
    expect(without(/\bprocess\.[a-zA-Z]|node:process/, PROCESS_READERS)).toEqual([]);
  });

  it('only the composition root asks the wall clock', () => {
    expect(without(/Date\.now|new Date\(\)/, ['app.ts'])).toEqual([]);
  });

  it('only the composition root draws chance, but for ids', () => {
    expect(without(/Math\.random|randomInt/, ['app.ts'])).toEqual([]);
  });
});

it('no source file is longer than 200 lines', () => {
  const long = files.filter((path) => readFileSync(path, 'utf8').split('\n').length > 201);
  expect(long.map((path) => relative(SRC, path))).toEqual([]);
});
