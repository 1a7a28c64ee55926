import { describe, expect, it } from 'vitest';
import type { ScenarioBench, ScenarioChanges } from '../scenario/scenario-bench.ts';
import { gistOf, scenarioBench } from '../scenario/scenario-bench.ts';

const RUNNING = { customer: 'present', session: 'running' } as const;
const RESTORABLE = { customer: 'present', session: 'restorable' } as const;
const GONE = { customer: 'gone', session: 'none' } as const;
const BY_NAME = 'error 1: Not found by name';

/** A chat `x` on A, which crashes at 0. */
function crashed(changes: ScenarioChanges = {}): ScenarioBench {
  const bench = scenarioBench(changes);
  bench.world.control.openSession('x', 'A');
  bench.world.control.crash('A');
  return bench;
}

function connectedOf({ world }: ScenarioBench): readonly string[] {
  return world.chatServers().flatMap(({ name, connected }) => (connected ? [name] : []));
}

describe('without high availability', () => {
  it('a crash ends the chats on that Chat Server at once, and no others', () => {
    const { world, chat } = scenarioBench({ highAvailability: 'none' });
    world.control.openSession('x', 'A');
    world.control.openSession('y', 'B');
    world.control.crash('A');
    expect(chat('x')).toMatchObject({ host: null, status: 'lost', truth: { ...GONE, since: 0 } });
    expect(chat('y')).toMatchObject({ host: 'B', status: 'live', truth: RUNNING });
  });

  it('the interaction of such a chat goes on saying that it is online', async () => {
    const { until, chat } = crashed({ highAvailability: 'none' });
    await until(3_600_000);
    expect(chat('x').userData).toEqual({ ChatServerAppName: 'A', IsOnline: '1' });
  });

  it('the Chat Server is back empty: first not found, then without the session', async () => {
    const { world, ask } = crashed({ highAvailability: 'none' });
    expect(gistOf(await ask('x', 'A'))).toBe(BY_NAME);
    world.control.start('A', 'lost');
    expect(gistOf(await ask('x', 'A'))).toBe('fault 100');
    expect(gistOf(await ask('x', 'B'))).toBe('fault 100');
  });
});

describe('with N+1', () => {
  it('a session can be restored from the crash until its client is back', async () => {
    const { until, chat } = crashed();
    await until(4_999);
    expect(chat('x')).toMatchObject({ host: null, status: 'interrupted', truth: { ...RESTORABLE, since: 0 } });
    await until(5_000);
    expect(chat('x')).toMatchObject({ host: 'B', status: 'live', truth: { ...RUNNING, since: 5_000 } });
  });

  it('is answered not found by name, then fault 100 by another, then delivered where it is', async () => {
    const { until, ask } = crashed();
    expect(gistOf(await ask('x', 'A'))).toBe(BY_NAME);
    expect(gistOf(await ask('x', 'B'))).toBe('fault 100');
    await until(5_000);
    expect(gistOf(await ask('x', 'B'))).toBe('delivered');
  });

  it('user data follow a move after their time, and the old name cannot find the session', async () => {
    const { world, until, ask, chat } = crashed();
    await until(5_000);
    world.control.start('A', 'lost');
    await until(5_999);
    expect(chat('x').userData['ChatServerAppName']).toBe('A');
    expect(gistOf(await ask('x', 'A'))).toBe('fault 100');
    await until(6_000);
    expect(chat('x').userData['ChatServerAppName']).toBe('B');
  });

  it('user data are not written by a Chat Server that crashed before', async () => {
    const { world, until, chat } = crashed({ chatServers: ['A', 'B', 'C'] });
    await until(5_000);
    const second = String(chat('x').host);
    await until(5_500);
    world.control.crash(second);
    await until(10_499);
    expect(chat('x').userData['ChatServerAppName']).toBe('A');
    await until(11_500);
    expect(chat('x')).toMatchObject({ status: 'live', userData: { ChatServerAppName: second === 'B' ? 'C' : 'B' } });
  });

  it('the transcript moves with the session', async () => {
    const { world, until, ask, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    await ask('x', 'A');
    world.control.crash('A');
    await until(5_000);
    await ask('x', 'B');
    expect(chat('x').transcript.map(({ atMs }) => atMs)).toEqual([0, 5_000]);
  });

  it('a client that finds no room tries again every second', async () => {
    const { world, until, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    world.control.limit('B', 0);
    world.control.crash('A');
    await until(7_500);
    world.control.limit('B', 1);
    await until(7_999);
    expect(chat('x').status).toBe('interrupted');
    await until(8_000);
    expect(chat('x').host).toBe('B');
  });

  it('a Chat Server takes no more sessions than its limit, and the others are dropped', async () => {
    const { world, until, chat } = scenarioBench();
    for (const id of ['x', 'y', 'z']) world.control.openSession(id, 'A');
    world.control.limit('B', 2);
    world.control.crash('A');
    await until(45_000);
    expect(world.chatServers()[1]).toMatchObject({ name: 'B', sessions: 2, maxSessions: 2 });
    expect(['x', 'y', 'z'].map((id) => chat(id).status)).toEqual(['live', 'live', 'lost']);
  });

  it('a client without a Chat Server for flex-disconnect-timeout is gone for good', async () => {
    const { world, until, chat } = crashed();
    world.control.crash('B');
    await until(44_999);
    expect(chat('x').truth).toMatchObject(RESTORABLE);
    await until(45_000);
    expect(chat('x')).toMatchObject({ status: 'lost', truth: { ...GONE, since: 45_000 }, userData: { IsOnline: '1' } });
    world.control.start('A', 'restored');
    world.control.start('B', 'lost');
    await until(3_600_000);
    expect(chat('x').truth).toMatchObject({ ...GONE, since: 45_000 });
  });

  it('clients return to Chat Servers that are connected to Interaction Server only', async () => {
    const { world, until, chat } = crashed();
    world.control.interactionServer('down');
    await until(6_500);
    world.control.interactionServer('up');
    await until(8_499);
    expect(chat('x').status).toBe('interrupted');
    await until(9_000);
    expect(chat('x').host).toBe('B');
  });

  it('clients return at moments of their own, within the range', async () => {
    const { world, until } = scenarioBench({ clients: { returnMs: [2_000, 4_000] } }, 200);
    world.control.crash('A');
    const interrupted = () => [...world.sessions()].filter(({ status }) => status === 'interrupted').length;
    await until(1_999);
    expect(interrupted()).toBe(100);
    await until(3_000);
    expect(interrupted()).toBeGreaterThan(25);
    expect(interrupted()).toBeLessThan(75);
    await until(4_000);
    expect(interrupted()).toBe(0);
  });

  it('a Chat Server that starts empty has lost what it ran, and the client finds another', async () => {
    const { world, until, ask, chat } = crashed();
    await until(1_000);
    world.control.start('A', 'lost');
    expect(chat('x').truth).toMatchObject(RESTORABLE);
    expect(gistOf(await ask('x', 'A'))).toBe('fault 100');
    await until(5_000);
    expect(chat('x').truth).toMatchObject(RUNNING);
  });

  it('a Chat Server that starts with its sessions runs again what has not moved or ended', async () => {
    const { world, until, ask, chat } = scenarioBench({ clients: { returnMs: [2_000, 2_000] } });
    for (const id of ['moved', 'stays']) world.control.openSession(id, 'A');
    world.control.limit('B', 1);
    world.control.crash('A');
    await until(2_500);
    world.control.start('A', 'restored');
    expect([chat('moved').host, chat('stays').host]).toEqual(['B', 'A']);
    expect(gistOf(await ask('stays', 'A'))).toBe('delivered');
    // Nothing that was planned for the outage happens to it any more.
    await until(3_600_000);
    expect(chat('stays')).toMatchObject({ host: 'A', truth: { since: 2_500 } });
  });

  it('a Chat Server that starts with its sessions leaves alone what another has lost since', async () => {
    const { world, until, chat } = crashed();
    await until(5_000);
    world.control.crash('B');
    world.control.start('A', 'restored');
    expect(chat('x').status).toBe('interrupted');
  });

  it('a Chat Server that starts with its sessions takes no more of them back than its limit allows', async () => {
    const { world, until, chat } = scenarioBench();
    for (const id of ['x', 'y']) world.control.openSession(id, 'A');
    world.control.crash('A');
    await until(1_000);
    world.control.limit('A', 1);
    world.control.start('A', 'restored');
    expect([chat('x').host, chat('y').status]).toEqual(['A', 'interrupted']);
    await until(5_000);
    expect(chat('y').host).toBe('B');
  });

  it('a Chat Server that starts with its sessions has them when it is connected, not before', async () => {
    const { world, until, chat } = crashed({ connectMs: 1_000 });
    world.control.interactionServer('down');
    await until(1_000);
    world.control.start('A', 'restored');
    await until(2_500);
    expect(chat('x').status).toBe('interrupted');
    world.control.interactionServer('up');
    await until(4_499);
    expect(chat('x').status).toBe('interrupted');
    await until(4_500);
    expect(chat('x')).toMatchObject({ host: 'A', truth: { ...RUNNING, since: 4_500 } });
  });

  it('a Chat Server that crashes before it is connected brings nothing back', async () => {
    const { world, until, chat } = crashed({ connectMs: 1_000 });
    world.control.start('A', 'restored');
    await until(500);
    world.control.crash('A');
    world.control.start('A', 'lost');
    await until(1_500);
    expect(world.chatServers()[0]).toMatchObject({ connected: true, sessions: 0 });
    expect(chat('x').status).toBe('interrupted');
  });

  it('a chat that loses its Chat Server twice has its full time again', async () => {
    const { world, until, chat } = crashed({ clients: { disconnectMs: 6_000 } });
    await until(5_000);
    world.control.crash('B');
    await until(10_999);
    expect(chat('x').truth).toMatchObject({ ...RESTORABLE, since: 5_000 });
    await until(11_000);
    expect(chat('x').truth).toMatchObject(GONE);
  });
});

describe('a session that a message by ESP can restore', () => {
  const esp = { clients: { sessionRestoreExtendBy: 'esp' } } as const;

  it('runs where it was asked for, and the message is delivered', async () => {
    const { until, ask, chat } = crashed(esp);
    await until(1_000);
    expect(gistOf(await ask('x', 'A'))).toBe(BY_NAME);
    expect(gistOf(await ask('x', 'B'))).toBe('delivered');
    expect(chat('x')).toMatchObject({ host: 'B', truth: { ...RUNNING, since: 1_000 } });
    await until(2_000);
    expect(chat('x').userData).toMatchObject({ ChatServerAppName: 'B' });
    await until(3_600_000);
    expect(chat('x').truth).toMatchObject({ ...RUNNING, since: 1_000 });
  });

  it('is delivered by type as well', async () => {
    const { ask } = crashed(esp);
    expect(gistOf(await ask('x', null))).toBe('delivered');
  });

  it('is not restored where there is no room', async () => {
    const { world, ask } = crashed(esp);
    world.control.limit('B', 0);
    expect(gistOf(await ask('x', 'B'))).toBe('fault 100');
  });

  it('is not restored once it is over', async () => {
    const { world, until, ask } = crashed(esp);
    world.control.limit('B', 0);
    await until(45_000);
    world.control.limit('B', null);
    expect(gistOf(await ask('x', 'B'))).toBe('fault 100');
  });

  it('is closed in good order when its client does not return in time', async () => {
    const { until, ask, chat } = crashed({ clients: { sessionRestoreExtendBy: 'esp', returnMs: [60_000, 60_000] } });
    await ask('x', 'B');
    await until(44_999);
    expect(chat('x').truth).toMatchObject(RUNNING);
    await until(45_000);
    expect(chat('x')).toMatchObject({ status: 'closed', truth: GONE, userData: { IsOnline: '0' } });
  });

  it('is not brought back by a client that comes after it was closed', async () => {
    const { world, until, ask, chat } = crashed(esp);
    await ask('x', 'B');
    world.control.closeSession('x');
    await until(3_600_000);
    expect(chat('x')).toMatchObject({ status: 'closed', truth: { ...GONE, since: 0 } });
  });

  it('has no more time than before when the next Chat Server crashes before its client is there', async () => {
    const { world, until, ask, chat } = crashed({
      chatServers: ['A', 'B', 'C'],
      clients: { sessionRestoreExtendBy: 'esp', returnMs: [60_000, 60_000] },
    });
    await ask('x', 'B');
    await until(30_000);
    world.control.crash('B');
    await until(45_000);
    expect(chat('x').truth).toMatchObject(GONE);
  });
});

describe('with pairs of primary and backup', () => {
  const pair = { highAvailability: 'primary-backup', backups: { A: 'B' } } as const;

  it('Interaction Server is connected to the primary only', async () => {
    const bench = scenarioBench(pair);
    expect(connectedOf(bench)).toEqual(['A']);
    expect(gistOf(await bench.ask('x', 'B'))).toBe(BY_NAME);
  });

  it('the backup takes over when its time has come', async () => {
    const bench = crashed(pair);
    await bench.until(2_999);
    expect(connectedOf(bench)).toEqual([]);
    await bench.until(3_000);
    expect(connectedOf(bench)).toEqual(['B']);
  });

  it('sessions are restored on the backup when their clients return', async () => {
    const { until, ask, chat } = crashed(pair);
    await until(4_999);
    expect(gistOf(await ask('x', 'B'))).toBe('fault 100');
    await until(5_000);
    expect(gistOf(await ask('x', 'B'))).toBe('delivered');
    expect(chat('x').host).toBe('B');
  });

  it('a client that returns before the backup has taken over tries again', async () => {
    const { until, chat } = crashed({ ...pair, clients: { returnMs: [500, 500] } });
    await until(3_499);
    expect(chat('x').status).toBe('interrupted');
    await until(3_500);
    expect(chat('x').host).toBe('B');
  });

  it('sessions are restored within their own pair only', async () => {
    const { until, chat } = crashed({ ...pair, chatServers: ['A', 'B', 'C', 'D'], backups: { A: 'B', C: 'D' }, switchOverMs: 60_000 });
    await until(45_000);
    expect(chat('x').status).toBe('lost');
  });

  it('a primary that is back in time stays the primary', async () => {
    const bench = crashed(pair);
    await bench.until(2_000);
    bench.world.control.start('A', 'lost');
    bench.world.control.crash('A');
    await bench.until(4_999);
    expect(connectedOf(bench)).toEqual([]);
    bench.world.control.start('A', 'lost');
    await bench.until(60_000);
    expect(connectedOf(bench)).toEqual(['A']);
  });

  it('a primary that comes back late is the backup, and restores nothing', async () => {
    const bench = crashed({ ...pair, clients: { returnMs: [9_000, 9_000] } });
    await bench.until(4_000);
    bench.world.control.start('A', 'restored');
    expect(connectedOf(bench)).toEqual(['B']);
    expect(bench.chat('x').status).toBe('interrupted');
    await bench.until(9_000);
    expect(bench.chat('x').host).toBe('B');
    bench.world.control.crash('B');
    await bench.until(12_000);
    expect(connectedOf(bench)).toEqual(['A']);
  });

  it('a backup that was down takes over after its start', async () => {
    const bench = scenarioBench(pair);
    bench.world.control.crash('B');
    bench.world.control.crash('A');
    await bench.until(10_000);
    bench.world.control.start('B', 'lost');
    await bench.until(12_999);
    expect(connectedOf(bench)).toEqual([]);
    await bench.until(13_000);
    expect(connectedOf(bench)).toEqual(['B']);
  });
});

describe('Interaction Server that comes back', () => {
  it('has its Chat Servers again after their time; until then they are not found, though they run', async () => {
    const { world, until, ask, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    world.control.interactionServer('down');
    expect(gistOf(await ask('x', 'A'))).toBe('unreachable');
    await until(1_000);
    world.control.interactionServer('up');
    expect(gistOf(await ask('x', 'A'))).toBe(BY_NAME);
    expect(gistOf(await ask('x', null))).toBe('error 1: Not found by type');
    expect([world.health(), chat('x').truth.session]).toEqual(['connected', 'running']);
    await until(2_999);
    expect(gistOf(await ask('x', 'A'))).toBe(BY_NAME);
    await until(3_000);
    expect(gistOf(await ask('x', 'A'))).toBe('delivered');
  });

  it('counts from its last coming up', async () => {
    const bench = scenarioBench();
    bench.world.control.interactionServer('down');
    bench.world.control.interactionServer('up');
    await bench.until(1_000);
    bench.world.control.interactionServer('down');
    bench.world.control.interactionServer('up');
    await bench.until(2_999);
    expect(connectedOf(bench)).toEqual([]);
    await bench.until(3_000);
    expect(connectedOf(bench)).toEqual(['A', 'B']);
  });

  it('does not begin anew when it is told to be up while it is', async () => {
    const bench = scenarioBench();
    bench.world.control.interactionServer('down');
    bench.world.control.interactionServer('up');
    await bench.until(1_000);
    bench.world.control.interactionServer('up');
    await bench.until(2_000);
    expect(connectedOf(bench)).toEqual(['A', 'B']);
  });

  it('is not connected to Chat Servers that are down, or if it goes down again', async () => {
    const bench = scenarioBench();
    bench.world.control.crash('A');
    bench.world.control.interactionServer('down');
    bench.world.control.interactionServer('up');
    await bench.until(2_000);
    expect(connectedOf(bench)).toEqual(['B']);
    bench.world.control.interactionServer('down');
    bench.world.control.interactionServer('up');
    bench.world.control.interactionServer('down');
    await bench.until(10_000);
    expect(connectedOf(bench)).toEqual([]);
  });

  it('is found at once by a Chat Server that starts', () => {
    const bench = scenarioBench();
    bench.world.control.crash('A');
    bench.world.control.start('A', 'lost');
    expect(connectedOf(bench)).toEqual(['A', 'B']);
  });

  it('is not found by a Chat Server that starts while it is down', () => {
    const bench = scenarioBench();
    bench.world.control.crash('A');
    bench.world.control.interactionServer('down');
    bench.world.control.start('A', 'lost');
    expect(connectedOf(bench)).toEqual([]);
  });
});
