import { expect, it } from 'vitest';
import { cachedHealth } from '../../src/adapters/cached-health.ts';
import type { AdapterHealth, InteractionServerAdapter } from '../../src/probe/adapter.ts';
import { wait } from '../../src/probe/clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

function adapterAnswering(health: (signal: AbortSignal) => Promise<AdapterHealth>): InteractionServerAdapter & { asked: number } {
  const adapter = {
    kind: 'any',
    asked: 0,
    isSimulated: () => false,
    send: () => Promise.reject(new Error('unused')),
    health(signal: AbortSignal) {
      adapter.asked += 1;
      return health(signal);
    },
    close: async () => undefined,
  };
  return adapter;
}

it('asks once for all who ask within 5 s, then again', async () => {
  const clock = createVirtualClock();
  const adapter = adapterAnswering(async () => 'connected');
  const health = cachedHealth(adapter, clock);
  expect(await Promise.all([health(), health()])).toEqual(['connected', 'connected']);
  await clock.advance(4_999);
  await health();
  expect(adapter.asked).toBe(1);
  await clock.advance(1);
  await health();
  expect(adapter.asked).toBe(2);
});

it('keeps nobody waiting for more than 200 ms, and tells what it knew before', async () => {
  const clock = createVirtualClock();
  const answers: (() => Promise<AdapterHealth>)[] = [async () => 'connected', () => new Promise(() => undefined)];
  const health = cachedHealth(
    adapterAnswering(() => answers.shift()?.() ?? Promise.resolve('disconnected')),
    clock,
  );
  expect(await health()).toBe('connected');
  await clock.advance(5_000);
  expect(await clock.drive(health())).toBe('connected');
  expect(clock.nowMs()).toBe(5_200);
});

it('takes a late answer for the next who ask', async () => {
  const clock = createVirtualClock();
  const health = cachedHealth(
    adapterAnswering(async (signal) => {
      await wait(clock, 600, signal);
      return 'disconnected';
    }),
    clock,
  );
  expect(await clock.drive(health())).toBe('unknown');
  await clock.advance(400);
  expect(await health()).toBe('disconnected');
});

it('does not know after 1 s without an answer, and lets go of the question', async () => {
  const clock = createVirtualClock();
  let abortedAtMs: number | null = null;
  const adapter = adapterAnswering((signal) => {
    signal.addEventListener('abort', () => {
      abortedAtMs = clock.nowMs();
    });
    return new Promise(() => undefined);
  });
  const health = cachedHealth(adapter, clock);
  await clock.drive(health());
  await clock.advance(1_000);
  expect(await clock.drive(health())).toBe('unknown');
  expect(abortedAtMs).toBe(1_000);
});

it('does not know where the adapter breaks its promise', async () => {
  const clock = createVirtualClock();
  expect(
    await clock.drive(
      cachedHealth(
        adapterAnswering(() => Promise.reject(new Error('bug'))),
        clock,
      )(),
    ),
  ).toBe('unknown');
});

it('leaves no timer behind', async () => {
  const clock = createVirtualClock();
  await cachedHealth(
    adapterAnswering(async () => 'connected'),
    clock,
  )();
  await clock.advance(0);
  expect(clock.pending()).toBe(0);
});
