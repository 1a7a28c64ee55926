import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../../src/store/redis-store.ts';
import { BEGINNING, type SyncRequest } from '../../src/store/shared-store.ts';
import { asUser, documentedRights, hasRedisServer, operatorOf, type RedisServer, startRedis } from './redis-server.ts';
import { describeSharedStore } from './store-contract.ts';

const SYNC: SyncRequest = { replica: 'one', entry: null, after: BEGINNING, giveBack: [], emptyFirst: false };
const CLAIM = { holder: 'one', lease: 'a lease', token: 'one:1', holdMs: 5_000, notAfterMs: 9e15 };

describe.runIf(hasRedisServer)('on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describe('for a user with no more rights than docs/scaling.md lists', () =>
    describeSharedStore(async () => {
      await server.run('FLUSHALL');
      const settings = await asUser(server, documentedRights());
      return {
        connect: () => createRedisStore({ ...settings, database: 1 }),
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        flush: () => server.run('FLUSHALL').then(() => undefined),
        close: async () => undefined,
      };
    }));

  it('every key expires, and has the prefix', async () => {
    await server.run('FLUSHALL');
    const store = createRedisStore(server.settings);
    await store.sync({ ...SYNC, entry: { number: 1, text: 'text' } });
    await store.claim({ ...CLAIM, lease: 'with } a\r\nbrace' });
    const keys = await server.run('KEYS', '*');
    expect(keys).toHaveLength(4);
    for (const key of keys as string[]) {
      expect(key).toMatch(/^\{test\}:[\w:-]+$/);
      expect(await server.run('PTTL', key)).toBeGreaterThan(0);
    }
    store.close();
  });

  it('two services with prefixes of their own know nothing of each other', async () => {
    await server.run('FLUSHALL');
    const [ours, theirs] = [createRedisStore(server.settings), createRedisStore({ ...server.settings, prefix: 'theirs' })];
    await ours.sync({ ...SYNC, entry: { number: 1, text: 'ours' } });
    expect(await ours.claim(CLAIM)).toMatchObject({ kind: 'granted' });
    expect(await theirs.sync({ ...SYNC, replica: 'two' })).toMatchObject({ entries: [], replicas: 1 });
    expect(await theirs.claim({ ...CLAIM, holder: 'two', token: 'two:1' })).toMatchObject({ kind: 'granted' });
    ours.close();
    theirs.close();
  });

  it('goes on after the server has closed a connection that was idle', async () => {
    const store = createRedisStore(server.settings);
    await store.sync(SYNC);
    await server.run('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    // Before that is heard of here a call is one in mid-connection.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await store.sync(SYNC)).toMatchObject({ kind: 'synced' });
    store.close();
  });

  it('is told of a connection that closes in mid-command, and what it sends again is taken once', async () => {
    await server.run('FLUSHALL');
    const store = createRedisStore(server.settings);
    const send = () => store.sync({ ...SYNC, entry: { number: 1, text: 'text' } });
    await send();
    const operator = await operatorOf(server.settings.port);
    await operator.run('CLIENT', 'PAUSE', '60000', 'WRITE');
    const cut = send();
    while (!/ flags=b /.test(String(await operator.run('CLIENT', 'LIST')))) await new Promise((resolve) => setTimeout(resolve, 5));
    await operator.run('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await cut).toEqual({ kind: 'trouble', trouble: 'unreachable', detail: 'SocketClosedUnexpectedlyError' });
    await operator.run('CLIENT', 'UNPAUSE');
    operator.leave();
    expect(await send()).toMatchObject({ kind: 'synced', entries: [{ text: 'text' }] });
    store.close();
  });

  it('is told of a database that there is not', async () => {
    const store = createRedisStore({ ...server.settings, database: 99 });
    expect(await store.sync(SYNC)).toEqual({ kind: 'trouble', trouble: 'refused', detail: 'DB index is out of range' });
    store.close();
  });

  it('goes on after the server has forgotten the scripts', async () => {
    const store = createRedisStore(server.settings);
    await store.sync(SYNC);
    await server.run('SCRIPT', 'FLUSH');
    expect(await store.sync(SYNC)).toMatchObject({ kind: 'synced' });
    store.close();
  });

  it('what others have left under its keys is no trouble', async () => {
    await server.run('FLUSHALL');
    const store = createRedisStore(server.settings);
    await store.claim(CLAIM);
    const [lease] = (await server.run('KEYS', '*lease*')) as string[];
    for (const key of ['{test}:log', '{test}:replicas', '{test}:sent:one', lease ?? '']) {
      await server.run('DEL', key);
      await server.run('LPUSH', key, 'garbage');
    }
    expect(await store.sync({ ...SYNC, entry: { number: 1, text: 'text' } })).toMatchObject({ replicas: 1, entries: [{ text: 'text' }] });
    expect(await store.claim(CLAIM)).toMatchObject({ kind: 'granted' });
    await server.run('SET', lease ?? '', 'somebody for ever');
    expect(await store.claim(CLAIM)).toMatchObject({ kind: 'held', leftMs: 5_000 });
    expect(await server.run('PTTL', lease ?? '')).toBeGreaterThan(0);
    await server.run('XADD', '{test}:log', '*', 'another', 'form');
    expect(await store.sync(SYNC)).toMatchObject({ entries: [{ text: 'text' }, { text: '' }] });
    store.close();
  });
});
