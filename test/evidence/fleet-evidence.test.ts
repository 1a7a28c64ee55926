import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvidencePage } from '../../src/evidence/evidence.ts';
import type { EvidenceRecord } from '../../src/evidence/evidence-record.ts';
import type { EvidenceQueries, Look } from '../../src/evidence/fleet-evidence.ts';
import type { EvidenceBatch, SharedEvidence } from '../../src/store/shared-evidence.ts';
import { ANY, answered } from './evidence-rig.ts';
import { evidenceFleet, KEPT_MS, WRITTEN_MS } from './fleet-rig.ts';

const idsOf = (records: readonly EvidenceRecord[]): string => records.map(({ probeId }) => probeId).join(' ');
const ROUTE = { verdict: 'route' } as const;

describe('what one replica answered', () => {
  it('is found at another, by its probe, its interaction and in the list, as the first one has it', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1', interactionId: 'i' });
    b.answer({ probeId: 'p2', interactionId: 'i', ...ROUTE });
    await pass(WRITTEN_MS);
    const own = a.evidence.find('p1');
    expect(await drive(b.shared.find('p1'))).toEqual({ coverage: 'fleet', found: own });
    expect(own?.replica).toBe('a');
    const chat = await drive(a.shared.ofInteraction('i'));
    expect([chat.coverage, idsOf(chat.found)]).toEqual(['fleet', 'p2 p1']);
    const page = await drive(b.shared.list({ ...ANY, verdict: 'stop' }, null, 10));
    expect([page.coverage, idsOf(page.found.records), page.found.next]).toEqual(['fleet', 'p1', null]);
    expect(await drive(a.shared.find('unknown'))).toEqual({ coverage: 'fleet', found: null });
    expect(await drive(a.shared.find('no id\u0000at all'))).toEqual({ coverage: 'fleet', found: null });
  });

  it('a moment ago is found there already, and can be judged', async () => {
    const { replica, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    const next = (): string => {
      a.answer({ probeId: `p${a.evidence.memory.size}`, interactionId: 'i' });
      return `p${a.evidence.memory.size - 1}`;
    };
    const newest = next();
    expect((await drive(b.shared.find(newest))).found).toMatchObject({ probeId: newest });
    expect((await drive(b.shared.judge(next(), 'dead'))).found).toMatchObject({ changed: true });
    expect(b.heard()).toEqual(['dead first']);
    next();
    expect((await drive(b.shared.ofInteraction('i'))).found).toHaveLength(3);
    next();
    expect((await drive(b.shared.list(ANY, null, 10))).found.records).toHaveLength(4);
  });

  it('is there at once where it was answered, and once alone', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const a = replica('a');
    a.answer({ probeId: 'p1', interactionId: 'i' });
    const look = async () => [
      idsOf((await drive(a.shared.list(ANY, null, 10))).found.records),
      idsOf((await drive(a.shared.ofInteraction('i'))).found),
      (await drive(a.shared.find('p1'))).found?.requests,
    ];
    expect(await look()).toEqual(['p1', 'p1', 1]);
    a.answer({ probeId: 'p1', interactionId: 'i' });
    expect(await look()).toEqual(['p1', 'p1', 2]);
    await pass(WRITTEN_MS);
    expect(await look()).toEqual(['p1', 'p1', 2]);
    a.answer({ probeId: 'p1', interactionId: 'i' });
    expect(await look()).toEqual(['p1', 'p1', 3]);
  });

  it('as a stop to one whose probe was a route before is told as a stop; each request counts once', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    const shared = { probeId: 'p1', interactionId: 'i' };
    a.answer({ ...shared, ...ROUTE }, { ...shared, ...ROUTE });
    await pass(WRITTEN_MS);
    a.answer(shared);
    await pass(WRITTEN_MS);
    expect((await drive(b.shared.list(ANY, null, 10))).found.records).toMatchObject([{ probeId: 'p1', answered: 'stop', requests: 3 }]);
  });

  it('by the probe of another is told as that of the one who made it; requests of both count', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    const shared = { probeId: 'p1', interactionId: 'i', ...ROUTE };
    const request = {
      probeId: 'own id of b',
      caller: null,
      requestId: 'r',
      interactionId: 'i',
      target: 'default',
      policy: 'inline',
      chatServer: null,
    };
    b.answer({ ...shared, fields: { probe: request } });
    await pass(WRITTEN_MS);
    a.answer(shared, shared);
    await pass(WRITTEN_MS);
    for (const { shared: servers } of [a, b]) {
      expect((await drive(servers.find('p1'))).found).toMatchObject({ replica: 'a', requests: 3 });
      expect((await drive(servers.list(ANY, null, 10))).found.records).toMatchObject([{ replica: 'a', requests: 3 }]);
    }
  });

  it('is kept for a day', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1' });
    await pass(KEPT_MS - 1_000);
    expect((await drive(b.shared.find('p1'))).found).not.toBeNull();
    await pass(1_100);
    expect((await drive(b.shared.find('p1'))).found).toBeNull();
  });

  it('is written in small batches, one after the other, and in no turn in which it was answered', async () => {
    const { replica, pass, store } = evidenceFleet();
    const way = store.connect();
    const batches: EvidenceBatch[] = [];
    let underWay = 0;
    const watched: SharedEvidence = {
      ...way,
      async write(batch) {
        underWay += 1;
        expect(underWay).toBe(1);
        batches.push(batch);
        const reply = await way.write(batch);
        underWay -= 1;
        return reply;
      },
    };
    const a = replica('a', { store: watched });
    a.answer(...Array.from({ length: 100 }, (_, n) => ({ probeId: `p${n}`, faultString: 'x'.repeat(256) })));
    expect(batches).toEqual([]);
    await pass(1_000);
    expect(batches.map(({ records }) => records.length)).toEqual([16, 16, 16, 16, 16, 16, 4]);
    expect(batches.every(({ records }) => records.reduce((sum, { text }) => sum + text.length, 0) < 40_000)).toBe(true);
  });

  it('goes on to be written after a bug of ours, of which nobody hears but the log', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    const way = store.connect();
    let isWrong = true;
    const a = replica('a', {
      store: {
        ...way,
        write(batch) {
          if (isWrong) throw new Error('a bug');
          return way.write(batch);
        },
      },
    });
    a.answer({ probeId: 'p1' });
    await pass(WRITTEN_MS);
    expect(a.faults).toEqual([new Error('a bug')]);
    isWrong = false;
    await pass(2_000);
    expect((await drive(replica('b').shared.find('p1'))).found).toMatchObject({ replica: 'a' });
    isWrong = true;
    a.answer({ probeId: 'p2' });
    await drive(a.shared.close(500));
    expect(a.faults).toHaveLength(2);
  });

  it('with more text than a record may have is written without its first attempts', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    const { answer } = answered({ probeId: 'p1' });
    const attempts = Array.from({ length: 100 }, (_, n) => ({ ...answer.attempts[0]!, n: n + 1, errorMessage: 'y'.repeat(250) }));
    a.answer({ probeId: 'p1', fields: { answer: { ...answer, attempts } } });
    await pass(WRITTEN_MS);
    const kept = (await drive(b.shared.find('p1'))).found?.attempts ?? [];
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.length).toBeLessThan(100);
    expect(kept.map(({ n }) => n)).toEqual(attempts.slice(-kept.length).map(({ n }) => n));
  });
});

describe('a store that does not answer', () => {
  it('keeps nobody waiting for more than a second, then for 5 s nobody at all; this instance answers alone, and says so', async () => {
    const { replica, pass, drive, clock, store } = evidenceFleet();
    const way = store.connect();
    let isSilent = true;
    let resets = 0;
    const silent = <T>(call: () => Promise<T>): Promise<T> => (isSilent ? new Promise<T>(() => undefined) : call());
    const a = replica('a', {
      store: {
        ...way,
        write: (batch) => silent(() => way.write(batch)),
        find: (id) => silent(() => way.find(id)),
        ofInteraction: (id) => silent(() => way.ofInteraction(id)),
        list: (request) => silent(() => way.list(request)),
        reset() {
          resets += 1;
        },
      },
    });
    a.answer({ probeId: 'p1', interactionId: 'i' });
    const timed = async <T>(look: Promise<Look<T>>) => {
      const atMs = clock.nowMs();
      const { coverage, found } = await drive(look);
      return { coverage, found, tookMs: clock.nowMs() - atMs };
    };
    expect(await timed(a.shared.find('p1'))).toMatchObject({ coverage: 'instance', found: { probeId: 'p1' }, tookMs: 1_000 });
    expect(await timed(a.shared.ofInteraction('i'))).toMatchObject({ coverage: 'instance', found: [{ probeId: 'p1' }], tookMs: 0 });
    expect(await timed(a.shared.list(ANY, null, 10))).toMatchObject({
      coverage: 'instance',
      found: { records: [{ probeId: 'p1' }] },
      tookMs: 0,
    });
    expect(await timed(a.shared.judge('p9', 'dead'))).toMatchObject({ coverage: 'instance', found: null, tookMs: 0 });
    expect(await timed(a.shared.judge('p1', 'dead'))).toMatchObject({
      coverage: 'instance',
      found: { changed: true, record: { truth: 'dead' } },
      tookMs: 0,
    });
    expect((await timed(a.shared.find('p1'))).found?.truth).toBe('dead');
    isSilent = false;
    await pass(5_100);
    expect(await timed(a.shared.find('p1'))).toMatchObject({ coverage: 'fleet', found: { truth: 'dead', requests: 1 }, tookMs: 0 });
    expect(a.troubles).toMatchObject([{ trouble: 'late' }, null]);
    expect(resets).toBe(1);
  });

  it('that is there in the middle of a search, and then gone, gives what this instance has', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    const way = store.connect();
    let lists = 0;
    const a = replica('a', {
      maxBytes: 5_000_000,
      store: {
        ...way,
        list(request) {
          lists += 1;
          store.setReachable(lists < 2);
          return way.list(request);
        },
      },
    });
    a.answer({ probeId: 'rare' }, ...Array.from({ length: 1_500 }, (_, n) => ({ probeId: `p${n}`, ...ROUTE })));
    await pass(2_000);
    const found = async () => await drive(a.shared.list({ ...ANY, reason: 'session_not_found' }, null, 10));
    expect(await found()).toMatchObject({ coverage: 'instance', found: { records: [{ probeId: 'rare' }] } });
    expect(lists).toBe(2);
    lists = Number.NEGATIVE_INFINITY;
    await pass(5_100);
    expect(await found()).toMatchObject({ coverage: 'fleet', found: { records: [{ probeId: 'rare' }], next: null } });
  });

  it.each(['', 'null', '[]', '{}', '{"probeId":"p1"}', '{"__proto__":{"probeId":1}}', '\u0000', '{'.repeat(5_000)])(
    'has %j where a record should be, which is none',
    async (text) => {
      const { replica, drive, store } = evidenceFleet();
      const a = replica('a');
      const record = {
        probeId: 'p1',
        order: 1_000,
        interactionId: 'i',
        target: 'default',
        chatServer: null,
        rank: 1,
        requests: 1,
        truth: null,
        text,
      };
      await store
        .connect()
        .write({ writer: 'w', number: 1, words: [], records: [{ ...record, verdict: 'stop', reason: 'session_not_found' }] });
      expect(await drive(a.shared.find('p1'))).toEqual({ coverage: 'fleet', found: null });
      expect(await drive(a.shared.ofInteraction('i'))).toEqual({ coverage: 'fleet', found: [] });
      expect(await drive(a.shared.list(ANY, null, 10))).toEqual({ coverage: 'fleet', found: { records: [], next: null } });
      expect((await drive(a.shared.judge('p1', 'dead'))).found).toBeNull();
    },
  );
});

describe('feedback', () => {
  it('at another replica is noted, and counted once over all of them, whatever is said where afterwards', async () => {
    const { replica, pass, drive } = evidenceFleet();
    const [a, b, c] = [replica('a'), replica('b'), replica('c')];
    a.answer({ probeId: 'p1' });
    await pass(WRITTEN_MS);
    expect(await drive(b.shared.judge('p1', 'alive'))).toMatchObject({
      coverage: 'fleet',
      found: { changed: true, record: { replica: 'a', truth: 'alive' } },
    });
    expect(await drive(a.shared.judge('p1', 'alive'))).toMatchObject({ found: { changed: false } });
    expect(await drive(c.shared.judge('p1', 'alive'))).toMatchObject({ found: { changed: false } });
    expect(await drive(a.shared.judge('p1', 'dead'))).toMatchObject({ found: { changed: true, record: { truth: 'dead' } } });
    expect([a.heard(), b.heard(), c.heard()]).toEqual([['dead'], ['alive first'], []]);
    for (const { shared } of [a, b, c]) expect((await drive(shared.find('p1'))).found?.truth).toBe('dead');
  });

  it('before its record is written is heard with it', async () => {
    const { replica, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1' });
    expect(await drive(a.shared.judge('p1', 'dead'))).toMatchObject({ coverage: 'fleet', found: { changed: true } });
    expect(await drive(b.shared.judge('p1', 'dead'))).toMatchObject({ found: { changed: false } });
    expect([a.heard(), b.heard()]).toEqual([['dead first'], []]);
  });

  it('while the store is gone is counted when it is back, and not twice if another had spoken before', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1' }, { probeId: 'p2' });
    await pass(WRITTEN_MS);
    await drive(b.shared.judge('p1', 'alive'));
    store.setReachable(false);
    await drive(a.shared.find('p1'));
    expect(await drive(a.shared.judge('p1', 'alive'))).toMatchObject({ coverage: 'instance', found: { record: { truth: 'alive' } } });
    expect(await drive(a.shared.judge('p2', 'dead'))).toMatchObject({ coverage: 'instance', found: { changed: true } });
    expect(await drive(a.shared.judge('p2', 'dead'))).toMatchObject({ coverage: 'instance', found: { changed: false } });
    expect(a.heard()).toEqual([]);
    store.setReachable(true);
    await pass(6_000);
    expect([a.heard(), b.heard()]).toEqual([['dead first'], ['alive first']]);
    expect((await drive(b.shared.find('p2'))).found?.truth).toBe('dead');
  });

  it('whose answer got lost is counted once', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1' });
    await pass(WRITTEN_MS);
    store.setDeaf(true);
    expect((await drive(b.shared.judge('p1', 'dead'))).coverage).toBe('instance');
    store.setDeaf(false);
    await pass(6_000);
    expect(await drive(a.shared.judge('p1', 'dead'))).toMatchObject({ coverage: 'fleet', found: { changed: false } });
    expect([a.heard(), b.heard()]).toEqual([[], ['dead first']]);
  });

  it('about a record whose place another takes before it is written is noted of that one', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    store.setReachable(false);
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1', ...ROUTE });
    await drive(a.shared.judge('p1', 'dead'));
    a.answer({ probeId: 'p1' });
    store.setReachable(true);
    await pass(6_000);
    expect(a.evidence.find('p1')).toMatchObject({ answered: 'stop', truth: 'dead', requests: 2 });
    store.flush();
    a.answer({ probeId: 'p2' });
    await pass(WRITTEN_MS);
    expect((await drive(b.shared.judge('p1', 'dead'))).found).toMatchObject({ changed: false });
    expect([a.heard(), b.heard()]).toEqual([['dead first'], []]);
  });

  it('counts without being written where more waits than may', async () => {
    const { replica, drive, store } = evidenceFleet();
    store.setReachable(false);
    const a = replica('a', { maxBytes: 10_000_000 });
    a.answer(...Array.from({ length: 1_002 }, (_, n) => ({ probeId: `p${n}` })));
    await drive(a.shared.find('p0'));
    const said = Array.from({ length: 1_002 }, (_, n) => a.shared.judge(`p${n}`, 'dead'));
    expect(await drive(Promise.all(said))).toHaveLength(1_002);
    expect(a.heard()).toEqual(['dead first', 'dead first']);
    expect(a.evidence.find('p0')?.truth).toBe('dead');
  });

  it('that can never be written counts when all ends', async () => {
    const { replica, drive, store } = evidenceFleet();
    store.setReachable(false);
    const a = replica('a');
    a.answer({ probeId: 'p1' });
    await drive(a.shared.judge('p1', 'dead'));
    await drive(a.shared.close(500));
    expect(a.heard()).toEqual(['dead first']);
  });
});

describe('what is lost', () => {
  it('is what had to make room here before it was written, and is counted; what is written has its place elsewhere', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    const [a, b] = [replica('a', { maxBytes: 20_000 }), replica('b')];
    const many = (name: string) => Array.from({ length: 30 }, (_, n) => ({ probeId: `${name}-${n}`, ...ROUTE }));
    for (const asked of many('first')) {
      a.answer(asked);
      await pass(WRITTEN_MS);
    }
    expect([a.evidence.memory.size < 30, a.lost()]).toEqual([true, 0]);
    expect((await drive(b.shared.list(ANY, null, 100))).found.records).toHaveLength(30);
    store.setReachable(false);
    a.answer(...many('second'));
    expect(a.lost()).toBe(30 - a.evidence.memory.size);
    const kept = a.evidence.memory.size;
    store.setReachable(true);
    await pass(6_000);
    expect((await drive(b.shared.list(ANY, null, 100))).found.records).toHaveLength(30 + kept);
  });

  it('is what had to make room in the store, too', async () => {
    const { replica, pass } = evidenceFleet(3);
    const a = replica('a');
    a.answer(...['1', '2', '3', '4', '5'].map((probeId) => ({ probeId })));
    await pass(WRITTEN_MS);
    expect(a.events).toEqual(Array.from({ length: 2 }, () => ({ type: 'evidence_evicted', target: 'default', verdict: 'stop' })));
  });

  it('is nothing that is still here when the store has lost everything: it is written again, as often as it was asked', async () => {
    const { replica, pass, drive, store } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer({ probeId: 'p1' }, { probeId: 'p1' }, { probeId: 'p2' });
    await pass(WRITTEN_MS);
    await drive(b.shared.judge('p1', 'alive'));
    await drive(a.shared.judge('p2', 'alive'));
    store.flush();
    expect(idsOf((await drive(a.shared.list(ANY, null, 10))).found.records)).toBe('p2 p1');
    a.answer({ probeId: 'p1' }, { probeId: 'p3' });
    await pass(WRITTEN_MS);
    const { records } = (await drive(b.shared.list(ANY, null, 10))).found;
    expect(records.map(({ probeId, requests }) => `${probeId} ${requests}`)).toEqual(['p3 1', 'p2 1', 'p1 3']);
    await drive(b.shared.judge('p2', 'alive'));
    expect([a.heard(), b.heard()]).toEqual([['alive first'], ['alive first']]);
  });

  it('is nothing at the end, where the store is there', async () => {
    const { replica, drive } = evidenceFleet();
    const [a, b] = [replica('a'), replica('b')];
    a.answer(...Array.from({ length: 100 }, (_, n) => ({ probeId: `p${n}` })));
    await drive(a.shared.close(500));
    expect((await drive(b.shared.list(ANY, null, 100))).found.records).toHaveLength(100);
    expect([a.troubles, b.troubles]).toEqual([[], []]);
  });
});

/** All pages, from the first on. */
async function allPages(
  drive: <T>(look: Promise<T>) => Promise<T>,
  desks: readonly EvidenceQueries[],
  limit: number,
  between: () => Promise<void>,
) {
  const records: EvidenceRecord[] = [];
  let next: EvidencePage['next'] = null;
  for (let n = 0; n === 0 || next !== null; n += 1) {
    const { found }: Look<EvidencePage> = await drive(desks[n % desks.length]!.list(ANY, next, limit));
    records.push(...found.records);
    next = found.next;
    await between();
  }
  return records;
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      step: fc.constant('answer' as const),
      at: fc.nat(2),
      probe: fc.nat(30),
      verdict: fc.constantFrom('stop' as const, 'route' as const),
    }),
    fc.record({ step: fc.constant('pass' as const), ms: fc.constantFrom(1, 30, 200, 6_000) }),
    fc.record({ step: fc.constant('reach' as const), isReachable: fc.boolean() }),
    fc.record({ step: fc.constant('flush' as const) }),
  ),
  { maxLength: 40 },
);

it('whatever happens, pages at any replica have each record that it has once, the newest first, also while more come and the store goes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (all, limit, isGoing) => {
      const { replica, pass, drive, store } = evidenceFleet();
      const fleet = [replica('a'), replica('b', { startsAtMs: 1_000_500 }), replica('c')];
      for (const each of all) {
        if (each.step === 'answer') fleet[each.at]!.answer({ probeId: `p${each.at}-${each.probe}`, verdict: each.verdict });
        else if (each.step === 'pass') await pass(each.ms);
        else if (each.step === 'reach') store.setReachable(each.isReachable);
        else store.flush();
      }
      const before = new Set([...fleet[0]!.evidence.memory.all()].map(({ answered }) => answered.probeId));
      const desks = isGoing ? [fleet[0]!.shared] : fleet.map(({ shared }) => shared);
      let comes = 0;
      const records = await allPages(drive, desks, limit, async () => {
        comes += 1;
        if (comes > 3) return;
        fleet[comes % 3]!.answer({ probeId: `new-${comes}` });
        if (isGoing) store.setReachable(comes % 2 === 0);
        await pass(comes === 2 ? 7_000 : 20);
      });
      const ids = records.map(({ probeId }) => probeId).filter((id) => !id.startsWith('new-'));
      expect(new Set(ids).size).toBe(ids.length);
      const times = records.map(({ answeredAt }) => answeredAt);
      expect(times).toEqual([...times].sort().reverse());
      if (isGoing) expect([...before].filter((id) => !ids.includes(id))).toEqual([]);
    }),
  );
});
