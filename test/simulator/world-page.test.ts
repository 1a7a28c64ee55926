import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { SCENARIO } from '../../src/simulator/scenario.ts';
import { SCENARIO_EVENT } from '../../src/simulator/scenario-event.ts';
import { scenariosIn } from '../../src/simulator/scenario-files.ts';

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
    const rows = [...PAGE.matchAll(/^\| Behaviour \| Source.*\n\|.*\n((?:\|.*\n)+)/gm)].flatMap(([, body = '']) => body.trim().split('\n'));
    expect(rows.length).toBeGreaterThan(30);
    const sources = rows.map((row) => row.split('|')[2]?.trim() ?? '');
    expect(sources.filter((source) => !/^(\[D\]|\[I\]|\[gateway contract\]|assumed$|ours$)/.test(source))).toEqual([]);
    const cited = sources.flatMap((source) => /^(?:\[[DI]\](?:, )?)+ ([^;]+)/.exec(source)?.[1] ?? []);
    expect(cited.length).toBeGreaterThan(10);
    expect(cited.filter((heading) => !GENESYS.includes(`## ${heading}\n`))).toEqual([]);
  });
});
