import { describe, expect, it } from 'vitest';
import { MAX_TRANSCRIPT } from '../../../lab/simulator/world/session.ts';
import type { Commanded, WorldControl } from '../../../lab/simulator/world/world.ts';
import { gistOf, scenarioBench } from '../scenario/scenario-bench.ts';

describe('opening and closing a session', () => {
  it('opens it live, with its host and its being online in the user data', async () => {
    const { world, until, chat } = scenarioBench();
    await until(7);
    expect(world.control.openSession('x', 'A')).toEqual({ ok: true });
    expect(chat('x')).toEqual({
      id: 'x',
      host: 'A',
      status: 'live',
      truth: { customer: 'present', session: 'running', since: 7, why: 'its customer opened it' },
      userData: { ChatServerAppName: 'A', IsOnline: '1' },
      transcript: [],
    });
  });

  it('closes it in good order: the customer is gone, and the interaction says so', async () => {
    const { world, until, ask, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    await until(9);
    expect(world.control.closeSession('x')).toEqual({ ok: true });
    expect(chat('x')).toMatchObject({
      host: null,
      status: 'closed',
      truth: { customer: 'gone', session: 'none', since: 9 },
      userData: { ChatServerAppName: 'A', IsOnline: '0' },
    });
    expect(world.chatServers()[0]?.sessions).toBe(0);
    expect(gistOf(await ask('x', 'A'))).toBe('fault 100');
  });

  it('leaves alone what was handed out before', async () => {
    const { world, ask, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    const before = chat('x');
    const servers = world.chatServers();
    await ask('x', 'A');
    world.control.crash('A');
    expect([before.status, before.transcript, servers[0]?.status]).toEqual(['live', [], 'up']);
  });

  it('keeps the last messages of a session that is written to for ever', async () => {
    const { world, ask, until, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    for (let n = 0; n <= MAX_TRANSCRIPT; n += 1) {
      await until(n);
      await ask('x', 'A');
    }
    const { transcript } = chat('x');
    expect([transcript.length, transcript.at(0)?.atMs, transcript.at(-1)?.atMs]).toEqual([MAX_TRANSCRIPT, 1, MAX_TRANSCRIPT]);
  });

  it('knows nothing of a session that was never opened', () => {
    const { world } = scenarioBench();
    expect(world.session('x')).toBeNull();
    expect(world.truth('x')).toEqual({ customer: 'gone', session: 'none', since: 0, why: 'the world never knew it' });
  });

  it('tells the same truth of a session and of its view', () => {
    const { world, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    world.control.crash('A');
    expect(world.truth('x')).toEqual(chat('x').truth);
  });
});

describe('a command that is impossible', () => {
  const prepared = () => {
    const bench = scenarioBench({ highAvailability: 'primary-backup', chatServers: ['A', 'B', 'C'], backups: { A: 'B' } });
    bench.world.control.openSession('x', 'A');
    bench.world.control.openSession('over', 'A');
    bench.world.control.closeSession('over');
    bench.world.control.openSession('hanging', 'C');
    bench.world.control.crash('C');
    bench.world.control.limit('A', 1);
    return bench;
  };

  it.each<[string, string, (control: WorldControl) => Commanded]>([
    ['an id taken', 'there is a session x already', (control) => control.openSession('x', 'A')],
    ['a session on an unknown Chat Server', 'there is no Chat Server Z', (control) => control.openSession('y', 'Z')],
    ['a session on a Chat Server that is down', 'C is down', (control) => control.openSession('y', 'C')],
    ['a session on a backup', 'B is a backup and takes no sessions now', (control) => control.openSession('y', 'B')],
    ['a session too many', 'A has reached its limit of 1 sessions', (control) => control.openSession('y', 'A')],
    ['the end of an unknown session', 'there is no session y', (control) => control.closeSession('y')],
    ['a second end', 'session over is over already', (control) => control.closeSession('over')],
    [
      'a clean end without a Chat Server',
      'session hanging runs nowhere now, so that nobody can close it cleanly',
      (control) => control.closeSession('hanging'),
    ],
    ['a crash of what is down', 'C is down already', (control) => control.crash('C')],
    ['a crash of an unknown Chat Server', 'there is no Chat Server Z', (control) => control.crash('Z')],
    ['a start of what is up', 'A is up already', (control) => control.start('A', 'lost')],
    ['a start of an unknown Chat Server', 'there is no Chat Server Z', (control) => control.start('Z', 'lost')],
    ['a negative slowness', 'extraMs must not be negative', (control) => control.slow('A', -1)],
    ['a slowness that is no number', 'extraMs must not be negative', (control) => control.slow('A', Number.NaN)],
    ['a negative limit', 'maxSessions must not be negative', (control) => control.limit('A', -1)],
    ['flapping of what is down', 'C is down already', (control) => control.flap('C', { downMs: 1, upMs: 1, times: 1 })],
    ['flapping without a pause', 'downMs and upMs must be above 0', (control) => control.flap('A', { downMs: 0, upMs: 1, times: 1 })],
    ['flapping no time', 'times must be a whole number from 1', (control) => control.flap('A', { downMs: 1, upMs: 1, times: 0 })],
  ])('is refused and changes nothing: %s', async (_what, problem, command) => {
    const { world, until } = prepared();
    const picture = () => JSON.stringify([world.chatServers(), [...world.sessions()]]);
    const before = picture();
    expect(command(world.control)).toEqual({ ok: false, problem });
    expect(picture()).toBe(before);
    await until(10);
    expect(picture()).toBe(before);
  });

  it('is refused: sessions restored without high availability', () => {
    const { world } = scenarioBench({ highAvailability: 'none' });
    world.control.crash('A');
    expect(world.control.start('A', 'restored')).toEqual({ ok: false, problem: 'sessions cannot be restored without high availability' });
    expect(world.chatServers()[0]?.status).toBe('down');
  });
});

describe('flapping', () => {
  const statusAt = async (times: readonly number[], bench: ReturnType<typeof scenarioBench>) => {
    const seen: string[] = [];
    for (const ms of times) {
      await bench.until(ms);
      seen.push(bench.world.chatServers()[0]?.status ?? '');
    }
    return seen;
  };

  it('crashes now, and as often as told, for as long as told', async () => {
    const bench = scenarioBench();
    expect(bench.world.control.flap('A', { downMs: 100, upMs: 50, times: 2 })).toEqual({ ok: true });
    expect(await statusAt([0, 99, 100, 149, 150, 249, 250, 1_000], bench)).toEqual([
      'down',
      'down',
      'up',
      'up',
      'down',
      'down',
      'up',
      'up',
    ]);
  });

  it('goes on where somebody starts or crashes the Chat Server in between', async () => {
    const bench = scenarioBench();
    bench.world.control.flap('A', { downMs: 100, upMs: 50, times: 2 });
    await bench.until(10);
    bench.world.control.start('A', 'lost');
    await bench.until(120);
    bench.world.control.crash('A');
    expect(await statusAt([121, 149, 150, 250], bench)).toEqual(['down', 'down', 'down', 'up']);
  });
});

describe('flapping of a Chat Server that somebody else turns as well', () => {
  it('does not crash it a second time: what it can restore stays', async () => {
    const { world, until, chat } = scenarioBench();
    world.control.flap('A', { downMs: 100, upMs: 50, times: 2 });
    await until(110);
    world.control.openSession('x', 'A');
    world.control.crash('A');
    await until(200);
    world.control.start('A', 'restored');
    expect(chat('x').host).toBe('A');
  });

  it('does not start it a second time: it is not connected before Interaction Server is', async () => {
    const { world, until } = scenarioBench();
    world.control.flap('A', { downMs: 100, upMs: 50, times: 1 });
    world.control.start('A', 'lost');
    world.control.interactionServer('down');
    world.control.interactionServer('up');
    await until(100);
    expect(world.chatServers()[0]).toMatchObject({ status: 'up', connected: false });
  });
});

describe('what happens by itself', () => {
  it('has happened by the time that somebody looks, without a timer', async () => {
    const { clock, world, chat } = scenarioBench({ events: [{ atMs: 10, crash: 'A' }] }, 2);
    clock.stall(20_000);
    expect(chat('chat-000001')).toMatchObject({ host: 'B', truth: { since: 5_010 } });
    expect([...world.sessions()].map(({ host }) => host)).toEqual(['B', 'B']);
  });

  it('comes before a command that is given later', async () => {
    const { clock, world } = scenarioBench({ events: [{ atMs: 10, crash: 'A' }] });
    clock.stall(20);
    expect(world.control.crash('A')).toEqual({ ok: false, problem: 'A is down already' });
  });

  it('is passed over where a command from outside came first', async () => {
    const { world, until } = scenarioBench({
      events: [
        { atMs: 10, crash: 'A' },
        { atMs: 20, start: 'A', sessions: 'lost' },
      ],
    });
    world.control.crash('A');
    await until(20);
    expect(world.chatServers()[0]?.status).toBe('up');
  });
});
