import { describe, expect, it } from 'vitest';
import { FLOWS, readFlow } from './node-red-flows.ts';

describe.each(FLOWS)('examples/workflow/node-red/%s.json', (name) => {
  const nodes = readFlow(name);
  const ids = nodes.map(({ id }) => id);
  const working = nodes.filter(({ type }) => ['function', 'http request', 'delay'].includes(type));

  it('is one flow whose wires lead somewhere', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(nodes.filter(({ type }) => type === 'tab')).toHaveLength(1);
    for (const { z, type } of nodes) expect(z).toBe(type === 'tab' ? undefined : nodes[0]?.id);
    expect(nodes.flatMap(({ wires = [] }) => wires.flat()).filter((to) => !ids.includes(to))).toEqual([]);
  });

  it('catches what goes wrong in whatever works, and leads it to the route', () => {
    const caught = nodes.filter(({ type }) => type === 'catch');
    expect(caught.map(({ wires }) => wires)).toEqual([[[`${name}-route`]]]);
    expect(caught[0]?.scope?.toSorted()).toEqual(working.map(({ id }) => id).toSorted());
    for (const node of nodes.filter(({ type }) => type === 'http request')) expect(node).toMatchObject({ senderr: true, ret: 'obj' });
  });

  it('leads from every node that works to both ends', () => {
    const following = (id: string, seen = new Set<string>()): ReadonlySet<string> => {
      for (const next of nodes.find((node) => node.id === id)?.wires?.flat() ?? []) if (!seen.has(next)) following(next, seen.add(next));
      return seen;
    };
    for (const { id } of working) expect([...following(id)]).toEqual(expect.arrayContaining([`${name}-stop`, `${name}-route`]));
  });
});
