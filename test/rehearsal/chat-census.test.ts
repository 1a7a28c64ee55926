import { describe, expect, it } from 'vitest';
import { takeChatCensus } from '../../lab/rehearsal/chat-census.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { type TinyChat, tinyWorld } from './tiny-world.ts';

const CHAT = { session: 'running', host: 'A', name: 'A', says: 'delivered' } as const;

/** One chat stays; the customer of the other is gone from 25 s on. */
function counted(everyMs: number) {
  const clock = createVirtualClock();
  const chats = (nowMs: number): Readonly<Record<string, TinyChat>> => ({
    stays: { ...CHAT, customer: 'present' },
    leaves: { ...CHAT, customer: nowMs < 25_000 ? 'present' : 'gone' },
  });
  return { clock, census: takeChatCensus(tinyWorld(clock, [], chats), clock, everyMs) };
}

describe('the census of chats', () => {
  it('counts who lives, from the beginning on and once more at the end, and notes when somebody is first missed', async () => {
    const { clock, census } = counted(10_000);
    await clock.advance(34_000);
    census.end();
    expect(census.counts.map(({ atMs, living }) => [atMs, living])).toEqual([
      ...[0, 10_000, 20_000].map((atMs) => [atMs, 2]),
      ...[30_000, 34_000].map((atMs) => [atMs, 1]),
    ]);
    expect([...census.goneSinceMs]).toEqual([['leaves', 30_000]]);
    expect(clock.pending()).toBe(0);
  });

  it('counts less often the longer it goes on, evenly over all of the time', async () => {
    const { clock, census } = counted(100);
    await clock.advance(200_000);
    census.end();
    const moments = census.counts.slice(0, -1).map(({ atMs }) => atMs);
    expect(moments.length).toBeGreaterThan(100);
    expect(moments.length).toBeLessThanOrEqual(300);
    expect(new Set(moments.slice(1).map((atMs, n) => atMs - (moments[n] ?? 0))).size).toBe(1);
    expect(moments[0]).toBe(0);
  });
});
