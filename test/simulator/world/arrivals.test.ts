import { describe, expect, it } from 'vitest';
import { arrivalsOf } from '../../../lab/simulator/world/arrivals.ts';
import { scenarioBench } from '../scenario/scenario-bench.ts';

const arriving = (arrivePerSecond: number) => ({ chats: { onlineShare: 1, staleShare: 0, arrivePerSecond, arriveForMs: 0, queueMs: 0 } });
const hosts = (world: ReturnType<typeof scenarioBench>['world']) => [...world.sessions()].map(({ host }) => host);

describe('the moments of arrivals', () => {
  it('keep the rate, each somewhere in its own part of a second', () => {
    const arrivals = arrivalsOf(arriving(4), 1_000, 1);
    expect(arrivals[0]?.id).toBe('chat-000001');
    expect(arrivals.map(({ atMs }) => Math.floor(atMs / 250))).toEqual(arrivals.map((_, n) => n));
    const offsets = arrivals.map(({ atMs }, n) => atMs - n * 250);
    expect(Math.min(...offsets)).toBeLessThan(20);
    expect(Math.max(...offsets)).toBeGreaterThan(230);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(arrivalsOf(arriving(4), 50, 7)).toEqual(arrivalsOf(arriving(4), 50, 7));
    expect(arrivalsOf(arriving(4), 50, 7)).not.toEqual(arrivalsOf(arriving(4), 50, 8));
  });
});

describe('chats that arrive', () => {
  it('are not there before, and come to all Chat Servers that are up', async () => {
    const { world, until } = scenarioBench(arriving(10), 200);
    expect(hosts(world)).toEqual([]);
    await until(10_000);
    expect(hosts(world)).toHaveLength(100);
    for (const name of ['A', 'B']) expect(hosts(world).filter((host) => host === name).length).toBeGreaterThan(30);
    await until(20_000);
    expect(hosts(world)).toHaveLength(200);
  });

  it('come at the moments that were told beforehand', async () => {
    const { world, until } = scenarioBench(arriving(10), 20);
    await until(10_000);
    const since = [...world.sessions()].map(({ id, truth }) => ({ id, atMs: truth.since }));
    expect(since).toEqual(arrivalsOf(arriving(10), 20, 1));
  });

  it('do not come to a Chat Server that is down, and come to one whose link is lost', async () => {
    const down = scenarioBench({ ...arriving(10), events: [{ atMs: 0, crash: 'A' }] }, 50);
    await down.until(5_000);
    expect(new Set(hosts(down.world))).toEqual(new Set(['B']));
    const unlinked = scenarioBench({ ...arriving(10), events: [{ atMs: 0, link: 'A', state: 'down' }] }, 50);
    await unlinked.until(5_000);
    expect(new Set(hosts(unlinked.world))).toEqual(new Set(['A', 'B']));
  });

  it('find no room, and then never come to be', async () => {
    const limits = ['A', 'B'].map((limit) => ({ atMs: 0, limit, maxSessions: 5 }));
    const { world, until } = scenarioBench({ ...arriving(10), events: limits }, 50);
    await until(5_000);
    expect(hosts(world)).toHaveLength(10);
  });

  it('are stale or closed in the shares of the scenario', async () => {
    const { world, until } = scenarioBench(
      { chats: { onlineShare: 0.8, staleShare: 0.3, arrivePerSecond: 100, arriveForMs: 0, queueMs: 0 } },
      4_000,
    );
    await until(40_000);
    const statuses = [...world.sessions()].map(({ status }) => status);
    for (const [status, part] of [
      ['live', 0.5],
      ['closed', 0.2],
      ['lost', 0.3],
    ] as const)
      expect(Math.abs(statuses.filter((each) => each === status).length / 4_000 - part)).toBeLessThan(0.03);
  });
});
