import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvidenceFilter } from '../../src/evidence/evidence-rules.ts';
import {
  type EvidenceBounds,
  type ListReply,
  type ListRequest,
  LOOKED_AT_ONCE,
  type SharedEvidence,
  type WriteReply,
  type WrittenRecord,
  type WrittenWord,
} from '../../src/store/shared-evidence.ts';
import type { Trouble } from '../../src/store/shared-store.ts';
import { ANY } from '../evidence/evidence-rig.ts';

/** Evidence that is empty, and what only its own kind can do to it. */
export interface EvidenceBench {
  /** The way of one more replica to it. */
  connect(): SharedEvidence;
  /** Moves its time on. Not exact. */
  pass(ms: number): Promise<void>;
  /** Loses all it knows. */
  flush(): Promise<void>;
}

export const BOUNDS: EvidenceBounds = { keptMs: 60_000, recordsOfTarget: 2_000 };
/** Longer than the rest of a test takes, on a machine that is busy. */
const SOON_MS = 1_500;

export function record(probeId: string, order: number, changes: Partial<WrittenRecord> = {}): WrittenRecord {
  const facets = {
    interactionId: `chat-of-${probeId}`,
    target: 'default',
    verdict: 'route',
    reason: 'delivered',
    chatServer: 'A b',
  } as const;
  return { probeId, order, ...facets, rank: 1, requests: 1, truth: null, text: `text of ${probeId} \u00e9\n"`, ...changes };
}

/** The answer, where there is one. */
export async function sound<T>(reply: Promise<T | Trouble>): Promise<T> {
  const read = await reply;
  if (typeof read === 'object' && read !== null && 'trouble' in read) throw new Error(`${read.trouble}: ${read.detail}`);
  return read as T;
}

/** Writes, by one writer, in batches that count up. */
export function writerTo(evidence: SharedEvidence, writer: string) {
  let number = 0;
  const write = (records: readonly WrittenRecord[], words: readonly WrittenWord[] = [], as = number + 1): Promise<WriteReply> => {
    number = as;
    return sound(evidence.write({ writer, number: as, records, words }));
  };
  const say = async (probeId: string, truth: 'alive' | 'dead', ageMs = 0) => (await write([], [{ probeId, truth, ageMs }])).words[0];
  return { write, say };
}

const ids = ({ records }: { readonly records: readonly { readonly probeId: string }[] }): string =>
  records.map(({ probeId }) => probeId).join(' ');

/** What look-ups and replicas can rely on, whatever evidence is kept in. */
export function describeSharedEvidence(open: (bounds: EvidenceBounds) => Promise<EvidenceBench>): void {
  let bench: EvidenceBench;
  let evidence: SharedEvidence;
  let one: ReturnType<typeof writerTo>;
  let two: ReturnType<typeof writerTo>;
  const begin = async (bounds: Partial<EvidenceBounds> = {}): Promise<void> => {
    bench = await open({ ...BOUNDS, ...bounds });
    evidence = bench.connect();
    one = writerTo(evidence, 'writer-1');
    two = writerTo(bench.connect(), 'writer-2');
  };
  beforeEach(() => begin());
  afterEach(() => evidence.close());
  const found = async (probeId: string) => (await sound(evidence.find(probeId))).record;
  const list = (request: Partial<ListRequest> = {}): Promise<ListReply> =>
    sound(evidence.list({ filter: ANY, before: null, limit: 100, alsoHeld: [], ...request }));

  describe('a record', () => {
    it('is found by its probe, its interaction and in the list, as it was written, whoever wrote it', async () => {
      const [first, second] = [record('p1', 1_000), record('p2', 2_000, { interactionId: 'chat-of-p1' })];
      await one.write([first]);
      await two.write([second]);
      const shown = { probeId: 'p1', order: 1_000, writer: 'writer-1', rank: 1, requests: 1, truth: null, text: first.text };
      expect(await found('p1')).toEqual(shown);
      expect((await sound(evidence.ofInteraction('chat-of-p1'))).records).toEqual([
        { ...shown, probeId: 'p2', order: 2_000, writer: 'writer-2', text: second.text },
        shown,
      ]);
      expect(ids(await list())).toBe('p2 p1');
    });

    it('that nobody wrote is none', async () => {
      expect([await found('p1'), (await sound(evidence.ofInteraction('i'))).records]).toEqual([null, []]);
      expect(await list({ alsoHeld: ['p1'] })).toEqual({ kind: 'listed', records: [], lookedTo: null, held: new Set() });
    });

    it('is replaced by what its writer writes later, wherever that stands; requests add up', async () => {
      await one.write([record('p1', 1_000), record('p2', 2_000)]);
      await one.write([record('p1', 3_000, { verdict: 'stop', reason: 'session_not_found', rank: 3, requests: 2, text: 'later' })]);
      expect(await found('p1')).toMatchObject({ order: 3_000, rank: 3, requests: 3, text: 'later' });
      expect(ids(await list())).toBe('p1 p2');
      expect([ids(await list({ filter: { ...ANY, verdict: 'stop' } })), ids(await list({ filter: { ...ANY, verdict: 'route' } }))]).toEqual(
        ['p1', 'p2'],
      );
    });

    it('of a probe that two replicas answered by is that of more worth, else the first; requests of both count', async () => {
      await one.write([record('p1', 2_000, { rank: 0, requests: 2, text: 'shared' })]);
      await two.write([record('p1', 1_000, { rank: 1, requests: 1, text: 'own' })]);
      expect(await found('p1')).toMatchObject({ order: 1_000, writer: 'writer-2', rank: 1, requests: 3, text: 'own' });
      await one.write([record('p1', 4_000, { rank: 1, requests: 1, text: 'as good' })]);
      expect(await found('p1')).toMatchObject({ order: 1_000, requests: 4, text: 'own' });
      expect(ids(await list())).toBe('p1');
    });

    it('is not written twice by a batch that comes twice', async () => {
      await one.write([record('p1', 1_000)], [], 7);
      await one.write([record('p1', 1_000)], [], 7);
      expect(await found('p1')).toMatchObject({ requests: 1 });
      await one.write([record('p2', 1_000)], [], 6);
      expect(await found('p2')).toBeNull();
    });

    it('expires', async () => {
      await begin({ keptMs: SOON_MS });
      await one.write([record('p1', 1_000)], [{ probeId: 'p1', truth: 'dead', ageMs: 0 }]);
      await bench.pass(SOON_MS + 20);
      await one.write([record('p2', 2_000)]);
      expect([await found('p1'), (await sound(evidence.ofInteraction('chat-of-p1'))).records, ids(await list())]).toEqual([null, [], 'p2']);
      expect((await list({ alsoHeld: ['p1', 'p2'] })).held).toEqual(new Set(['p2']));
      await one.write([record('p1', 3_000)]);
      expect(await found('p1')).toMatchObject({ requests: 1, truth: null });
    });
  });

  describe('a list', () => {
    it.each([
      [{ verdict: 'stop' }, 'p3 p1'],
      [{ verdict: 'route' }, 'p4 p2'],
      [{ reason: 'timeout' }, 'p4'],
      [{ target: 'east' }, 'p3 p2'],
      [{ target: 'nowhere' }, ''],
      [{ chatServer: 'C d' }, 'p2'],
      [{ sinceMs: 2 }, 'p4 p3 p2'],
      [{ sinceMs: 2.5, verdict: 'stop' }, 'p3'],
      [{ verdict: 'stop', target: 'east', reason: 'session_not_found', chatServer: 'A b', sinceMs: 1 }, 'p3'],
    ] as const)('by %j has what fits', async (filter, fits) => {
      const stop = { verdict: 'stop', reason: 'session_not_found' } as const;
      await one.write([record('p1', 1_000, { ...stop, chatServer: null }), record('p3', 3_000, { ...stop, target: 'east' })]);
      await two.write([record('p2', 2_000, { target: 'east', chatServer: 'C d' }), record('p4', 4_000, { reason: 'timeout' })]);
      expect(ids(await list({ filter: { ...ANY, ...filter } }))).toBe(fits);
    });

    it('goes on where it ended, whatever comes meanwhile, and tells when there is no more', async () => {
      await one.write([record('p1', 1_000), record('p3', 3_000)]);
      await two.write([record('p2', 2_000), record('p4', 3_000)]);
      const first = await list({ limit: 2 });
      expect([ids(first), first.lookedTo]).toEqual(['p4 p3', { order: 3_000, probeId: 'p3' }]);
      await two.write([record('p5', 5_000)]);
      const second = await list({ limit: 2, before: first.lookedTo });
      expect([ids(second), second.lookedTo]).toEqual(['p2 p1', null]);
    });

    it('looks at a bounded number, of every target, and is gone through nevertheless', async () => {
      const many = 1.5 * LOOKED_AT_ONCE;
      for (let at = 0; at < many; at += 250)
        await one.write(
          Array.from({ length: 250 }, (_, n) =>
            record(`p${at + n}`, 1_000 + at + n, { target: at + n < 10 ? 'east' : 'west', ...(at + n === 7 ? { reason: 'timeout' } : {}) }),
          ),
        );
      const goThrough = async (filter: EvidenceFilter) => {
        const pages: ListReply[] = [];
        for (let at: ListReply['lookedTo'] = null; pages.length === 0 || at !== null; at = pages.at(-1)?.lookedTo ?? null)
          pages.push(await list({ filter, before: at, limit: 10_000 }));
        return { looks: pages.length, found: pages.flatMap((page) => page.records.map(({ probeId }) => probeId)) };
      };
      const [rare, all] = [await goThrough({ ...ANY, reason: 'timeout' }), await goThrough(ANY)];
      expect(rare.found).toEqual(['p7']);
      expect(all.found).toEqual(Array.from({ length: many }, (_, n) => `p${many - 1 - n}`));
      expect(Math.min(rare.looks, all.looks)).toBeGreaterThan(1);
    });

    it('tells which ids are there', async () => {
      await one.write([record('p1', 1_000), record('p2', 2_000)]);
      expect((await list({ limit: 1, alsoHeld: ['p1', 'p9', 'p2'] })).held).toEqual(new Set(['p1', 'p2']));
    });
  });

  describe('what somebody says', () => {
    it('is noted; the first word is told apart, over all replicas', async () => {
      await one.write([record('p1', 1_000)]);
      expect(await two.say('p1', 'alive')).toMatchObject({ isFirst: true, before: null, record: { probeId: 'p1', truth: 'alive' } });
      expect(await one.say('p1', 'alive')).toMatchObject({ isFirst: false, before: 'alive' });
      expect(await one.say('p1', 'dead')).toMatchObject({ isFirst: false, before: 'alive', record: { truth: 'dead' } });
      expect([(await found('p1'))?.truth, (await list()).records[0]?.truth]).toEqual(['dead', 'dead']);
    });

    it('of what is not there is noted nowhere', async () => {
      expect(await one.say('p1', 'alive')).toEqual({ isFirst: false, before: null, record: null });
      await one.write([record('p1', 1_000)]);
      expect(await one.say('p1', 'alive')).toMatchObject({ isFirst: true });
    });

    it('in the batch of its record is heard, and its answer is the same if the batch comes again', async () => {
      const word = { probeId: 'p1', truth: 'alive', ageMs: 0 } as const;
      const first = await one.write([record('p1', 1_000)], [word, { ...word, probeId: 'p9' }], 3);
      expect(first.words).toMatchObject([{ isFirst: true, record: { probeId: 'p1' } }, { record: null }]);
      expect((await one.write([record('p1', 1_000)], [word, { ...word, probeId: 'p9' }], 3)).words).toEqual(first.words);
    });

    it('late does not take the place of what was said after it', async () => {
      await one.write([record('p1', 1_000)]);
      await bench.pass(20);
      await one.say('p1', 'dead');
      expect(await two.say('p1', 'alive', 10_000)).toMatchObject({ isFirst: false, before: 'dead', record: { truth: 'dead' } });
    });

    it('survives its record being written again, and one that was counted before is no first one', async () => {
      await one.write([record('p1', 1_000), record('p2', 1_000, { truth: 'alive' })]);
      await two.say('p1', 'dead');
      await one.write([record('p1', 1_000, { truth: 'alive' })]);
      expect([(await found('p1'))?.truth, (await found('p2'))?.truth]).toEqual(['dead', 'alive']);
      expect(await two.say('p2', 'dead')).toMatchObject({ isFirst: false, before: 'alive' });
    });
  });

  describe('room', () => {
    it('is made of each target, by the oldest, and counted', async () => {
      await begin({ recordsOfTarget: 3 });
      await one.write([record('e1', 1_000, { target: 'east' })]);
      const { evicted } = await one.write([1, 2, 3, 4, 5].map((n) => record(`p${n}`, n * 1_000)));
      expect(evicted).toEqual([{ target: 'default', verdict: 'route', count: 2 }]);
      expect(ids(await list())).toBe('p5 p4 p3 e1');
      expect([await found('p1'), (await sound(evidence.ofInteraction('chat-of-p1'))).records]).toEqual([null, []]);
    });

    it('is made by no stop while stops take no more than three quarters', async () => {
      await begin({ recordsOfTarget: 4 });
      const stop = (n: number) => record(`s${n}`, n * 1_000, { verdict: 'stop', reason: 'session_not_found' });
      await one.write([stop(1), stop(2), stop(3), record('p4', 4_000)]);
      expect((await two.write([record('p5', 5_000), record('p6', 6_000)])).evicted).toEqual([
        { target: 'default', verdict: 'route', count: 2 },
      ]);
      expect(ids(await list())).toBe('p6 s3 s2 s1');
      expect((await two.write([stop(7)])).evicted).toEqual([{ target: 'default', verdict: 'stop', count: 1 }]);
      expect(ids(await list())).toBe('s7 p6 s3 s2');
    });

    it('of one chat is made by its oldest, stops last', async () => {
      const chat = { interactionId: 'busy' };
      await one.write([record('stop', 1_000, { ...chat, verdict: 'stop', reason: 'session_not_found' })]);
      const { evicted } = await one.write(Array.from({ length: 101 }, (_, n) => record(`p${n}`, 2_000 + n, chat)));
      expect(evicted).toEqual([{ target: 'default', verdict: 'route', count: 2 }]);
      const { records } = await sound(evidence.ofInteraction('busy'));
      expect([records.length, records[0]?.probeId, records.at(-1)?.probeId]).toEqual([100, 'p100', 'stop']);
      expect(await found('p1')).toBeNull();
    });

    it('that an expired one takes is no loss', async () => {
      await begin({ keptMs: SOON_MS, recordsOfTarget: 4 });
      const stop = { verdict: 'stop', reason: 'session_not_found' } as const;
      await one.write([record('s1', 1_000, stop)]);
      await bench.pass(SOON_MS / 2);
      await one.write([record('s2', 2_000, stop)]);
      await bench.pass(SOON_MS / 2 + 20);
      expect((await one.write([record('p3', 3_000), record('p4', 4_000), record('p5', 5_000)])).evicted).toEqual([]);
      expect(ids(await list())).toBe('p5 p4 p3 s2');
    });
  });

  it('a writer learns that what it wrote is gone', async () => {
    expect((await one.write([record('p1', 1_000)])).hasForgotten).toBe(false);
    expect((await one.write([record('p2', 1_000)])).hasForgotten).toBe(false);
    await bench.flush();
    expect((await one.write([record('p3', 1_000)])).hasForgotten).toBe(true);
    expect(ids(await list())).toBe('p3');
  });
}
