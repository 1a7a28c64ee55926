import { describe, expect, it } from 'vitest';
import { gistOf, scenarioBench } from '../scenario/scenario-bench.ts';

describe('a link lost between Interaction Server and one Chat Server', () => {
  it('hides it from whoever asks, and its chats and clients notice nothing', async () => {
    const { world, ask, until, chat } = scenarioBench({ events: [{ atMs: 1_000, link: 'A', state: 'down' }] }, 2);
    await until(60_000);
    expect(chat('chat-000001')).toMatchObject({ status: 'live', host: 'A', truth: { customer: 'present', session: 'running' } });
    expect(gistOf(await ask('chat-000001', 'A'))).toBe('error 1: Not found by name');
    expect(gistOf(await ask('chat-000002', 'B'))).toBe('delivered');
    expect(world.chatServers().map(({ status, connected }) => [status, connected])).toEqual([
      ['up', false],
      ['up', true],
    ]);
  });

  it('lets new chats open on it, and takes no sessions of others', async () => {
    const { world, until, chat } = scenarioBench(
      {
        events: [
          { atMs: 0, link: 'A', state: 'down' },
          { atMs: 1_000, crash: 'B' },
        ],
      },
      2,
    );
    await until(20_000);
    expect(world.control.openSession('new', 'A')).toEqual({ ok: true });
    expect(chat('chat-000002').status).toBe('interrupted');
  });

  it.each([
    ['Interaction Server comes back', (bench: ReturnType<typeof scenarioBench>) => bench.world.control.interactionServer('up')],
    ['it starts again', (bench: ReturnType<typeof scenarioBench>) => bench.world.control.start('A', 'lost')],
  ])('stays lost when %s, until it is there again', async (_, happens) => {
    const bench = scenarioBench({}, 2);
    const { world, until } = bench;
    const isFound = () => world.chatServers()[0]?.connected;
    world.control.link('A', 'down');
    world.control.interactionServer('down');
    world.control.crash('A');
    if (_.startsWith('Inter')) world.control.start('A', 'lost');
    else world.control.interactionServer('up');
    happens(bench);
    await until(60_000);
    expect(isFound()).toBe(false);
    expect(world.control.link('A', 'up')).toEqual({ ok: true });
    expect(isFound()).toBe(true);
  });

  it('cannot be lost twice, nor come back unless it was', () => {
    const { world } = scenarioBench();
    expect(world.control.link('A', 'up')).toEqual({ ok: false, problem: 'the link to A is up already' });
    expect(world.control.link('A', 'down')).toEqual({ ok: true });
    expect(world.control.link('A', 'down')).toEqual({ ok: false, problem: 'the link to A is down already' });
    expect(world.control.link('C', 'down')).toEqual({ ok: false, problem: 'there is no Chat Server C' });
  });

  it('back while Interaction Server is down does not find the Chat Server', async () => {
    const { world, until } = scenarioBench();
    world.control.link('A', 'down');
    world.control.interactionServer('down');
    world.control.link('A', 'up');
    expect(world.chatServers()[0]?.connected).toBe(false);
    world.control.interactionServer('up');
    await until(10_000);
    expect(world.chatServers()[0]?.connected).toBe(true);
  });
});

describe('customers who leave when their chat breaks', () => {
  const crash = [
    { atMs: 1_000, crash: 'A' },
    { atMs: 2_000, start: 'A', sessions: 'restored' },
  ] as const;

  it('are gone at once and for good, and their interactions go on naming the dead server', async () => {
    const { until, world, chat } = scenarioBench({ clients: { leaveShare: 1 }, events: crash }, 2);
    await until(1_000);
    expect(chat('chat-000001')).toMatchObject({ status: 'lost', userData: { ChatServerAppName: 'A', IsOnline: '1' } });
    expect(chat('chat-000001').truth).toEqual({ customer: 'gone', session: 'none', since: 1_000, why: 'A crashed, and its customer left' });
    await until(120_000);
    expect([...world.sessions()].map(({ status }) => status)).toEqual(['lost', 'live']);
  });

  it('are as many as their share says, drawn apart from when the others return', async () => {
    const outcome = async (leaveShare: number) => {
      const { until, world } = scenarioBench({ clients: { leaveShare, returnMs: [2_000, 9_000] }, events: [crash[0]] }, 4_000);
      await until(60_000);
      return [...world.sessions()].map(({ status }) => status);
    };
    const lost = (await outcome(0.3)).filter((status) => status === 'lost').length;
    expect(Math.abs(lost / 2_000 - 0.3)).toBeLessThan(0.03);
    expect(new Set(await outcome(0))).toEqual(new Set(['live']));
  });
});
