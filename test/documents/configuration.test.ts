import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../src/config/environment.ts';
import { GATEWAY_TARGET, SETTINGS, SIMULATOR_TARGET, WORKFLOW_TARGET } from '../../src/config/schema.ts';
import { DANGERS } from '../../src/config/warnings.ts';
import { isObject } from '../../src/json/json-object.ts';
import { valueAt } from '../../src/schema-tree/tree.ts';
import { after, bare, DOCUMENTS, NONE, printed, sorted, table, text, withoutFences } from '../support/pages.ts';

describe('docs/configuration.md', () => {
  const page = text('docs/configuration.md');

  it('lists every setting with default, range and description, and no other', () => {
    const rows = (section: string, ...header: string[]) =>
      table(after(page, section.startsWith('#') ? section : `## ${section}`), ...header).map((row) => [
        ...row.slice(0, -1).map(bare),
        row.at(-1),
      ]);
    expect(rows('server', 'Setting', 'Default', 'Range')).toEqual(settingsOf(SETTINGS.properties.server));
    const caller = Object.values(valueAt(SETTINGS, ['properties', 'server', 'properties', 'callers', 'patternProperties']) as object)[0];
    expect(rows('### callers', 'Setting', 'Default', 'Range')).toEqual(settingsOf(caller));
    expect(rows('bounds', 'Setting', 'Default', 'Range')).toEqual(settingsOf(SETTINGS.properties.bounds));
    const policy = Object.values(valueAt(SETTINGS, ['properties', 'policies', 'patternProperties']) as object)[0];
    expect(rows('policies', 'Setting', 'Range')).toEqual(settingsOf(policy).map(([name, , range, meaning]) => [name, range, meaning]));

    const gateway = settingsOf(GATEWAY_TARGET);
    const simulator = settingsOf(SIMULATOR_TARGET);
    const workflow = settingsOf(WORKFLOW_TARGET);
    const [both = [], differing = [], single = []] = sharing(gateway, simulator);
    const lone = workflow.filter(([name]) => name.startsWith('patterns.')).map(([name, ...row]) => [name, 'workflow', ...row]);
    expect(sorted(rows('targets', 'Setting', 'Default', 'Range'))).toEqual(
      sorted([['adapter', NONE, NONE, '`gateway`, `workflow` or `simulator`.'], ...both]),
    );
    expect(sorted(rows('targets', 'Setting', 'Gateway', 'Simulator'))).toEqual(sorted(differing));
    expect(sorted(rows('targets', 'Setting', 'Adapter', 'Default', 'Range'))).toEqual(sorted([...single, ...lone]));
  });

  it('tells what a workflow target has not, of what all others have; and the rest is as for a gateway', () => {
    const workflow = settingsOf(WORKFLOW_TARGET);
    const missing = settingsOf(GATEWAY_TARGET).filter(
      ([name]) => settingsOf(SIMULATOR_TARGET).some(([other]) => other === name) && !workflow.some(([other]) => other === name),
    );
    const [, said = ''] = /A workflow target, .*? does not have ([^.]*(?:\.[a-z][^.]*)*)\./s.exec(page) ?? [];
    expect([...said.matchAll(/`([\w.]+)`/g)].map(([, name]) => name)).toEqual(missing.map(([name]) => name));
    const same = workflow.filter(([name]) => name !== 'adapter' && !name.startsWith('patterns.'));
    expect(settingsOf(GATEWAY_TARGET)).toEqual(expect.arrayContaining(same));
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

/** Words by which a document calls something dangerous. */
const ALARM = /\bdanger|\bcosts? (customers|living)|\bstops? (an? |all )?liv(e|ing) chat|\bstops nothing\b|never enough|without a token/i;

/** Sentences of prose and cells of tables that sound an alarm. */
function alarmingSentences(file: string): readonly string[] {
  const blocks = withoutFences(text(file))
    .split(/\n\s*\n|\n(?=[|*-])/)
    .map((block) => block.replace(/\s+/g, ' '));
  return blocks.flatMap((block) => block.split(/(?<=[.;]) (?=[A-Z`*])/)).filter((sentence) => ALARM.test(sentence));
}

/** The last steps of the settings that a sentence names in code marks, alone or with a value, as in the file or as a variable. */
function settingsNamedIn(sentence: string): readonly string[] {
  const { server, bounds, policies } = SETTINGS.properties;
  const sections: readonly unknown[] = [
    GATEWAY_TARGET,
    SIMULATOR_TARGET,
    WORKFLOW_TARGET,
    server,
    bounds,
    ...Object.values(policies.patternProperties),
  ];
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
    rows.filter(([name]) => twin(others, name) === undefined).map(([name, ...row]) => [name, adapter, ...row]);
  return [
    inBoth.filter(([name, preset]) => twin(simulator, name)?.[1] === preset).map((row) => [...row]),
    inBoth
      .filter(([name, preset]) => twin(simulator, name)?.[1] !== preset)
      .map(([name, preset, , meaning]) => [name, preset, twin(simulator, name)?.[1] ?? '', meaning]),
    [...lone(gateway, simulator, 'gateway'), ...lone(simulator, gateway, 'simulator')],
  ];
}
