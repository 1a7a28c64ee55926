import { describe, expect, it } from 'vitest';
import { createStallingClock } from '../../lab/rehearsal/stalling-clock.ts';
import type { FleetFact } from '../../src/resilience/fleet.ts';
import { createFleet } from '../../src/store/fleet.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { BEGINNING, type SharedStore, type SyncRequest } from '../../src/store/shared-store.ts';
import { createStoreTime } from '../../src/store/store-time.ts';
import { fleetRig } from './fleet-rig.ts';

const HA = { rules: { ha: true, onChatServerDown: 'auto' } } as const;
const on = (chatServer: string) => ({ chatServer });
const STORE_BEGAN_MS = 1_700_000_000_000;

async function two(changes: Parameters<typeof fleetRig>[0] = HA) {
  const rig = fleetRig(changes);
  const [one, other] = [await rig.birth(), await rig.birth()];
  await rig.clock.advance(100);
  return { ...rig, one, other };
}

/** Writes into the log as a stranger would. */
async function written(rig: Awaited<ReturnType<typeof two>>, texts: readonly string[]): Promise<void> {
  const stranger = rig.store.connect(0);
  for (const [n, text] of texts.entries()) {
    const request: SyncRequest = { replica: 'stranger', entry: { number: n + 1, text }, after: BEGINNING, giveBack: [], emptyFirst: false };
    await stranger.sync(request);
  }
  await rig.clock.advance(200);
}

const downAt = (storeMs: number): unknown[] => [
  ...['default', 'a', 'chat', 'probe', 'A', 'chat_server_not_found'],
  ...[storeMs, storeMs, storeMs, 1, 0],
];
const entry = (facts: readonly unknown[], version = 1) => JSON.stringify([version, 'stranger', 1, facts]);

describe('what stands in the log', () => {
  it('is believed where it is of our form, so that the following tests would see it', async () => {
    const rig = await two();
    await written(rig, [entry([downAt(STORE_BEGAN_MS + rig.clock.nowMs())])]);
    expect(rig.one.service.state().serversDown).toBe(1);
  });

  it.each([
    ['another version', (nowMs: number) => entry([downAt(nowMs)], 2)],
    ['the future', (nowMs: number) => entry([downAt(nowMs + 60_000)])],
    ['no JSON', () => '{"'],
    ['a number', () => '7'],
    ['null', () => 'null'],
    ['a list of lists', () => '[[[[]]]]'],
    ['a fact with a word for a time', (nowMs: number) => entry([downAt(nowMs).map((field) => (field === nowMs ? 'now' : field))])],
    ['a fact with no time', (nowMs: number) => entry([downAt(nowMs).map((field) => (field === nowMs ? null : field))])],
    [
      'a fact with a reason that is none',
      (nowMs: number) => entry([downAt(nowMs).map((f) => (f === 'chat_server_not_found' ? 'toString' : f))]),
    ],
    ['a fact of another kind', (nowMs: number) => entry([['default', 'constructor', ...downAt(nowMs).slice(2)]])],
    ['a fact about another target', (nowMs: number) => entry([['__proto__', ...downAt(nowMs).slice(1)]])],
    ['a fact cut short', (nowMs: number) => entry([downAt(nowMs).slice(0, -1)])],
    ['a name of a megabyte', (nowMs: number) => entry([downAt(nowMs).map((field) => (field === 'A' ? 'A'.repeat(1_000_000) : field))])],
    ['facts that are none', () => entry([null, 1, 'a', {}, []])],
    ['an entry without a number', (nowMs: number) => JSON.stringify([1, 'stranger', 'one', [downAt(nowMs)]])],
  ])('and is %s changes nothing, and what follows is read', async (_what, make) => {
    const rig = await two();
    const { clock, answers, one, other, asked } = rig;
    await written(rig, [make(STORE_BEGAN_MS + clock.nowMs())]);
    expect(one.service.state().serversDown).toBe(0);
    answers.set('A', 'orphaned');
    void one.ask('ghost', on('A'));
    await clock.advance(200);
    expect(other.service.state().serversDown).toBe(1);
    await asked([]);
  });

  it('is not taken twice, though its replica sent it twice', async () => {
    const rig = await two();
    const release = ['default', 'r', STORE_BEGAN_MS + rig.clock.nowMs(), 60_000];
    await written(rig, [entry([release])]);
    await rig.clock.advance(60_000);
    expect(rig.one.service.state().guard).toBe('watching');
    const again = JSON.stringify([1, 'stranger', 1, [['default', 'r', STORE_BEGAN_MS + rig.clock.nowMs(), 60_000]]]);
    await rig.store
      .connect(0)
      .sync({ replica: 'stranger', entry: { number: 99, text: again }, after: BEGINNING, giveBack: [], emptyFirst: false });
    await rig.clock.advance(200);
    expect(rig.one.service.state().guard).toBe('watching');
  });
});

describe('a replica that stood still for a minute', () => {
  it('tells what was news a minute ago as what it was: it cannot take back a sign of life', async () => {
    const rig = fleetRig(HA);
    const one = await rig.birth();
    const held: (() => void)[] = [];
    let isStill = false;
    /** What it has sent lies in a buffer until it goes on. */
    const stalled = (store: SharedStore): SharedStore => ({
      ...store,
      sync: (request) =>
        isStill && request.entry !== null
          ? new Promise((resolve) => void held.push(() => void store.sync(request).then(resolve)))
          : store.sync(request),
    });
    const paused = await rig.birth(stalled);
    await rig.clock.advance(100);
    rig.answers.set('A', 'orphaned');
    isStill = true;
    void paused.ask('ghost', on('A'));
    await rig.clock.advance(100);
    rig.answers.set('A', 'delivered');
    await rig.asked([one.ask('living', on('A'))]);
    await rig.clock.advance(60_000);
    expect(held.length).toBeGreaterThan(0);
    for (const goOn of held) goOn();
    await rig.clock.advance(200);
    expect(one.service.state().serversDown).toBe(0);
  });
});

describe('a replica that stands still while it starts', () => {
  it('knows what the others knew before it takes a question, and waits no longer than it may once it goes on', async () => {
    const rig = await two();
    await written(rig, [entry([downAt(STORE_BEGAN_MS + rig.clock.nowMs())])]);
    const still = createStallingClock(rig.clock, [{ atMs: rig.clock.nowMs() + 1, forMs: 9_000 }]);
    const store = rig.store.connect(2);
    const late: SharedStore = {
      ...store,
      async sync(request) {
        const reply = await store.sync(request);
        await still.whenItReads();
        return reply;
      },
    };
    const fleetOf = (through: SharedStore) => createFleet({ clock: still, store: through, replica: 'newcomer', changed: () => undefined });
    const newcomer = fleetOf(late);
    const learned: FleetFact[] = [];
    newcomer.join('default', (fact) => void learned.push(fact));
    const silent = fleetOf({ ...store, sync: () => new Promise(() => undefined) });
    const startedAtMs = rig.clock.nowMs();
    let waitedMs = 0;
    void silent.start(500).then(() => {
      waitedMs = rig.clock.nowMs() - startedAtMs;
    });
    await rig.clock.drive(newcomer.start(500));
    expect(learned).toMatchObject([{ type: 'attempt', chatServer: 'A' }]);
    expect(newcomer.state.state).toBe('linked');
    await rig.clock.advance(1_000);
    expect(waitedMs).toBeGreaterThan(9_000);
    expect(waitedMs).toBeLessThan(9_600);
  });
});

describe('a store that loses all in an outage', () => {
  it('takes nothing from those who know, and what comes after is told', async () => {
    const { clock, store, answers, one, other, asked } = await two();
    answers.set('A', 'orphaned');
    await asked([one.ask('ghost', on('A'))]);
    store.flush();
    await clock.advance(200);
    expect([one, other].map(({ service }) => service.state().serversDown)).toEqual([1, 1]);
    expect(one.fleet.state).toEqual({ state: 'linked', replicas: 2 });
    answers.set('A', 'delivered');
    await asked([one.ask('living', on('A'))]);
    await clock.advance(2_000);
    expect(other.service.state().serversDown).toBe(0);
  });
});

describe('two services with one store', () => {
  it('know nothing of each other where each has a store of its own prefix', async () => {
    const rig = await two();
    const elsewhere = createMemoryStore(rig.clock, STORE_BEGAN_MS);
    const stranger = await rig.birth(() => elsewhere.connect(1));
    rig.answers.set('A', 'orphaned');
    await rig.asked([rig.one.ask('ghost', on('A'))]);
    expect([rig.other, stranger].map(({ service }) => service.state().serversDown)).toEqual([1, 0]);
    expect(stranger.fleet.state.replicas).toBe(1);
  });
});

describe('the store’s time', () => {
  it('is known as exactly as its quickest answer, whatever the others take', () => {
    const time = createStoreTime();
    for (const tookMs of [400, 30, 4, 200]) time.heard(1_000, 1_000 + tookMs, 5_000 + 2);
    expect(Math.abs(time.toStore(1_000) - 5_000)).toBeLessThanOrEqual(2);
    expect(time.toLocal(time.toStore(77))).toBeCloseTo(77);
  });

  it('is steady while clocks drift as clocks do', () => {
    const time = createStoreTime();
    for (let atMs = 0; atMs < 3_600_000; atMs += 1_000) expect(time.heard(atMs, atMs + 1, 5_000 + atMs * 1.0001)).toBe('steady');
  });

  it.each([3_600_000, 60_000, 100, -100, -60_000, -3_600_000])('has stepped when it was set by %i ms', (byMs) => {
    const time = createStoreTime();
    time.heard(0, 1, 5_000);
    expect(time.heard(1_000, 1_001, 6_000 + byMs)).toBe('stepped');
    expect(time.heard(2_000, 2_001, 7_000 + byMs)).toBe('steady');
    expect(time.toStore(2_000)).toBeCloseTo(7_000 + byMs, -1);
  });
});
