import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BEGINNING,
  ENTRIES_AT_ONCE,
  isBefore,
  type SharedStore,
  type SyncReply,
  type SyncRequest,
  THERE_MS,
} from '../../src/store/shared-store.ts';

/** A store that is empty, and what only its own kind can do to it. */
export interface StoreBench {
  /** The way of one more replica to it. */
  connect(): SharedStore;
  /** Moves its time on. Not exact. */
  pass(ms: number): Promise<void>;
  /** Loses all it knows. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const SYNC: Omit<SyncRequest, 'replica'> = { entry: null, after: BEGINNING, giveBack: [], emptyFirst: false };

/** What everything that replicas share can rely on, whatever the store is made of. */
export function describeSharedStore(open: () => Promise<StoreBench>): void {
  let bench: StoreBench;
  let one: SharedStore;
  let two: SharedStore;
  beforeEach(async () => {
    bench = await open();
    [one, two] = [bench.connect(), bench.connect()];
  });
  afterEach(async () => {
    one.close();
    two.close();
    await bench.close();
  });
  const synced = async (store: SharedStore, request: Partial<SyncRequest> & { readonly replica: string }): Promise<SyncReply> => {
    const reply = await store.sync({ ...SYNC, ...request });
    if (reply.kind !== 'synced') throw new Error(`${reply.trouble}: ${reply.detail}`);
    return reply;
  };
  const claim = async (store: SharedStore, replica: string, token: string, changes: { holdMs?: number; lateByMs?: number } = {}) => {
    const { nowMs } = await synced(store, { replica, after: '9999999999999-0' });
    const { holdMs = 5_000, lateByMs = -5_000 } = changes;
    const reply = await store.claim({
      holder: replica,
      lease: 'a lease',
      token: `${replica}:${token}`,
      holdMs,
      notAfterMs: nowMs - lateByMs,
    });
    return reply.kind === 'trouble' ? reply.trouble : reply.kind;
  };
  const texts = ({ entries }: SyncReply): readonly string[] => entries.map(({ text }) => text);

  describe('the log', () => {
    it('is read by everybody, in the order in which it was added to', async () => {
      await synced(one, { replica: 'one', entry: { number: 1, text: 'first' } });
      await synced(two, { replica: 'two', entry: { number: 1, text: 'second' } });
      await synced(one, { replica: 'one', entry: { number: 2, text: 'third' } });
      expect(texts(await synced(two, { replica: 'two' }))).toEqual(['first', 'second', 'third']);
    });

    it('is read on from where reading ended', async () => {
      const { entries, newest } = await synced(one, { replica: 'one', entry: { number: 1, text: 'old' } });
      expect(entries.at(-1)?.id).toBe(newest);
      await synced(two, { replica: 'two', entry: { number: 1, text: 'new' } });
      expect(texts(await synced(one, { replica: 'one', after: newest }))).toEqual(['new']);
    });

    it('takes an entry that is sent again once', async () => {
      for (const text of ['sent', 'sent again']) await synced(one, { replica: 'one', entry: { number: 7, text } });
      await synced(one, { replica: 'one', entry: { number: 6, text: 'older' } });
      expect(texts(await synced(two, { replica: 'two' }))).toEqual(['sent']);
    });

    it('is told in parts where it is long', async () => {
      for (let number = 1; number <= ENTRIES_AT_ONCE + 1; number += 1)
        await synced(one, { replica: 'one', after: '9999999999999-0', entry: { number, text: String(number) } });
      const first = await synced(two, { replica: 'two' });
      expect(first.entries).toHaveLength(ENTRIES_AT_ONCE);
      const last = first.entries.at(-1)?.id ?? '';
      expect(isBefore(last, first.newest)).toBe(true);
      expect(texts(await synced(two, { replica: 'two', after: last }))).toEqual([String(ENTRIES_AT_ONCE + 1)]);
    });

    it('can be emptied, and goes on after what was read', async () => {
      const { newest } = await synced(one, { replica: 'one', entry: { number: 1, text: 'undated' } });
      const emptied = await synced(one, { replica: 'one', after: newest, emptyFirst: true, entry: { number: 2, text: 'dated' } });
      expect(texts(emptied)).toEqual(['dated']);
      expect(texts(await synced(two, { replica: 'two' }))).toEqual(['dated']);
    });

    it('that was lost shows by its newest entry', async () => {
      const { newest } = await synced(one, { replica: 'one', entry: { number: 1, text: 'lost' } });
      await bench.flush();
      const after = await synced(one, { replica: 'one', after: newest });
      expect(isBefore(after.newest, newest)).toBe(true);
      expect(after.entries).toEqual([]);
    });

    it('keeps any text as it is', async () => {
      const text = JSON.stringify(['\u0000\r\n', "'; DEL *", '{curly}', 'ü', '\u2028', 'x'.repeat(10_000)]);
      await synced(one, { replica: 'one', entry: { number: 1, text } });
      expect(texts(await synced(two, { replica: 'two' }))).toEqual([text]);
    });
  });

  describe('who is there', () => {
    it('is counted, each once', async () => {
      await synced(one, { replica: 'one' });
      expect((await synced(two, { replica: 'two' })).replicas).toBe(2);
      expect((await synced(two, { replica: 'two' })).replicas).toBe(2);
    });

    it('is told by the store’s own time', async () => {
      const before = (await synced(one, { replica: 'one' })).nowMs;
      await bench.pass(50);
      const after = (await synced(one, { replica: 'one' })).nowMs;
      // Timers count whole milliseconds and the store fractions.
      expect(after - before).toBeGreaterThanOrEqual(49);
      expect(after - before).toBeLessThan(THERE_MS);
    });
  });

  describe('a lease', () => {
    it('is had by one at a time', async () => {
      expect(await claim(one, 'one', '1')).toBe('granted');
      expect(await claim(two, 'two', '1')).toBe('held');
    });

    it('has one holder, of twenty who ask at once', async () => {
      const stores = Array.from({ length: 20 }, () => bench.connect());
      const answers = await Promise.all(stores.map((store, n) => claim(store, `replica ${n}`, '1')));
      for (const store of stores) store.close();
      expect(answers.filter((answer) => answer === 'granted')).toHaveLength(1);
    });

    it('is taken over by the replica that has it', async () => {
      await claim(one, 'one', '1');
      expect(await claim(one, 'one', '2')).toBe('granted');
      await synced(one, { replica: 'one', giveBack: [{ lease: 'a lease', token: 'one:1', keptForMs: 0 }] });
      expect(await claim(two, 'two', '1')).toBe('held');
    });

    it('is not had by one whose name begins like that of the holder', async () => {
      await claim(one, 'one', '1');
      expect(await claim(two, 'on', '1')).toBe('held');
      expect(await claim(two, 'one1', '1')).toBe('held');
    });

    it('is free once it is given back, by its token alone', async () => {
      await claim(one, 'one', '1');
      await synced(two, { replica: 'two', giveBack: [{ lease: 'a lease', token: 'two:1', keptForMs: 0 }] });
      expect(await claim(two, 'two', '1')).toBe('held');
      await synced(one, { replica: 'one', giveBack: [{ lease: 'a lease', token: 'one:1', keptForMs: 0 }] });
      expect(await claim(two, 'two', '1')).toBe('granted');
    });

    it('can be given back for later', async () => {
      await claim(one, 'one', '1');
      await synced(one, { replica: 'one', giveBack: [{ lease: 'a lease', token: 'one:1', keptForMs: 60 }] });
      expect(await claim(two, 'two', '1')).toBe('held');
      await bench.pass(80);
      expect(await claim(two, 'two', '1')).toBe('granted');
    });

    it('is free when its time is over, if its holder died', async () => {
      await claim(one, 'one', '1', { holdMs: 60 });
      one.close();
      expect(await claim(two, 'two', '1')).toBe('held');
      await bench.pass(80);
      expect(await claim(two, 'two', '1')).toBe('granted');
    });

    it('is not taken by a claim that comes when nobody waits for it any more', async () => {
      expect(await claim(one, 'one', '1', { lateByMs: 1 })).toBe('late');
      expect(await claim(two, 'two', '1')).toBe('granted');
    });

    it('is lost with the store', async () => {
      await claim(one, 'one', '1');
      await bench.flush();
      expect(await claim(two, 'two', '1')).toBe('granted');
    });
  });
}
