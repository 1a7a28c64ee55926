import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** What each room may import: rooms by name, `types of X` for types only, and packages. Node.js itself is free to all but those `WITHOUT_NODE`. */
interface Rule {
  readonly rooms: readonly string[];
  readonly typesOf?: readonly string[];
  readonly packages?: readonly string[];
}

const RULES: Readonly<Record<string, Rule>> = {
  probe: { rooms: ['probe'] },
  outage: { rooms: ['outage', 'probe'] },
  config: { rooms: ['config', 'probe', 'outage'], packages: ['typebox', 'yaml'] },
  simulator: { rooms: ['simulator', 'probe'], packages: ['fastify', '@fastify/swagger', 'typebox', 'yaml'] },
  adapters: { rooms: ['adapters', 'probe', 'simulator'], typesOf: ['config'], packages: ['undici'] },
  conformance: { rooms: ['conformance', 'probe'], typesOf: ['config'] },
  rehearsal: { rooms: ['rehearsal', 'probe', 'outage', 'simulator', 'adapters'], typesOf: ['config'] },
  observers: { rooms: ['observers', 'probe', 'outage'], packages: ['pino', 'prom-client'] },
  http: { rooms: ['http', 'probe', 'outage'], typesOf: ['config'], packages: ['fastify', '@fastify', 'typebox'] },
};
/** What these compute must not depend on the machine. */
const WITHOUT_NODE = ['probe', 'outage', 'rehearsal'];
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

function complaint({ file, specifier, typeOnly }: Import): string | null {
  const room = roomOf(file);
  const rule = RULES[room];
  if (rule === undefined)
    return room === '' && !ENTRIES.some((entry) => specifier === `./${entry}`) ? null : `${file} is in a room without a rule`;
  if (specifier.startsWith('node:')) return WITHOUT_NODE.includes(room) ? `${file} imports ${specifier}` : null;
  if (!specifier.startsWith('.')) {
    const allowed = rule.packages?.some((name) => specifier === name || specifier.startsWith(`${name}/`)) ?? false;
    return allowed ? null : `${file} imports ${specifier}`;
  }
  const target = roomOf(relative(SRC, join(SRC, dirname(file), specifier)));
  const allowed = rule.rooms.includes(target) || (typeOnly && rule.typesOf?.includes(target) === true);
  return allowed ? null : `${file} imports ${specifier}`;
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
    { file: 'simulator/world.ts', specifier: '../rehearsal/rehearse.ts', typeOnly: false },
    { file: 'elsewhere/thing.ts', specifier: './other.ts', typeOnly: false },
  ];
  expect(breaches.map(complaint)).not.toContain(null);
});

it('one adapter does not import another', () => {
  const between = imports.filter(({ file, specifier }) => {
    const adapter = file.split('/')[1];
    const other = relative(SRC, join(SRC, dirname(file), specifier)).split('/')[1];
    return (
      file.startsWith('adapters/gateway/') &&
      specifier.startsWith('.') &&
      specifier.includes('../') &&
      other !== adapter &&
      /adapters/.test(join(dirname(file), specifier))
    );
  });
  expect(between).toEqual([]);
});

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
