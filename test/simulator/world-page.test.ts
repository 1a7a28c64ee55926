import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { SCENARIO } from '../../lab/simulator/scenario/scenario.ts';
import { SCENARIO_EVENT } from '../../lab/simulator/scenario/scenario-event.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';

const PAGE = readFileSync(new URL('../../docs/world.md', import.meta.url), 'utf8');
const GENESYS = readFileSync(new URL('../../docs/genesys.md', import.meta.url), 'utf8');

/** The cells of the table with this header, without the marks of code. */
function table(header: string): readonly (readonly string[])[] {
  const [, rest = ''] = PAGE.split(`| ${header} |\n`);
  const rows = rest.split('\n').slice(1);
  const end = rows.findIndex((row) => !row.startsWith('|'));
  return rows.slice(0, end).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

function fieldsOf(schema: TSchema, path: string): readonly (readonly [string, string])[] {
  if (Type.IsObject(schema))
    return Object.entries(schema.properties).flatMap(([key, inner]) => fieldsOf(inner, path === '' ? key : `${path}.${key}`));
  return [[path, presetOf(schema)]];
}

function presetOf(schema: TSchema): string {
  if (Type.IsTuple(schema)) return `[${schema.items.map(presetOf).join(',')}]`;
  const preset = 'default' in schema ? schema.default : undefined;
  if (preset === undefined) return 'needed';
  return typeof preset === 'string' ? preset : JSON.stringify(preset);
}

describe('docs/world.md', () => {
  it('lists every field of a scenario with its default, and no other', () => {
    expect(table('Field | Default | Meaning').map(([field, preset]) => [field, preset])).toEqual(fieldsOf(SCENARIO, ''));
  });

  it('lists every event with all that it takes, and no other', () => {
    const listed = table('Event | With | What happens').map(([event = '', more = '']) => {
      const [marker = ''] = event.split(':');
      return ['atMs', marker, ...more.split(', ').filter((key) => key !== '')];
    });
    expect(listed).toEqual(SCENARIO_EVENT.anyOf.map((member: TSchema) => (Type.IsObject(member) ? Object.keys(member.properties) : [])));
  });

  it('lists every scenario, and no other', () => {
    const listed = table('Scenario | What it shows').flatMap(([names = '']) => names.split(', '));
    expect([...listed].sort()).toEqual(scenariosIn(new URL('../../scenarios/', import.meta.url)).names);
  });

  it('gives a source for every behaviour, and cites headings that there are', () => {
    const sources = behaviours().map(({ source }) => source);
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.filter((source) => !/^(\[D\]|\[I\]|\[gateway contract\]|assumed$|ours$)/.test(source))).toEqual([]);
    const cited = sources.flatMap((source) => /^(?:\[[DI]\](?:, )?)+ ([^;]+)/.exec(source)?.[1] ?? []);
    expect(cited.length).toBeGreaterThan(10);
    expect(cited.filter((heading) => !GENESYS.includes(`## ${heading}\n`))).toEqual([]);
  });

  it('names for every assumption what sets it, or says that nothing does', () => {
    const assumed = behaviours().filter(({ source }) => source.includes('assumed'));
    expect(assumed.length).toBeGreaterThan(15);
    expect(assumed.filter(({ field }) => !/`|fixed/.test(field))).toEqual([]);
  });

  it('names only fields, values and events that there are', () => {
    const fields = new Map(fieldsOf(SCENARIO, ''));
    const sections = Object.keys(SCENARIO.properties);
    const wrong = behaviours().flatMap(({ field }) =>
      [...field.matchAll(/(events? )?((?:`[^`]+`(?:, )?)+)/g)].flatMap(([, isEvent, names = '']) =>
        [...names.matchAll(/`([^`]+)`/g)]
          .map(([, name = '']) => name)
          .filter((name) => !(isEvent === undefined ? isField(name, fields, sections) : MARKERS.includes(name))),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

const MARKERS = SCENARIO_EVENT.anyOf.map((member: TSchema) => String('marker' in member ? member.marker : ''));

/** Every row of a table of behaviours. */
function behaviours(): readonly { readonly source: string; readonly field: string }[] {
  const bodies = [...PAGE.matchAll(/^\| Behaviour \| Source \| Field \|\n\|.*\n((?:\|.*\n)+)/gm)].map(([, body = '']) => body.trim());
  const rows = bodies.flatMap((body) => body.split('\n')).map((row) => row.split('|').map((cell) => cell.trim()));
  return rows.map(([, , source = '', field = '']) => ({ source, field }));
}

/** Whether it names a field, or a field and one of its values. */
function isField(name: string, fields: ReadonlyMap<string, string>, sections: readonly string[]): boolean {
  const [path = '', value = null] = name.split(': ');
  if (!fields.has(path) && !sections.includes(path)) return false;
  return value === null || JSON.stringify(valueAt(SCENARIO, path)).includes(`"${value}"`);
}

function valueAt(schema: TSchema, path: string): unknown {
  return path.split('.').reduce((inner: TSchema, key) => (Type.IsObject(inner) ? (inner.properties[key] ?? inner) : inner), schema);
}
