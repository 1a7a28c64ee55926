import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chat, createChats } from '../../../src/resilience/single-flight/chats.ts';
import { heapBytes } from './heap-bytes.ts';

describe('what is remembered of chats', () => {
  it('is found again by the id to the letter', () => {
    const chats = createChats(1_000, 10);
    const chat = chats.get('0006Ka9HFHRR0T2B', 0);
    expect(chats.get('0006Ka9HFHRR0T2B', 5)).toBe(chat);
    expect(chats.get('0006ka9hfhrr0t2b', 5)).not.toBe(chat);
    expect(chats.size).toBe(2);
  });

  it('is kept until its time is over, counted from the end of the last run', () => {
    const chats = createChats(1_000, 10);
    const chat = chats.get('A', 0);
    chats.enter(chat);
    chats.enter(chat);
    chats.leave(chat, 300);
    chats.get('B', 5_000);
    chats.leave(chat, 5_000);
    chats.get('C', 5_999);
    expect(chats.get('A', 5_999)).toBe(chat);
    chats.get('D', 6_000);
    expect(chats.get('A', 6_000)).not.toBe(chat);
  });

  it('is forgotten little by little, as new ones come', () => {
    const chats = createChats(1_000, 100);
    for (let n = 0; n < 50; n += 1) chats.get(`old${n}`, 0);
    const sizes = [1, 2, 3].map((n) => {
      chats.get(`new${n}`, 1_000);
      return chats.size;
    });
    expect(sizes).toEqual([49, 48, 47]);
  });

  it('makes room by forgetting who has been idle longest, never who has a run', () => {
    const chats = createChats(1_000, 3);
    const [a, b, c] = ['A', 'B', 'C'].map((id) => chats.get(id, 0)) as [Chat, Chat, Chat];
    chats.enter(b);
    chats.enter(a);
    chats.leave(a, 1);
    chats.get('D', 2);
    expect(chats.size).toBe(3);
    expect(chats.get('A', 2)).toBe(a);
    expect(chats.get('B', 2)).toBe(b);
    expect(chats.get('C', 2)).not.toBe(c);
  });

  it('may be more than the most while all of them have runs, and falls again after that', () => {
    const chats = createChats(1_000, 2);
    const busy = ['A', 'B', 'C', 'D'].map((id) => {
      const chat = chats.get(id, 0);
      chats.enter(chat);
      return chat;
    });
    expect(chats.size).toBe(4);
    for (const chat of busy) chats.leave(chat, 1);
    chats.get('E', 1);
    expect(chats.size).toBe(3);
    chats.get('F', 1);
    expect(chats.size).toBe(2);
  });

  it('is that of 50,000 unless told otherwise', () => {
    const chats = createChats(1_000);
    const first = chats.get('first', 0);
    for (let n = 0; n < 49_999; n += 1) chats.get(`other${n}`, 0);
    expect([chats.size, chats.get('first', 0)]).toEqual([50_000, first]);
    chats.get('one more', 0);
    expect(chats.size).toBe(50_000);
    expect(chats.get('first', 0)).not.toBe(first);
  });

  it('keeps nothing of the requests that the ids were cut from', () => {
    const chats = createChats(1_000, 10_000);
    const beforeBytes = heapBytes();
    for (let n = 0; n < 1_000; n += 1) {
      const url = Buffer.alloc(16_384, `/interactions/${String(n).padStart(16, '0')}/probe?`).toString('latin1');
      chats.get(url.slice(14, 30), 0);
    }
    expect(heapBytes() - beforeBytes).toBeLessThan(4_000_000);
    expect(chats.size).toBe(1_000);
  });
});

describe('whatever comes and goes', () => {
  interface Step {
    readonly id: string;
    readonly does: 'get' | 'enter' | 'leave';
    readonly afterMs: number;
  }
  const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.record({
      id: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'),
      does: fc.constantFrom('get', 'enter', 'leave'),
      afterMs: fc.integer({ min: 0, max: 8 }),
    }),
    { maxLength: 60, size: 'max' },
  );

  it('chats are kept and forgotten as in a plain list', () => {
    const keepMs = 20;
    const most = 4;
    fc.assert(
      fc.property(steps, (given) => {
        const chats = createChats(keepMs, most);
        const handles = new Map<string, Chat>();
        /** Idle ones in the order in which they became so. */
        let idle: { readonly id: string; readonly sinceMs: number }[] = [];
        const runs = new Map<string, number>();
        let nowMs = 0;
        for (const { id, does, afterMs } of given) {
          nowMs += afterMs;
          const handle = handles.get(id);
          if (does === 'leave') {
            if (handle === undefined || (runs.get(id) ?? 0) === 0) continue;
            chats.leave(handle, nowMs);
            runs.set(id, (runs.get(id) ?? 0) - 1);
            if (runs.get(id) === 0) idle.push({ id, sinceMs: nowMs });
            continue;
          }
          if (handle === undefined) {
            for (let n = 0; n < 2; n += 1) {
              const oldest = idle[0];
              if (oldest === undefined || (handles.size < most && nowMs - oldest.sinceMs < keepMs)) break;
              idle.shift();
              handles.delete(oldest.id);
            }
          }
          const chat = chats.get(id, nowMs);
          // Not by `expect`, which would take most of the time.
          if ((chat === handle) !== (handle !== undefined)) throw new Error(`${id} was ${handle ? 'forgotten' : 'kept'}`);
          if (handle === undefined) idle.push({ id, sinceMs: nowMs });
          handles.set(id, chat);
          if (does === 'enter') {
            chats.enter(chat);
            runs.set(id, (runs.get(id) ?? 0) + 1);
            idle = idle.filter((each) => each.id !== id);
          }
          if (chats.size !== handles.size) throw new Error(`${chats.size} kept for ${handles.size}`);
        }
      }),
    );
  }, 60_000);
});
