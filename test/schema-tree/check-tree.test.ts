import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { checkTree, type TreeRules } from '../../src/schema-tree/check-tree.ts';
import { NAME, STRICT } from '../../src/schema-tree/schema-kinds.ts';
import { type TreePath, withValueAt } from '../../src/schema-tree/tree.ts';
import { createTreeProblems } from '../../src/schema-tree/tree-problems.ts';

const RULES: TreeRules = {
  isNullLeftOut: false,
  memberOf: (members, given) => (Object.hasOwn(given, 'name') ? members[0] : undefined) ?? 'says nothing',
  unknownKey: (_section, key) => `there is no ${key.length}`,
  refusal: (setting) => ('envOnly' in setting ? 'not here' : null),
};

const SCHEMA = Type.Object(
  {
    needed: Type.Integer({ minimum: 3 }),
    word: Type.Enum(['a', 'b']),
    preset: Type.Integer({ default: 5 }),
    optional: Type.Optional(Type.String()),
    secret: Type.Optional(Type.String({ envOnly: true })),
    range: Type.Tuple([Type.Integer({ default: 1 }), Type.Integer({ default: 2 })]),
    unique: Type.Array(Type.String({ ...NAME }), { minItems: 1, maxItems: 3, uniqueItems: true }),
    things: Type.Array(Type.Union([Type.Object({ name: Type.String() }, STRICT)]), { default: [] }),
    byName: Type.Record(Type.String(NAME), Type.Object({ flag: Type.Boolean() }, STRICT)),
  },
  STRICT,
);

const WHOLE = { needed: 3, word: 'b', range: [1, 2], unique: ['x'], byName: {} };

function check(tree: unknown, rules: Partial<TreeRules> = {}) {
  const problems = createTreeProblems();
  return { value: checkTree(SCHEMA, tree, { ...RULES, ...rules }, problems), lines: problems.lines() };
}

describe('a tree that fits', () => {
  it('comes back with what it left out, and without what may be left out', () => {
    expect(check(WHOLE)).toEqual({ value: { ...WHOLE, preset: 5, things: [] }, lines: [] });
  });

  it('may have a key without a value only where that is allowed', () => {
    expect(check({ ...WHOLE, preset: null }).lines).toEqual(['preset: must be integer']);
    expect(check({ ...WHOLE, preset: null }, { isNullLeftOut: true })).toEqual(check(WHOLE));
  });

  it('may have empty sections', () => {
    expect(check({ ...WHOLE, byName: null })).toEqual(check(WHOLE));
  });
});

it.each([
  [{ needed: undefined }, ['needed: is missing']],
  [{ needed: 2.5 }, ['needed: must be integer']],
  [{ word: 'c' }, ['word: must be one of a, b']],
  [{ optional: 7 }, ['optional: must be text, and is a number: put it in quotes']],
  [{ secret: 'x' }, ['secret: not here']],
  [{ range: [1] }, ['range: must be a list of 2']],
  [{ range: [null, 'y'] }, ['range[0]: must be integer', 'range[1]: must be integer']],
  [{ unique: 'x' }, ['unique: must be array']],
  [{ unique: [] }, ['unique: must not have fewer than 1 items']],
  [
    { unique: ['x', ' ', 'x', 5] },
    ['unique: must not have more than 3 items', /^unique\[1\]: must be 1 to 64/, /^unique\[3\]: must be text/],
  ],
  [{ things: [{ name: 'x' }, {}, 5, null] }, ['things[1]: says nothing', /^things\[2\]: must be a mapping/, 'things[3]: says nothing']],
  [{ byName: { 'a b': {}, c: {} } }, [/^byName\."a b": is no name/, 'byName.c.flag: is missing']],
  [{ odd: 1, byName: { c: { flag: true, odd: 2 } } }, ['odd: there is no 3', 'byName.c.odd: there is no 3']],
])('names every problem of %j', (given, lines) => {
  const expected = lines.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line)));
  const found = check({ ...WHOLE, ...given }).lines;
  expect(found).toEqual(expect.arrayContaining(expected));
  expect(found).toHaveLength(expected.length);
});

describe('whatever stands in place of a value', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });

  it('is accepted as it is, or named', () => {
    const places = fc.constantFrom<TreePath>(
      ...[[], ['needed'], ['unique'], ['unique', 1], ['things'], ['things', 0], ['byName'], ['byName', 'c'], ['range'], ['range', 0]],
    );
    fc.assert(
      fc.property(places, anything, (path, value) => {
        const given = withValueAt(WHOLE, path, value);
        const { value: taken, lines } = check(given);
        if (lines.length === 0) expect(JSON.parse(JSON.stringify(taken))).toMatchObject(withoutNulls(given));
      }),
    );
  });

  it('never makes a scenario throw', () => {
    const small = { name: 'small', description: 'x', highAvailability: 'n+1', chatServers: ['A', 'B'], target: { ha: true } };
    const places = fc.constantFrom<TreePath>(
      ...[
        [],
        ['name'],
        ['chatServers'],
        ['chatServers', 1],
        ['target'],
        ['latencyMs'],
        ['latencyMs', 'median'],
        ['backups'],
        ['backups', 'A'],
      ],
      ...[
        ['events'],
        ['events', 0],
        ['events', 0, 'crash'],
        ['clients', 'staleMs'],
        ['service', 'stalls'],
        ['operator', 'releaseGuardAtMs'],
      ],
    );
    fc.assert(
      fc.property(places, anything, (path, value) => {
        const parsed = parseScenario(stringify(withValueAt(small, path, value)));
        expect(parsed.ok || parsed.problems.length > 0).toBe(true);
      }),
    );
  });
});

/** An empty section is as good as none. */
function withoutNulls(tree: unknown): object {
  return JSON.parse(JSON.stringify(tree, (_key, value) => value ?? undefined));
}
