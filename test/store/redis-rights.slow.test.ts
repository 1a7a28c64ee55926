import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreConfig } from '../../src/config/config.ts';
import { createRedisEvidence } from '../../src/store/redis-evidence.ts';
import { createRedisStore } from '../../src/store/redis-store.ts';
import { BEGINNING, type SyncRequest } from '../../src/store/shared-store.ts';
import { ANY } from '../evidence/evidence-rig.ts';
import { BOUNDS, record } from './evidence-contract.ts';
import { asUser, documentedRights, hasRedisServer, type RedisServer, startRedis } from './redis-server.ts';

const SYNC: SyncRequest = { replica: 'one', entry: null, after: BEGINNING, giveBack: [], emptyFirst: false };

/** All that a replica asks of the store, and what each call came to: `done`, or the detail of its trouble. */
async function everything(settings: StoreConfig): Promise<readonly string[]> {
  const store = createRedisStore(settings);
  const evidence = createRedisEvidence(settings, { ...BOUNDS, recordsOfTarget: 1 });
  const claim = (holder: string) =>
    store.claim({ holder, lease: 'a lease', token: `${holder}:1`, holdMs: 5_000, notAfterMs: Number.MAX_SAFE_INTEGER });
  const calls: readonly (() => Promise<object>)[] = [
    () => claim('one'),
    () => claim('two'),
    () => store.sync({ ...SYNC, entry: { number: 1, text: 'a fact' } }),
    () => store.sync({ ...SYNC, giveBack: [{ lease: 'a lease', token: 'one:1', keptForMs: 0 }] }),
    () =>
      evidence.write({
        writer: 'one',
        number: 1,
        records: [record('p1', 1), record('p2', 2)],
        words: [{ probeId: 'p2', truth: 'dead', ageMs: 0 }],
      }),
    () => evidence.find('p2'),
    () => evidence.ofInteraction('chat-of-p2'),
    () => evidence.list({ filter: ANY, before: null, limit: 10, alsoHeld: [] }),
  ];
  const came: string[] = [];
  for (const call of calls) {
    const reply = await call();
    came.push('detail' in reply ? String(reply.detail) : 'done');
  }
  store.close();
  evidence.close();
  return came;
}

describe.runIf(hasRedisServer)('a user of the store', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  const withRights = async (rights: readonly string[]): Promise<readonly string[]> => {
    await server.run('FLUSHALL');
    await server.run('SCRIPT', 'FLUSH');
    return everything({ ...(await asUser(server, rights)), database: 1 });
  };

  it('with the rights that docs/scaling.md lists can do all that a replica asks', async () => {
    expect(new Set(await withRights(documentedRights()))).toEqual(new Set(['done']));
  });

  it('who may read nothing is told so by each call that has something to read, rather than that there is nothing', async () => {
    const came = await withRights(documentedRights().filter((right) => right !== '+get'));
    // Of what was not written there is nothing to look up, but for the record itself.
    expect(came.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'NOPERM'));
  });

  it.each(documentedRights())('without %s is told that a right is missing, and needs it', async (right) => {
    const others = documentedRights().filter((each) => each !== right);
    const came = new Set(await withRights(others));
    came.delete('done');
    expect([...came]).toEqual(['NOPERM']);
  });
});
