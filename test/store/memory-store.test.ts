import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { BEGINNING, LOG_KEPT_MS, THERE_MS } from '../../src/store/shared-store.ts';
import { describeSharedStore } from './store-contract.ts';

const SYNC = { replica: 'one', entry: null, after: BEGINNING, giveBack: [], emptyFirst: false };

describe('in memory', () => {
  describeSharedStore(async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore(clock, 1_700_000_000_000);
    return {
      connect: () => store.connect(0),
      pass: (ms) => clock.advance(ms),
      flush: async () => store.flush(),
      close: async () => undefined,
    };
  });

  it('answers after its delay', async () => {
    const clock = createVirtualClock();
    const reply = createMemoryStore(clock, 5_000).connect(30).sync(SYNC);
    expect(await clock.drive(reply)).toMatchObject({ kind: 'synced', nowMs: 5_015 });
    expect(clock.nowMs()).toBe(30);
  });

  it('forgets who was not there for long, and what is old', async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore(clock, 5_000);
    await store.connect(0).sync({ ...SYNC, entry: { number: 1, text: 'old' } });
    await clock.advance(THERE_MS);
    expect(await store.connect(0).sync({ ...SYNC, replica: 'two' })).toMatchObject({ replicas: 1, entries: [{ text: 'old' }] });
    await clock.advance(LOG_KEPT_MS);
    expect(await store.connect(0).sync({ ...SYNC, replica: 'two' })).toMatchObject({ entries: [] });
  });

  it('that is switched off answers nobody, not even those whom it has heard', async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore(clock, 5_000);
    const heard = store.connect(30).sync({ ...SYNC, entry: { number: 1, text: 'heard' } });
    clock.schedule(20, () => store.setReachable(false));
    expect(await clock.drive(heard)).toMatchObject({ trouble: 'unreachable' });
    store.setReachable(true);
    expect(await store.connect(0).sync(SYNC)).toMatchObject({ entries: [{ text: 'heard' }] });
  });
});
