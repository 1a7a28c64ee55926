import { describe, expect, it } from 'vitest';
import { scenarioBench } from '../scenario/scenario-bench.ts';

describe('the chats that there are when the world begins', () => {
  it('are numbered, and spread in turn over the Chat Servers that are no backups', () => {
    const { world } = scenarioBench({ highAvailability: 'primary-backup', chatServers: ['A', 'B', 'C'], backups: { A: 'B' } }, 3);
    expect([...world.sessions()].map(({ id, host }) => [id, host])).toEqual([
      ['chat-000001', 'A'],
      ['chat-000002', 'C'],
      ['chat-000003', 'A'],
    ]);
    expect(world.chatServers().map(({ sessions }) => sessions)).toEqual([2, 0, 1]);
  });

  it('are closed or stale in the shares of the scenario', () => {
    const { world } = scenarioBench({ chats: { onlineShare: 0.8, staleShare: 0.3 } }, 10_000);
    const counts = { live: 0, closed: 0, lost: 0, interrupted: 0 };
    for (const { status } of world.sessions()) counts[status] += 1;
    for (const [share, count] of [
      [0.5, counts.live],
      [0.2, counts.closed],
      [0.3, counts.lost],
    ] as const) {
      expect(Math.abs(count / 10_000 - share)).toBeLessThan(0.02);
    }
  });

  it('have their customers gone and their interactions say so, or not, where they are closed or stale', () => {
    const closed = scenarioBench({ chats: { onlineShare: 0, staleShare: 0 } }, 1).chat('chat-000001');
    const stale = scenarioBench({ chats: { onlineShare: 1, staleShare: 1 } }, 1).chat('chat-000001');
    expect(closed).toMatchObject({ truth: { customer: 'gone' }, userData: { IsOnline: '0', ChatServerAppName: 'A' } });
    expect(stale).toMatchObject({ truth: { customer: 'gone' }, userData: { IsOnline: '1', ChatServerAppName: 'A' } });
  });

  it('are the same for the same seed, and others for another', () => {
    const picture = (seed: number) =>
      JSON.stringify([...scenarioBench({ seed, chats: { onlineShare: 0.5, staleShare: 0.2 } }, 200).world.sessions()]);
    expect(picture(5)).toBe(picture(5));
    expect(picture(5)).not.toBe(picture(6));
  });
});
