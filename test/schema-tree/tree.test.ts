import { expect, it } from 'vitest';
import { dotted, valueAt, withValueAt } from '../../src/schema-tree/tree.ts';

it('finds what the tree itself holds and nothing that objects have by nature', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1);
  expect(valueAt({ a: {} }, ['a', 'constructor'])).toBeUndefined();
  expect(valueAt({ a: 'text' }, ['a', 'length'])).toBeUndefined();
});

it('shows no two paths alike', () => {
  expect(dotted(['targets', 'a', 'gateways', 1])).toBe('targets.a.gateways[1]');
  expect(dotted(['targets', 'a.gateways[1]'])).toBe('targets."a.gateways[1]"');
  expect(dotted(['a\nb'])).toBe('"a\\nb"');
});

it('sets a value in a copy and makes what lacks on the way', () => {
  const tree = Object.freeze({ kept: 1 });
  expect(withValueAt(tree, ['a', 'b', 1], 2)).toEqual({ kept: 1, a: { b: [undefined, 2] } });
  expect(withValueAt({ a: [1, 2] }, ['a', 1], 3)).toEqual({ a: [1, 3] });
});

it('leaves a tree of another shape as it is', () => {
  expect(withValueAt({ a: 5 }, ['a', 'b'], 2)).toEqual({ a: 5 });
  expect(withValueAt({ a: 5 }, ['a', 1], 2)).toEqual({ a: 5 });
});
