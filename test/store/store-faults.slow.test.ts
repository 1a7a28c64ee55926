import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import type { StoreConfig } from '../../src/config/config.ts';
import { realClock } from '../../src/probe/clock.ts';
import { createFleet, type Fleet, type FleetState } from '../../src/store/fleet.ts';
import { createRedisStore } from '../../src/store/redis-store.ts';
import type { Trouble } from '../../src/store/shared-store.ts';
import { hasRedisServer, type RedisServer, startRedis } from './redis-server.ts';
import { inTicks } from './trouble-rig.ts';

interface Seen {
  readonly state: FleetState['state'];
  readonly trouble: Trouble['trouble'] | null;
  readonly detail: string | null;
}

const PATIENCE = { timeout: 9_000, interval: 20 };
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function redis(options: readonly string[] = [], changes: Partial<StoreConfig> = {}): Promise<RedisServer> {
  const server = await startRedis(options, changes);
  ends.push(() => server.stop());
  return server;
}

/** A replica on the real client and clock. */
function replicaOf(settings: StoreConfig, name: string) {
  const seen: Seen[] = [];
  const heard: string[] = [];
  const changed = ({ state }: FleetState, trouble: Trouble | null): void =>
    void seen.push({ state, trouble: trouble?.trouble ?? null, detail: trouble?.detail ?? null });
  const fleet: Fleet = createFleet({ clock: realClock, store: createRedisStore(settings), replica: name, changed });
  const link = fleet.join('default', (fact) => fact.type === 'asked' && void heard.push(fact.interactionId));
  ends.push(() => fleet.close());
  /** What a claim came to, and how long it took. */
  const claim = async (chat: string) => {
    const askedAtMs = performance.now();
    const { granted } = await link.claim('message', chat, 2_000);
    return { granted, tookMs: performance.now() - askedAtMs };
  };
  const tell = (interactionId: string): void =>
    link.tell({ type: 'asked', interactionId, chatServer: 'A', atMs: realClock.nowMs() }, false);
  return { fleet, link, seen, heard, claim, tell };
}

async function twoLinked(settings: StoreConfig) {
  const [one, two] = [replicaOf(settings, 'one'), replicaOf(settings, 'two')];
  await Promise.all([one.fleet.start(2_000), two.fleet.start(2_000)]);
  await expect.poll(() => [one, two].map(({ fleet }) => fleet.state), PATIENCE).toEqual([LINKED, LINKED]);
  return { one, two };
}

const LINKED = { state: 'linked', replicas: 2 };
/** 20 ms, and what a busy machine adds. */
const BOUND_MS = 60;

describe.runIf(hasRedisServer)('a store that', () => {
  it('is there tells each what the other learned, and lets one of them send', async () => {
    const { one, two } = await twoLinked((await redis()).settings);
    one.tell('chat');
    await expect.poll(() => two.heard, PATIENCE).toEqual(['chat']);
    expect(await one.claim('chat')).toMatchObject({ granted: true });
    expect(await two.claim('chat')).toMatchObject({ granted: false });
  });

  it('stands still keeps nobody waiting, is left alone for 5 s, and is caught up with afterwards', async () => {
    const server = await redis();
    const { one, two } = await twoLinked(server.settings);
    process.kill(server.pid, 'SIGSTOP');
    const first = await one.claim('chat');
    expect(first.granted).toBe(true);
    expect(first.tookMs).toBeLessThan(BOUND_MS);
    const lostAtMs = performance.now();
    // The quickest of some: a machine that is busy stands still itself now and then.
    const later: number[] = [];
    for (let n = 0; n < 5; n += 1) later.push((await one.claim('chat')).tookMs);
    expect(Math.min(...later)).toBeLessThan(5);
    expect(one.link.replicasApart).toBe(2);
    one.tell('meanwhile');
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(server.pid, 'SIGCONT');
    await expect.poll(() => two.heard, PATIENCE).toEqual(['meanwhile']);
    expect(performance.now() - lostAtMs).toBeGreaterThan(4_500);
    // What was asked of the frozen one was not done when nobody waited for it any more.
    expect(await two.claim('chat')).toMatchObject({ granted: true });
    expect(two.heard).toEqual(['meanwhile']);
  }, 20_000);

  it('dies and is born again, empty, is caught up with', async () => {
    const server = await redis();
    const { one, two } = await twoLinked(server.settings);
    await server.stop();
    await expect.poll(() => one.seen.at(-1), PATIENCE).toMatchObject({ state: 'apart', trouble: 'unreachable' });
    one.tell('meanwhile');
    const again = await startRedis(['--port', String(server.settings.port)]);
    ends.push(() => again.stop());
    await expect.poll(() => two.heard, PATIENCE).toEqual(['meanwhile']);
  }, 20_000);
});

describe('what is no store', { concurrent: true }, () => {
  const far = async (answer: (chunk: Buffer) => string | null) => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const text = answer(chunk);
        if (text === null) socket.destroy();
        else if (text !== '') socket.write(text);
      });
      ends.push(() => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { host: '127.0.0.1', port, database: 0, username: null, password: null, tls: null, prefix: 'test' };
  };
  const nobody = async () => ({ ...(await far(() => '')), port: 1 });

  it.for<readonly [string, () => Promise<StoreConfig>, string]>([
    ['listens nowhere', nobody, 'unreachable ECONNREFUSED'],
    ['hangs up', () => far(() => null), 'unreachable SocketClosedUnexpectedlyError'],
    ['says nothing', () => far(() => ''), 'late no answer within 2000 ms'],
    ['speaks HTTP', () => far(() => 'HTTP/1.1 400 Bad Request\r\n\r\n'), 'garbled not the protocol of Redis'],
    ['answers OK to everything', () => far(() => '+OK\r\n'), 'garbled an answer of another shape'],
    ['answers a number to everything', () => far(() => ':1\r\n'), 'garbled an answer of another shape'],
    ['answers an array of nothing to everything', () => far(() => '*-1\r\n'), 'garbled an answer of another shape'],
    ['answers with lengths that are none', () => far(() => '$999999999999\r\nx\r\n'), 'late no answer within 2000 ms'],
    ['answers twice', () => far(() => '+OK\r\n+OK\r\n'), 'garbled an answer of another shape'],
    ['answers noise', () => far(() => '\u0000\u0001\u0002ÿÿÿÿ\r\n\r\n'), 'garbled not the protocol of Redis'],
    ['refuses in words of its own', () => far(() => '-Sorry, chat-1 is not welcome\r\n'), 'refused ERR'],
    [
      'is too old',
      () => far(() => "-ERR Error compiling script (new function): user_script:1: near '#'\r\n"),
      'refused Error compiling script',
    ],
    ['knows no scripts', () => far(() => "-ERR unknown command 'EVALSHA', with args: chat-1\r\n"), 'refused unknown command'],
  ])('and %s ends nothing: each goes on alone, for a reason that is told', async ([, start, told], { expect }) => {
    const { fleet, link, claim, seen } = replicaOf(await start(), 'one');
    expect((await inTicks(fleet.start(500))).ticks).toBeLessThan(90);
    link.tell({ type: 'asked', interactionId: 'chat', chatServer: 'A', atMs: realClock.nowMs() }, true);
    expect(await claim('chat')).toMatchObject({ granted: true });
    expect(link.replicasApart).toBe(1);
    expect(fleet.state.state).not.toBe('linked');
    await expect.poll(() => seen.map(({ trouble, detail }) => `${trouble} ${detail}`), PATIENCE).toContain(told);
  });
});
