import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRehearsal } from '../lab/rehearsal/run-rehearsal.ts';
import { readListenOptions } from '../lab/simulator/listen-options.ts';
import { scenariosIn } from '../lab/simulator/scenario/scenario-files.ts';
import manifest from '../package.json' with { type: 'json' };
import { ENVIRONMENT } from '../src/config/environment.ts';
import { loadConfig } from '../src/config/load.ts';
import { GATEWAY_TARGET, SETTINGS, SIMULATOR_TARGET } from '../src/config/schema.ts';
import { DANGERS } from '../src/config/warnings.ts';
import { ProbeAnswer } from '../src/http/probe-answer.ts';
import { FIELD_NAMES } from '../src/http/probe-input.ts';
import { STATUS_OF } from '../src/http/problems.ts';
import { isObject } from '../src/json/json-object.ts';
import { logProbes } from '../src/observers/log.ts';
import { createLogger } from '../src/observers/logger.ts';
import { createMetrics } from '../src/observers/metrics.ts';
import { BUILT_IN_POLICIES } from '../src/probe/policy.ts';
import { EVIDENCE, REASONS } from '../src/probe/reasons.ts';
import { conclude } from '../src/probe/verdict.ts';
import { type TreePath, valueAt } from '../src/schema-tree/tree.ts';
import { answersOf, curlExamples, withoutChance } from './support/pasted-curl.ts';
import { RULES } from './support/samples.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'reports']);
const FILES = filesBelow('');
const DOCUMENTS = FILES.filter((file) => file.endsWith('.md'));
const README = text('README.md');
const NONE = '-';

describe('README.md', () => {
  it('lists every environment variable with its default, and no other', () => {
    const rows = table(README, 'Variable', 'Default').map(([name = '', preset = '']) => [bare(name), bare(preset)]);
    expect(rows).toEqual(ENVIRONMENT.map(({ name, setting }) => [name, presetOf(name, setting)]));
  });

  it('lists every reason with its evidence, and no other', () => {
    const rows = table(README, 'Reason', 'Evidence').map(([reason = '', evidence = '']) => [bare(reason), bare(evidence)]);
    expect(rows).toEqual(Object.entries(REASONS).map(([reason, { evidence }]) => [reason, evidence]));
  });

  it('lists every kind of evidence, and no other', () => {
    expect(table(README, 'Evidence', 'It means').map(([evidence = '']) => bare(evidence))).toEqual(EVIDENCE);
  });

  it('lists every problem with its status, and no other', () => {
    const rows = table(README, 'Code', 'Status').map(([code = '', status]) => [bare(code), Number(status)]);
    expect(rows).toEqual(Object.entries(STATUS_OF));
  });

  it('lists every key of an answer, and no other', () => {
    const keys = table(README, 'Key', 'Meaning').flatMap(([names = '']) => names.split(', ').map(bare));
    expect(keys).toEqual(Object.keys(ProbeAnswer.properties));
  });

  it('lists every field of a request, and no other', () => {
    const fields = table(README, 'Field', 'Meaning').map(([name = '']) => bare(name));
    expect(fields.sort()).toEqual([...FIELD_NAMES].sort());
  });

  it('lists every metric with its type and labels, and no other', async () => {
    const rows = table(README, 'Name', 'Type', 'Labels').map(([name = '', type = '', labels = '']) => ({
      name: bare(name),
      type,
      labels: labels === NONE ? [] : labels.split(', ').map(bare).sort(),
    }));
    expect(rows.sort((a, b) => a.name.localeCompare(b.name))).toEqual(await registeredMetrics());
  });

  it('shows queries over registered metrics only', async () => {
    const queries = blocks(README, 'promql').join('\n');
    const names = [...queries.matchAll(/chatprobe_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(names.length).toBeGreaterThan(0);
    const registered = (await registeredMetrics()).map(({ name }) => name);
    expect(names.filter((name) => !registered.includes(name))).toEqual([]);
  });

  it('tells the values of the built-in policies', () => {
    const header = ['Policy', 'attempts', 'attemptTimeoutMs', 'pauseMs', 'backoff', 'maxPauseMs', 'jitter', 'deadlineMs'];
    const rows = table(README, ...header).map(([name = '', ...numbers]) => [bare(name), ...numbers.slice(0, 7).map(Number)]);
    const policies = Object.entries(BUILT_IN_POLICIES);
    expect(rows).toEqual(policies.map(([name, p]) => [name, ...header.slice(1).map((setting) => valueAt(p, [setting]))]));
  });

  it('shows a configuration file that the service accepts', () => {
    const [example = ''] = blocks(README, 'yaml');
    const read = (path: string) => ({ ok: true, text: path === 'example' ? example : 'a-secret' }) as const;
    const loaded = loadConfig({ CHATPROBE_CONFIG: 'example' }, read);
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  });

  it('shows a log line with the fields that are logged', () => {
    const shown = blocks(README, 'json').find((block) => block.includes('"msg"')) ?? '{}';
    expect(Object.keys(JSON.parse(shown))).toEqual(Object.keys(loggedLine()));
  });

  it('shows the answers that its curl lines get', async () => {
    const examples = curlExamples(README);
    expect(examples).toHaveLength(6);
    const answers = await answersOf(examples);
    expect(withoutChance(answers)).toEqual(withoutChance(examples.map(({ answer }) => ({ status: 200, answer }))));
  });
});

describe('the rehearsal in README.md', () => {
  it('shows what it prints, and is true of the watch over outages', async () => {
    const [, args = '', shown = ''] = README.match(/^npm run -s rehearse -- (.+)\n```\n\n```text\n([\s\S]*?)^```$/m) ?? [];
    const printed = await rehearsed(args.split(' '));
    const parts = shown.split('...\n');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.filter((part) => !printed.includes(part))).toEqual([]);
    expect(await rehearsed(args.replace(' --plain', '').split(' '))).toMatch(/living chats stopped +0$/m);
  });
});

describe('docs/configuration.md', () => {
  const page = text('docs/configuration.md');

  it('lists every setting with default, range and description, and no other', () => {
    const rows = (section: string, ...header: string[]) =>
      table(after(page, `## ${section}`), ...header).map((row) => [...row.slice(0, -1).map(bare), row.at(-1)]);
    expect(rows('server', 'Setting', 'Default', 'Range')).toEqual(settingsOf(SETTINGS.properties.server));
    expect(rows('bounds', 'Setting', 'Default', 'Range')).toEqual(settingsOf(SETTINGS.properties.bounds));
    const policy = Object.values(valueAt(SETTINGS, ['properties', 'policies', 'patternProperties']) as object)[0];
    expect(rows('policies', 'Setting', 'Range')).toEqual(settingsOf(policy).map(([name, , range, meaning]) => [name, range, meaning]));

    const gateway = settingsOf(GATEWAY_TARGET);
    const simulator = settingsOf(SIMULATOR_TARGET);
    const [both = [], differing = [], single = []] = sharing(gateway, simulator);
    expect(sorted(rows('targets', 'Setting', 'Default', 'Range'))).toEqual(
      sorted([['adapter', NONE, NONE, '`gateway` or `simulator`.'], ...both]),
    );
    expect(sorted(rows('targets', 'Setting', 'Gateway', 'Simulator'))).toEqual(sorted(differing));
    expect(sorted(rows('targets', 'Setting', 'Adapter', 'Default', 'Range'))).toEqual(sorted(single));
  });
});

describe('what the documents call dangerous', () => {
  it('is what the service warns of, each warning in the table with its settings', () => {
    const rows = table(text('docs/configuration.md'), 'Warning', 'Settings').map(([title = '', settings = '']) => ({
      title: bare(title),
      settings: settings.split(', ').map(bare),
    }));
    expect(rows).toEqual(DANGERS.map(({ title, settings }) => ({ title, settings })));
  });

  it('is warned of, wherever they say it', () => {
    const warned = new Set(DANGERS.flatMap(({ settings }) => settings.map(leafOf)));
    const pages = DOCUMENTS.filter((file) => /^(README\.md|docs\/.*)$/.test(file));
    const said = pages.flatMap((file) => alarmingSentences(file).flatMap((sentence) => settingsNamedIn(sentence)));
    expect(said).toEqual(expect.arrayContaining(['onUnrecognised', 'singleChatServer', 'attempts', 'deadlineMs', 'allowAnonymous']));
    expect(said.filter((name) => !warned.has(name))).toEqual([]);
  });

  it('is found by the words of alarm that they use', () => {
    const sentence = (words: string) => settingsNamedIn(words).filter(() => ALARM.test(words));
    expect(sentence('`outage.coalesce: false` is dangerous')).toEqual(['coalesce']);
    expect(sentence('`CHATPROBE_ALLOW_ANONYMOUS=true` costs customers')).toEqual(['allowAnonymous']);
    expect(sentence('`outage.coalesce` saves messages')).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  const page = text('docs/dependencies.md');
  const listed = (section: string) =>
    table(after(page, `## ${section}`), 'Package', 'Version', 'Licence').map(([name = '', version, licence]) => [
      bare(name),
      version,
      licence,
    ]);
  const declared = (versions: Readonly<Record<string, string>>) =>
    Object.entries(versions).map(([name, version]) => [
      name,
      version,
      valueAt(JSON.parse(text(`node_modules/${name}/package.json`)), ['license']),
    ]);

  it('names exactly the dependencies of the manifest, with version and licence', () => {
    expect(sorted(listed('In production'))).toEqual(sorted(declared(manifest.dependencies)));
    expect(sorted(listed('For development'))).toEqual(sorted(declared(manifest.devDependencies)));
  });

  it('names exactly the overrides of the manifest', () => {
    const rows = table(page, 'Package', 'Moved to', 'Below').map((row) => row.map(bare));
    const overrides = Object.entries(manifest.overrides).flatMap(([below, lifted]) =>
      Object.entries(lifted).map(([name, version]) => [name, version, below]),
    );
    expect(rows).toEqual(overrides);
  });
});

describe('docs/genesys.md', () => {
  const page = text('docs/genesys.md');

  it('has every heading that the code refers to', () => {
    const references = FILES.filter((file) => /^(src|test|tools)\/.*\.ts$/.test(file)).flatMap((file) =>
      [...text(file).matchAll(/docs\/genesys\.md((?:(?:, | and )"[^"]+")+)/g)].flatMap(([, names = '']) =>
        [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
      ),
    );
    expect(references.length).toBeGreaterThan(0);
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(references.filter(({ name }) => !headings.includes(name))).toEqual([]);
  });

  it('explains every tag that it or another page uses', () => {
    const explained = table(page, 'Tag', 'It is').map(([tag = '']) => tag.replace(/\W/g, ''));
    expect([...new Set(tagsIn('docs/genesys.md'))].sort()).toEqual(explained.sort());
    expect(
      DOCUMENTS.flatMap((file) =>
        tagsIn(file)
          .filter((tag) => !explained.includes(tag))
          .map((tag) => `${file}: ${tag}`),
      ),
    ).toEqual([]);
  });
});

describe('all documents', () => {
  it('link only to files and headings that exist', () => {
    const dead = DOCUMENTS.flatMap((file) =>
      linksIn(file)
        .filter((link) => !leadsSomewhere(file, link))
        .map((link) => `${file}: ${link}`),
    );
    expect(dead).toEqual([]);
    expect(linksIn('README.md').length).toBeGreaterThan(10);
  });

  it('name only scripts that exist', () => {
    const named = DOCUMENTS.flatMap((file) =>
      [...text(file).matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map(([, run, plain]) => run ?? plain ?? ''),
    );
    expect(named).toContain('start');
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  it('name only environment variables that exist, and so do the files for deployment', () => {
    const deployment = FILES.filter((file) => /^(Dockerfile|docker-compose\.yml|deploy\/.*)$/.test(file));
    const named = [...DOCUMENTS, ...deployment].flatMap((file) =>
      [...text(file).matchAll(/CHATPROBE_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) => ({ file, name })),
    );
    expect(new Set(named.map(({ file }) => file))).toContain('docker-compose.yml');
    const known = new Set(ENVIRONMENT.map(({ name }) => name));
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('hold no path of the machine they were written on', () => {
    const found = DOCUMENTS.flatMap((file) =>
      [...text(file).matchAll(/(?<![\w.}])\/(work|home|root|tmp|Users)\/\S*/g)].map(([path]) => `${file}: ${path}`),
    );
    expect(found).toEqual([]);
  });

  it('are all named by the README or by a document that it names', () => {
    const reached = new Set(['README.md']);
    for (const file of reached)
      for (const link of linksIn(file)) if (link.split('#')[0]?.endsWith('.md')) reached.add(targetOf(file, link));
    const pages = DOCUMENTS.filter((file) => file.startsWith('docs/') || !file.includes('/'));
    expect(pages.filter((file) => !reached.has(file))).toEqual([]);
  });
});

function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** The rows of the first table whose header begins with these columns, cell by cell. */
function table(page: string, ...header: readonly string[]): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex(
    (line) => line.startsWith('|') && header.every((column, index) => bare(cells(line)[index] ?? '') === column),
  );
  if (start < 0) throw new Error(`no table ${header.join(' | ')}`);
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      Math.max(
        0,
        rows.findIndex((line) => !line.startsWith('|')),
      ),
    )
    .map(cells);
}

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** A cell without the marks of code. */
function bare(cell: string): string {
  return cell.replaceAll('`', '');
}

function after(page: string, heading: string): string {
  const [, rest = ''] = page.split(`\n${heading}\n`);
  return rest;
}

/** The fenced blocks of one language. */
function blocks(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, found]) => found === language).map(([, , block = '']) => block);
}

/** Tells where each statement about Genesys comes from. */
function tagsIn(file: string): string[] {
  return [...text(file).matchAll(/\[([A-Z])\](?!\()/g)].map(([, tag = '']) => tag);
}

function linksIn(file: string): string[] {
  const prose = text(file)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

function targetOf(file: string, link: string): string {
  const [path = ''] = link.split('#');
  return path === '' ? file : join(dirname(file), path);
}

function leadsSomewhere(file: string, link: string): boolean {
  const target = targetOf(file, link);
  if (!existsSync(join(ROOT, target))) return false;
  const anchor = link.split('#')[1];
  if (anchor === undefined) return true;
  const headings = [...text(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.some(
    (heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-') === anchor,
  );
}

/** The default of a variable, as the README writes it: that of a gateway target. */
function presetOf(name: string, setting: TreePath | null): string {
  const loaded = loadConfig({}, () => ({ ok: false, detail: 'ENOENT' }));
  const listen = readListenOptions({});
  if (!loaded.ok || !listen.ok) throw new Error('without any configuration there must be one');
  const { config } = loaded;
  if (name === 'CHATPROBE_SIM_HOST') return listen.options.host;
  if (name === 'CHATPROBE_SIM_PORT') return String(listen.options.port);
  if (name === 'CHATPROBE_DRAIN_MS') return String(config.server.drainMs);
  if (name === 'CHATPROBE_ADAPTER') return config.targets.get('default')?.adapter.kind ?? NONE;
  if (setting === null || name === 'CHATPROBE_GATEWAY_URL') return NONE;
  const [section, ...rest] = setting;
  const [schema, path] = section === 'targets' ? [GATEWAY_TARGET, rest.slice(1)] : [SETTINGS, setting];
  const steps = path.flatMap((step) => (typeof step === 'number' ? ['items', step] : ['properties', step]));
  const node = valueAt(schema, steps);
  expect(node, `${name} has a schema`).toBeDefined();
  return printed(valueAt(node, ['default']));
}

/** Words by which a document calls something dangerous. */
const ALARM = /\bdanger|\bcosts? (customers|living)|\bstops? (an? |all )?liv(e|ing) chat|\bstops nothing\b|never enough|without a token/i;

/** Sentences of prose and cells of tables that sound an alarm. */
function alarmingSentences(file: string): readonly string[] {
  const prose = text(file).replace(/^```[\s\S]*?^```$/gm, '');
  const blocks = prose.split(/\n\s*\n|\n(?=[|*-])/).map((block) => block.replace(/\s+/g, ' '));
  return blocks.flatMap((block) => block.split(/(?<=[.;]) (?=[A-Z`*])/)).filter((sentence) => ALARM.test(sentence));
}

/** The last steps of the settings that a sentence names in code marks, alone or with a value, as in the file or as a variable. */
function settingsNamedIn(sentence: string): readonly string[] {
  const { server, bounds, policies } = SETTINGS.properties;
  const sections: readonly unknown[] = [GATEWAY_TARGET, SIMULATOR_TARGET, server, bounds, ...Object.values(policies.patternProperties)];
  const known = new Set(sections.flatMap((section) => settingsOf(section).map(([name]) => leafOf(name))));
  return [...sentence.matchAll(/`([\w.]+)(?:[:=][^`]*)?`/g)]
    .map(([, name = '']) => leafOf(ENVIRONMENT.find((variable) => variable.name === name)?.setting?.join('.') ?? name))
    .filter((name) => known.has(name));
}

function leafOf(setting: string): string {
  return setting.split('.').at(-1) ?? '';
}

type SettingRow = readonly [name: string, preset: string, range: string, meaning: string];

/** Every setting that a file can give, its path below the section, with default, range and description. */
function settingsOf(schema: unknown, prefix = ''): SettingRow[] {
  const properties = valueAt(schema, ['properties']);
  if (!isObject(properties)) throw new Error('not a section');
  return Object.entries(properties).flatMap(([key, inner]): SettingRow[] => {
    if (valueAt(inner, ['envOnly']) === true) return [];
    if (isObject(valueAt(inner, ['properties']))) return settingsOf(inner, `${prefix}${key}.`);
    const ends = valueAt(inner, ['items']);
    const tuple = Array.isArray(ends) ? ends.map((end) => valueAt(end, ['default'])) : undefined;
    const bounded = Array.isArray(ends) ? ends[0] : inner;
    const [low, high] = ['minimum', 'maximum'].map((bound) => valueAt(bounded, [bound]));
    const range = low === undefined ? NONE : `${low} to ${high}`;
    return [[`${prefix}${key}`, printed(tuple ?? valueAt(inner, ['default'])), range, String(valueAt(inner, ['description']))]];
  });
}

/** Settings of both adapters with one default; with two (as name, gateway's, simulator's); of one adapter (with its name). */
function sharing(gateway: readonly SettingRow[], simulator: readonly SettingRow[]): (readonly string[])[][] {
  const twin = (rows: readonly SettingRow[], name: string) => rows.find(([other]) => other === name);
  const inBoth = gateway.filter(([name]) => name !== 'adapter' && twin(simulator, name) !== undefined);
  const lone = (rows: readonly SettingRow[], others: readonly SettingRow[], adapter: string) =>
    rows.filter(([name]) => twin(others, name) === undefined).map(([name, preset, ...others]) => [name, adapter, preset, ...others]);
  return [
    inBoth.filter(([name, preset]) => twin(simulator, name)?.[1] === preset).map((row) => [...row]),
    inBoth
      .filter(([name, preset]) => twin(simulator, name)?.[1] !== preset)
      .map(([name, preset, , meaning]) => [name, preset, twin(simulator, name)?.[1] ?? '', meaning]),
    [...lone(gateway, simulator, 'gateway'), ...lone(simulator, gateway, 'simulator')],
  ];
}

function printed(value: unknown): string {
  if (value === undefined) return NONE;
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function sorted(rows: readonly (readonly unknown[])[]): unknown[] {
  return [...rows].sort((a, b) => String(a[0]).localeCompare(String(b[0])));
}

async function registeredMetrics() {
  const controls = ['absent', 'live'] as const;
  const target = { name: 'default', adapter: 'gateway', rules: RULES, chatServers: [], controls, enforcePercent: 100 };
  const metrics = createMetrics({ version: '0', nodeVersion: 'v0', targets: [target] });
  metrics.expectExchanges([{ route: '/livez', method: 'GET', code: 200 }]);
  const exposed = await metrics.text();
  const found = [...exposed.matchAll(/^# TYPE (chatprobe_\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
    const series = [...exposed.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'))];
    const labels = series.flatMap(([, pairs = '']) => [...pairs.matchAll(/(\w+)="/g)].map(([, label = '']) => label));
    return { name, type, labels: [...new Set(labels)].filter((label) => label !== 'le').sort() };
  });
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function loggedLine(): object {
  const lines: string[] = [];
  const observe = logProbes(createLogger('info', { write: (line: string) => lines.push(line) }));
  const probe = { probeId: 'p', requestId: 'r', interactionId: 'i', target: 'default', policy: 'inline', chatServer: null };
  const result = {
    ...conclude('delivered', RULES, 8_000, false),
    attempts: [],
    faultCode: null,
    faultString: null,
    servedBy: 'probe',
    isKnownDown: false,
    elapsedMs: 1,
  } as const;
  observe({ type: 'probe_finished', probe, result });
  return JSON.parse(lines[0] ?? '{}');
}

async function rehearsed(args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const scenarios = scenariosIn(new URL('../scenarios/', import.meta.url));
  await runRehearsal({ args, scenarios, print: (line) => printed.push(line), complain: (line) => printed.push(line) });
  return printed.join('');
}
