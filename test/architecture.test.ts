import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ImportGraph, importCircles } from './support/import-circles.ts';
import { KNOW_EACH_OTHER, RULES, type Rule } from './support/import-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The files beside the rooms may import everything but the entry. */
const ENTRIES = ['src/main.ts'];
/** A program of its own, which runs elsewhere. */
const IN_BROWSER = 'src/browser/status.js';
/** Only these may read `process`. */
const PROCESS_READERS = ['src/main.ts', 'lab/rehearsal/main.ts', 'lab/simulator/main.ts'];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = ['src', 'lab'].flatMap((folder) => filesBelow(join(ROOT, folder)));
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
    file: relative(ROOT, path),
    specifier: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

/** A folder of `src/` or `lab/`; empty for the entry and the composition. */
const roomOf = (file: string): string => (file.split('/').length > 2 ? file.split('/').slice(0, 2).join('/') : '');

function complaint(found: Import): string | null {
  return isAllowed(found) ? null : `${found.file} imports ${found.specifier}`;
}

function isAllowed({ file, specifier, typeOnly }: Import): boolean {
  const room = roomOf(file);
  if (room === '') return !ENTRIES.some((entry) => join(dirname(file), specifier) === entry);
  const rule = RULES[room];
  if (rule === undefined) return false;
  if (specifier.startsWith('node:')) return rule.withoutNode !== true || file === `${room}/${rule.start}`;
  if (!specifier.startsWith('.')) return packagesOf(file, rule).some((name) => isOf(name, specifier));
  const target = join(dirname(file), specifier);
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

it('the reader of imports sees them', () => {
  expect(imports.length).toBeGreaterThan(150);
  expect(imports).toContainEqual({ file: 'src/probe/verdict.ts', specifier: './reasons.ts', typeOnly: false });
  expect(imports).toContainEqual({ file: 'src/probe/verdict.ts', specifier: './target.ts', typeOnly: true });
});

it('each room imports only what its rule allows', () => {
  expect(imports.map(complaint).filter((line) => line !== null)).toEqual([]);
});

it('a breach would be seen', () => {
  const breaches: readonly Import[] = [
    { file: 'src/probe/verdict.ts', specifier: 'node:fs', typeOnly: false },
    { file: 'src/probe/verdict.ts', specifier: '../config/config.ts', typeOnly: true },
    { file: 'src/probe/prober.ts', specifier: '../resilience/probe-service.ts', typeOnly: true },
    { file: 'src/resilience/protected-target.ts', specifier: 'node:timers', typeOnly: false },
    { file: 'src/resilience/protected-target.ts', specifier: '../config/config.ts', typeOnly: true },
    { file: 'src/http/api.ts', specifier: '../observers/log.ts', typeOnly: false },
    { file: 'src/http/api.ts', specifier: '../config/load.ts', typeOnly: false },
    { file: 'src/observers/log.ts', specifier: 'fastify', typeOnly: true },
    { file: 'src/gateway/exchange.ts', specifier: 'pino', typeOnly: false },
    { file: 'lab/rehearsal/rehearse.ts', specifier: 'node:fs', typeOnly: false },
    { file: 'lab/rehearsal/rehearse.ts', specifier: '../../src/http/api.ts', typeOnly: true },
    { file: 'lab/conformance/test-subject.ts', specifier: '../../src/gateway/psdk-json.ts', typeOnly: true },
    { file: 'lab/conformance/run-check-gateway.ts', specifier: '../../src/config/load.ts', typeOnly: false },
    { file: 'lab/simulator/world/world.ts', specifier: '../../rehearsal/rehearse.ts', typeOnly: false },
    { file: 'lab/simulator/world/world.ts', specifier: 'fastify', typeOnly: true },
    { file: 'lab/simulator/world/world.ts', specifier: 'typebox', typeOnly: false },
    { file: 'lab/simulator/network/network-face.ts', specifier: '@fastify/helmet', typeOnly: false },
    { file: 'src/config/load.ts', specifier: '../resilience/protected-target.ts', typeOnly: true },
    { file: 'src/config/load.ts', specifier: 'fast-check', typeOnly: false },
    { file: 'src/gateway/exchange.ts', specifier: '../adapters/embedded-adapter.ts', typeOnly: true },
    { file: 'src/gateway/exchange.ts', specifier: '../../lab/simulator/demo-world.ts', typeOnly: false },
    { file: 'src/observers/metrics.ts', specifier: '../../lab/simulator/demo-world.ts', typeOnly: true },
    { file: 'src/app.ts', specifier: './main.ts', typeOnly: false },
    { file: 'src/elsewhere/thing.ts', specifier: './other.ts', typeOnly: false },
  ];
  expect(breaches.map(complaint)).not.toContain(null);
});

it.each([
  { file: 'src/adapters/registry.ts', specifier: '../gateway/gateway-adapter.ts', typeOnly: false },
  { file: 'src/gateway/exchange.ts', specifier: './error-reason.ts', typeOnly: false },
  { file: 'src/adapters/embedded-adapter.ts', specifier: '../../lab/simulator/demo-world.ts', typeOnly: false },
  { file: 'lab/simulator/network/network-face.ts', specifier: 'fastify', typeOnly: false },
  { file: 'src/config/schema.ts', specifier: '../resilience/settings.ts', typeOnly: false },
  { file: 'lab/rehearsal/main.ts', specifier: 'node:fs', typeOnly: false },
  { file: 'src/http/api.ts', specifier: '@fastify/helmet', typeOnly: false },
])('what is allowed passes: $file imports $specifier', (allowed) => {
  expect(complaint(allowed)).toBeNull();
});

it('nothing imports in a circle, types included, but for what is one model in two files', () => {
  const graph: ImportGraph = new Map(
    files.map((path) => {
      const file = relative(ROOT, path);
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
  const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `((?:src|lab)\/[\w-]+)\/` \| .* \| (.*) \|$/gm)].map(([, room, words]) => [room, words]);
  expect(rows).toEqual(Object.entries(RULES).map(([room, rule]) => [room, inWords(rule)]));
});

/** `probe` as `probe/`, a file by its path. */
const quoted = (name: string): string => `\`${name.includes('.') ? name : `${name}/`}\``;

function inWords({ rooms, typesOf = [], packages = [], some = [], withoutNode, start }: Rule): string {
  const all = ['itself', ...rooms.map(quoted), ...typesOf.map((room) => `types of ${quoted(room)}`), ...packages].join(', ');
  const also = some.map((part) => `; ${part.who} also ${part.packages.join(', ')}`).join('');
  return `${all}${also}${withoutNode === true ? '; nothing of Node.js' : ''}${start === undefined ? '' : ` but in ${quoted(start)}`}`;
}

describe('time, chance and the process come in as arguments', () => {
  const without = (pattern: RegExp, allowed: readonly string[]) =>
    files
      .map((path) => relative(ROOT, path))
      .filter((file) => !allowed.includes(file) && pattern.test(readFileSync(join(ROOT, file), 'utf8')));

  it('only the entries read process', () => {
    expect(without(/\bprocess\.[a-zA-Z]|node:process/, PROCESS_READERS)).toEqual([]);
  });

  it('only the composition root asks the wall clock', () => {
    expect(without(/Date\.now|new Date\(\)/, ['src/app.ts', IN_BROWSER])).toEqual([]);
  });

  it('only the composition root draws chance, but for ids', () => {
    expect(without(/Math\.random|randomInt/, ['src/app.ts', IN_BROWSER])).toEqual([]);
  });
});

it.each([
  ['an object of JSON', /!== null && !Array\.isArray\(/],
  ['an interaction id', /\[A-Za-z0-9_~-\]/],
  ['a name', /\[A-Za-z0-9_\.-\]\{1,64\}/],
  ['loopback', /startsWith\('127\.'\)/],
  ['a certificate', /new X509Certificate\(/],
  ['a bearer token', /\^\[\\+x21-\\+x7e\]\+\$/],
  ['YAML', /\bparseDocument\(/],
])('what %s is, is written once', (_what, pattern) => {
  expect(files.filter((path) => pattern.test(readFileSync(path, 'utf8'))).map((path) => relative(ROOT, path))).toHaveLength(1);
});

it('no source file is longer than 250 lines, but for a style sheet, which is flat', () => {
  const long = files.filter((path) => !path.endsWith('.css') && readFileSync(path, 'utf8').split('\n').length > 251);
  expect(long.map((path) => relative(ROOT, path))).toEqual([]);
});
