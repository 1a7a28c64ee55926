import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisEvidence } from '../../src/store/redis-evidence.ts';
import { createRedisStore } from '../../src/store/redis-store.ts';
import { BEGINNING } from '../../src/store/shared-store.ts';
import { ANY } from '../evidence/evidence-rig.ts';
import { BOUNDS, describeSharedEvidence, record, sound, writerTo } from './evidence-contract.ts';
import { asUser, documentedRights, hasRedisServer, type RedisServer, startRedis } from './redis-server.ts';

const ALL = { filter: ANY, before: null, limit: 10, alsoHeld: [] };

describe.runIf(hasRedisServer)('evidence on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describe('for a user with no more rights than docs/scaling.md lists', () =>
    describeSharedEvidence(async (bounds) => {
      await server.run('FLUSHALL');
      const settings = await asUser(server, documentedRights());
      return {
        connect: () => createRedisEvidence({ ...settings, database: 1 }, bounds),
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        flush: () => server.run('FLUSHALL').then(() => undefined),
      };
    }));

  it('every key expires, and has the prefix', async () => {
    await server.run('FLUSHALL');
    const evidence = createRedisEvidence(server.settings, BOUNDS);
    await writerTo(evidence, 'w').write([record('p1', 1, { truth: 'dead' }), record('p2', 2, { verdict: 'stop' })]);
    const keys = (await server.run('KEYS', '*')) as string[];
    expect(keys).toHaveLength(9);
    for (const key of keys) {
      expect(key).toMatch(/^\{test\}:evidence:/);
      expect(await server.run('PTTL', key)).toBeGreaterThan(0);
    }
    evidence.close();
  });

  it('what others have left under its keys is no trouble', async () => {
    await server.run('FLUSHALL');
    const evidence = createRedisEvidence(server.settings, BOUNDS);
    const one = writerTo(evidence, 'w');
    await one.write([record('p1', 1, { truth: 'dead' }), record('p2', 2, { verdict: 'stop' })]);
    for (const key of (await server.run('KEYS', '*')) as string[]) {
      await server.run('DEL', key);
      await server.run('LPUSH', key, 'garbage');
    }
    expect(await sound(evidence.find('p1'))).toMatchObject({ record: null });
    await one.write([record('p1', 1), record('p2', 2, { verdict: 'stop' })]);
    expect((await sound(evidence.list(ALL))).records).toMatchObject([{ probeId: 'p2' }, { probeId: 'p1', truth: null }]);
    await server.run('SET', '{test}:evidence:probe:p1', 'no head at all');
    await server.run('SET', '{test}:evidence:sent:w', 'no number');
    expect(await sound(evidence.list(ALL))).toMatchObject({ records: [{ probeId: 'p2' }] });
    await one.write([record('p1', 1)]);
    expect((await sound(evidence.list(ALL))).records).toHaveLength(2);
    evidence.close();
  });

  it('is read where the store is full, and tells a writer why nothing is written', async () => {
    await server.run('FLUSHALL');
    const evidence = createRedisEvidence(server.settings, { ...BOUNDS, keptMs: 60_000 });
    await writerTo(evidence, 'w').write([record('p1', 1)]);
    await server.run('CONFIG', 'SET', 'maxmemory', '1');
    expect(await evidence.write({ writer: 'w', number: 2, records: [record('p2', 2)], words: [] })).toMatchObject({
      kind: 'trouble',
      detail: 'OOM',
    });
    expect(await sound(evidence.find('p1'))).toMatchObject({ record: { probeId: 'p1' } });
    await server.run('CONFIG', 'SET', 'maxmemory', '0');
    evidence.close();
  });

  it('gives way before the store is full, so that replicas go on to share what verdicts go by', async () => {
    await server.run('FLUSHALL');
    const used = Number(/\r\nused_memory:(\d+)/.exec(String(await server.run('INFO', 'memory')))?.[1]);
    await server.run('CONFIG', 'SET', 'maxmemory', String(used + 3_000_000));
    const evidence = createRedisEvidence(server.settings, { keptMs: 60_000, recordsOfTarget: 1_000_000 });
    const { write } = writerTo(evidence, 'w');
    let evicted = 0;
    for (let at = 0; at < 5_000; at += 50) {
      const records = Array.from({ length: 50 }, (_, n) => record(`p${at + n}`, at + n, { text: 'x'.repeat(2_000) }));
      for (const { count } of (await write(records)).evicted) evicted += count;
    }
    const left = await server.run('ZCARD', '{test}:evidence:index:default:route');
    expect(Number(left)).toBeGreaterThan(100);
    expect(Number(left) + evicted).toBe(5_000);
    expect((await sound(evidence.find('p4999'))).record).not.toBeNull();
    const facts = createRedisStore(server.settings);
    expect(
      await facts.sync({ replica: 'one', entry: { number: 1, text: 'a fact' }, after: BEGINNING, giveBack: [], emptyFirst: false }),
    ).toMatchObject({ kind: 'synced' });
    await server.run('CONFIG', 'SET', 'maxmemory', '0');
    facts.close();
    evidence.close();
  });
});
