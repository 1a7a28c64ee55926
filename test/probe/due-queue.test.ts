import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDueQueue, type DueQueue, type Queued } from '../../src/probe/clock.ts';

function drained<T>(queue: DueQueue<T>): readonly T[] {
  const items: T[] = [];
  for (let due = queue.takeFirst(); due !== null; due = queue.takeFirst()) items.push(due.item);
  return items;
}

describe('a queue of what falls due', () => {
  it('gives the earliest first, and those of one moment in the order in which they came', () => {
    const queue = createDueQueue<string>();
    for (const [dueMs, item] of [
      [20, 'd'],
      [10, 'a'],
      [20, 'e'],
      [10, 'b'],
      [15, 'c'],
    ] as const)
      queue.add(dueMs, item);
    expect(queue.first()).toMatchObject({ dueMs: 10, item: 'a' });
    expect(drained(queue)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect([queue.first(), queue.takeFirst()]).toEqual([null, null]);
  });

  it('removes what was given up, once, and nothing else', () => {
    const queue = createDueQueue<string>();
    const a = queue.add(1, 'a');
    const b = queue.add(2, 'b');
    queue.add(3, 'c');
    queue.remove(b);
    queue.remove(b);
    expect(queue.takeFirst()?.item).toBe('a');
    queue.remove(a);
    expect(drained(queue)).toEqual(['c']);
  });

  it('keeps its order whatever is added and removed', () => {
    const steps = fc.array(fc.record({ dueMs: fc.integer({ min: 0, max: 9 }), removes: fc.option(fc.nat(40)) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (given) => {
        const queue = createDueQueue<number>();
        const queued: Queued<number>[] = [];
        const removed = new Set<number>();
        for (const [n, { dueMs, removes }] of given.entries()) {
          queued.push(queue.add(dueMs, n));
          const gone = removes === null ? undefined : queued[removes];
          if (removes !== null && gone !== undefined) {
            queue.remove(gone);
            removed.add(removes);
          }
        }
        const left = given.map(({ dueMs }, n) => ({ dueMs, n })).filter(({ n }) => !removed.has(n));
        expect(drained(queue)).toEqual(left.sort((one, other) => one.dueMs - other.dueMs || one.n - other.n).map(({ n }) => n));
      }),
    );
  });
});
