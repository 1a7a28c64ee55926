import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvidenceStore, type Kept, type KeptFacts } from '../../src/evidence/evidence-store.ts';
import type { Verdict } from '../../src/probe/verdict.ts';
import { ANY, answered } from './evidence-rig.ts';

function storeOf(maxBytes: number) {
  const evicted: Kept[] = [];
  return { store: new EvidenceStore({ maxBytes, added: () => undefined, evicted: (kept) => evicted.push(kept) }), evicted };
}

/** An answer of one attempt, told in so many characters. */
function facts(probeId: string, verdict: Verdict = 'route', fields: { interactionId?: string; length?: number } = {}): KeptFacts {
  const { length = 100, ...others } = fields;
  return {
    answered: answered({ probeId, verdict, faultString: 'x'.repeat(length), ...others }),
    atMs: 0,
    origin: { replica: 'r', configuration: 'c' },
    state: { chatServer: 'healthy', chatServersDown: 0, gatewayOpen: false, guard: 'watching', controls: { absent: null, live: null } },
  };
}

const idsIn = (store: EvidenceStore) => [...store.matching(ANY, null)].map((kept) => kept.answered.probeId);
/** One record with a text of 100 characters. */
const ONE = (() => {
  const { store } = storeOf(1_000_000);
  store.add(facts('00'));
  return store.bytes;
})();

it('records stand in the order in which they came, also where the clock was set back, or stands still', () => {
  const { store } = storeOf(1_000_000);
  for (const [id, atMs] of [
    ['01', 5_000],
    ['02', 5_000],
    ['03', 1_000],
    ['04', 5_001],
  ] as const)
    store.add({ ...facts(id), atMs });
  expect([...store.matching(ANY, null)].map(({ order }) => order)).toEqual([5_001_000, 5_000_002, 5_000_001, 5_000_000]);
});

describe('records make room for newer ones', () => {
  it('the oldest first, and each is told', () => {
    const { store, evicted } = storeOf(3 * ONE);
    for (const id of ['01', '02', '03', '04', '05']) store.add(facts(id));
    expect(idsIn(store)).toEqual(['05', '04', '03']);
    expect(store.find('01')).toBeNull();
    expect(store.ofInteraction('chat of 01')).toEqual([]);
    expect(evicted.map(({ answered }) => answered.probeId)).toEqual(['01', '02']);
  });

  it('a stop not for any number of routes', () => {
    const { store } = storeOf(4 * ONE);
    for (const id of ['01', '02', '03']) store.add(facts(id, 'stop'));
    for (let n = 10; n < 90; n += 1) store.add(facts(String(n)));
    expect(idsIn(store)).toEqual(['89', '03', '02', '01']);
  });

  it('a stop only where stops alone take more than their three quarters', () => {
    const { store, evicted } = storeOf(4 * ONE);
    store.add(facts('00'));
    for (const id of ['01', '02', '03', '04']) store.add(facts(id, 'stop'));
    expect(idsIn(store)).toEqual(['04', '03', '02', '00']);
    expect(evicted.map(({ answered }) => answered.probeId)).toEqual(['01']);
  });

  it('one that is larger than all room is not kept, and is told', () => {
    const { store, evicted } = storeOf(ONE);
    store.add(facts('01', 'stop', { length: 101 }));
    expect([store.size, store.bytes, evicted.length]).toEqual([0, 0, 1]);
  });

  it('one chat keeps its newest hundred, its stops before its routes', () => {
    const { store } = storeOf(1_000_000);
    const chat = { interactionId: 'i' };
    store.add(facts('first', 'stop', chat));
    for (let n = 0; n < 120; n += 1) store.add(facts(`route-${n}`, 'route', chat));
    expect(store.ofInteraction('i')).toHaveLength(100);
    expect(store.ofInteraction('i').at(-1)?.answered.probeId).toBe('first');
    expect(store.ofInteraction('i')[0]?.answered.probeId).toBe('route-119');
    expect(store.size).toBe(100);
  });
});

const records = fc.array(
  fc.record({
    probe: fc.nat(40),
    chat: fc.nat(6),
    verdict: fc.constantFrom('stop' as const, 'route' as const),
    length: fc.nat(3_000),
  }),
  { maxLength: 200 },
);

it('whatever comes, the bound holds, indexes agree, and what is gone was told', () => {
  fc.assert(
    fc.property(records, fc.nat(20_000), (all, maxBytes) => {
      const { store, evicted } = storeOf(maxBytes);
      let replaced = 0;
      for (const { probe, chat, verdict, length } of all) {
        if (store.find(`p${probe}`) !== null) replaced += 1;
        store.add(facts(`p${probe}`, verdict, { interactionId: `c${chat}`, length }));
        expect(store.bytes).toBeLessThanOrEqual(maxBytes);
      }
      const listed = [...store.matching(ANY, null)];
      expect(listed.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(store.bytes);
      expect(listed.map(({ order }) => order)).toEqual(listed.map(({ order }) => order).sort((a, b) => b - a));
      const byChat = [0, 1, 2, 3, 4, 5, 6].flatMap((chat) => store.ofInteraction(`c${chat}`));
      expect(new Set(byChat)).toEqual(new Set(listed));
      expect(byChat.length).toBe(store.size);
      expect(listed.length + evicted.length + replaced).toBe(all.length);
    }),
  );
});
