import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RepeatedKey, repeatedKeys } from '../../src/json/json-object.ts';

const PLENTY = 1_000;

describe('repeatedKeys', () => {
  it.each([
    ['{"a":1,"a":2}', [['a']]],
    ['{"a":1,"b":{"a":2}}', []],
    ['{"b":{"a":{"c":1,"c":1}}}', [['b', 'a', 'c']]],
    ['[{"a":1},{"a":2}]', []],
    ['{"l":[[{"a":1,"a":1}]]}', [['l', '', '', 'a']]],
    ['{"a":1,"a":2,"a":3}', [['a']]],
    ['{"a":{"x":1},"a":{"x":1,"x":2}}', [['a'], ['a', 'x']]],
    ['{"FaultCode":1,"\\u0046aultCode":2}', [['FaultCode']]],
    ['{"a/b":1,"a\\/b":2}', [['a/b']]],
    ['{"":1,"":2}', [['']]],
    ['{"__proto__":1,"__proto__":2,"constructor":3}', [['__proto__']]],
    ['{"a":1,"A":2}', []],
    ['{"a":"a","b":"a"}', []],
    ['["a","a"]', []],
    ['{"a":"\\",\\"a\\":1","b":"\\\\"}', []],
    ['{"a":[],"b":{},"a":1}', [['a']]],
    [' { "a" : 1 , \n"a" : [ 2 ] } ', [['a']]],
    ['"a"', []],
    ['7', []],
  ] as const)('of %s are %j', (text, repeated) => {
    expect(JSON.parse(text)).toBeDefined();
    expect(repeatedKeys(text, PLENTY)?.map(({ path }) => path)).toEqual(repeated);
  });

  it.each([
    ['{"a":1,"a":2}', false],
    ['{"a":[],"a":2}', true],
    ['{"a":1,"a":{}}', true],
    ['{"a":1,"a":2,"a":{}}', true],
    ['{"a":1,"a":2,"b":{}}', false],
    ['[{"a":1,"a":2},[]]', false],
  ] as const)('tells whether more than a plain value may be lost: %s %s', (text, holdsMore) => {
    expect(repeatedKeys(text, PLENTY)).toMatchObject([{ path: expect.arrayContaining(['a']), holdsMore }]);
  });

  it('looks as deep as it is told, and no deeper', () => {
    expect(repeatedKeys('{"a":[{}]}', 3)).toEqual([]);
    expect(repeatedKeys('{"a":[{}]}', 2)).toBeNull();
    expect(repeatedKeys('7', 0)).toEqual([]);
  });

  it('finds what a tree says, whatever is in it and however it is written', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        expect(repeatedKeys(written(tree), PLENTY)).toMatchObject(repeatedIn(tree, []));
      }),
    );
  });

  it('finds nothing in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(repeatedKeys(JSON.stringify(value), PLENTY)).toEqual([]);
      }),
    );
  });

  it.each([
    ['one key again and again', `{"a":1${',"a":1'.repeat(12_000)}}`],
    ['many keys', `{${Array.from({ length: 6_000 }, (_, n) => `"${n}":1`).join(',')}}`],
    ['a key of escapes', `{"${'\\\\'.repeat(30_000)}":1}`],
    ['quotes within a text', `{"a":"${'\\"'.repeat(30_000)}"}`],
    ['lists without end', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('takes no more than a moment for 64 KiB of %s', (_what, text) => {
    const startedMs = performance.now();
    repeatedKeys(text, PLENTY);
    // A pass takes some 5 ms; what is quadratic takes seconds.
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

/** JSON as it may be written: keys may come again, and both they and spaces may be written in more than one way. */
type Tree =
  | { readonly pairs: readonly (readonly [string, boolean, Tree])[] }
  | { readonly items: readonly Tree[] }
  | { readonly text: string };

const keys = fc.oneof(fc.constantFrom('a', 'b', '"', '\\', 'Ü', ''), fc.string({ maxLength: 2 }));
const { trees } = fc.letrec<{ trees: Tree }>((tie) => ({
  trees: fc.oneof(
    { depthSize: 'small' },
    fc.record({ text: fc.jsonValue({ maxDepth: 0 }).map((value) => JSON.stringify(value)) }),
    fc.record({ items: fc.array(tie('trees'), { maxLength: 3 }) }),
    fc.record({ pairs: fc.array(fc.tuple(keys, fc.boolean(), tie('trees')), { maxLength: 4 }) }),
  ),
}));

function written(tree: Tree): string {
  if ('text' in tree) return tree.text;
  if ('items' in tree) return `[ ${tree.items.map(written).join(' ,')}]`;
  return `{${tree.pairs.map(([key, isEscaped, value]) => ` ${isEscaped ? escaped(key) : JSON.stringify(key)}\t: ${written(value)}`).join(',')} }`;
}

function escaped(key: string): string {
  return `"${key
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')}"`;
}

function repeatedIn(tree: Tree, path: readonly string[]): readonly RepeatedKey[] {
  if ('text' in tree) return [];
  if ('items' in tree) return tree.items.flatMap((item) => repeatedIn(item, [...path, '']));
  return tree.pairs.flatMap(([key, , value], n) => {
    const same = tree.pairs.filter(([other]) => other === key);
    const isSecond = same[1] === tree.pairs[n];
    const found = isSecond ? [{ path: [...path, key], holdsMore: same.some(([, , one]) => !('text' in one)) }] : [];
    return [...found, ...repeatedIn(value, [...path, key])];
  });
}
