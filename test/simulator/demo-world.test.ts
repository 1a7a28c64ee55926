import { describe, expect, it } from 'vitest';
import { createDemoWorld, DEMO_CHATS, DEMO_OUTAGE_MS } from '../../lab/simulator/demo-world.ts';
import type { World } from '../../lab/simulator/world/world.ts';
import { createEmbeddedAdapter } from '../../src/adapters/embedded-adapter.ts';
import { createReferenceIds } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import { createVirtualClock, type VirtualClock } from '../../src/probe/virtual-clock.ts';
import { orderWith } from '../support/samples.ts';
import { requestFor } from './sample-request.ts';

const { live, lost, stranded, restored } = DEMO_CHATS;
const ALIVE = { reply: { kind: 'response' } };
const FAULT_100 = { reply: { kind: 'fault', faultCode: '100' } };
const NOT_FOUND_BY_NAME = { reply: { kind: 'error', errorCode: 1, errorMessage: 'Not found by name' } };
const HOUR_MS = 3_600_000;

interface Demo {
  readonly clock: VirtualClock;
  readonly world: World;
  ask(id: string, appName: string | null, signal?: AbortSignal): ReturnType<World['ask']>;
}

function demo(): Demo {
  const clock = createVirtualClock();
  const world = createDemoWorld({ clock, seed: 1, latencyMs: [0, 0] });
  return {
    clock,
    world,
    ask: (id, appName, signal = new AbortController().signal) => clock.drive(world.ask(requestFor(id, appName), 1_000, signal)),
  };
}

function isUp(world: World, chatServer: string): boolean {
  return world.chatServers().some(({ name, status }) => name === chatServer && status === 'up');
}

describe('the demo world', () => {
  it('has the ids and Chat Servers of the contract', () => {
    expect(Object.values(DEMO_CHATS).map(({ id, chatServer }) => [id, chatServer])).toEqual([
      ['0006Ka9HFHRR0T2B', 'ChatServer_1'],
      ['02JH8H2FE3Q3T00E', 'ChatServer_1'],
      ['0000GaBNKN2Q0021', 'ChatServer_2'],
      ['100p9yPPb8H4YWhX', 'ChatServer_3'],
    ]);
  });

  it('has a live session', async () => {
    const { world, ask } = demo();
    expect(await ask(live.id, live.chatServer)).toMatchObject(ALIVE);
    expect(world.session(live.id)?.transcript).toHaveLength(1);
  });

  it('has a session lost by a restart, whose user data still says that it is online', async () => {
    const { clock, world, ask } = demo();
    expect(world.session(lost.id)?.userData).toEqual({ ChatServerAppName: lost.chatServer, IsOnline: '1' });
    expect(await ask(lost.id, lost.chatServer)).toMatchObject(FAULT_100);
    await clock.advance(HOUR_MS);
    expect(await ask(lost.id, lost.chatServer)).toMatchObject(FAULT_100);
  });

  it('has a Chat Server that is down and stays down', async () => {
    const { clock, ask } = demo();
    expect(await ask(stranded.id, stranded.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
    await clock.advance(HOUR_MS);
    expect(await ask(stranded.id, stranded.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
  });

  it('asks ChatServer_1 by type', async () => {
    const { ask } = demo();
    expect(await ask(live.id, null)).toMatchObject(ALIVE);
    expect(await ask(stranded.id, null)).toMatchObject(FAULT_100);
    expect(await ask(restored.id, null)).toMatchObject(FAULT_100);
  });

  it('takes an id that it does not know for a lost session', async () => {
    const { ask } = demo();
    expect(await ask('0000000000000000', 'ChatServer_1')).toMatchObject(FAULT_100);
  });

  it('has customers at two of its chats only', () => {
    const { world } = demo();
    const customers = Object.values(DEMO_CHATS).map(({ id }) => world.truth(id).customer);
    expect(customers).toEqual(['present', 'gone', 'gone', 'present']);
  });

  it('does not know a fourth Chat Server', async () => {
    const { ask } = demo();
    expect(await ask(live.id, 'ChatServer_4')).toEqual({ kind: 'unknown_name' });
  });

  it('is not changed by what another demo world goes through', async () => {
    const first = demo();
    await first.ask(restored.id, restored.chatServer);
    const second = demo();
    expect(isUp(second.world, restored.chatServer)).toBe(true);
    expect(await second.ask(restored.id, restored.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
  });
});

describe('the Chat Server of the demo world that goes down when first asked', () => {
  it('answers that first ask as a Chat Server that is down', async () => {
    const { ask } = demo();
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
  });

  it('is still down a millisecond before its time', async () => {
    const { clock, ask } = demo();
    await ask(restored.id, restored.chatServer);
    await clock.advance(DEMO_OUTAGE_MS - 1);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
  });

  it('is back with its session at exactly 3,000 ms', async () => {
    const { clock, world, ask } = demo();
    await ask(restored.id, restored.chatServer);
    await clock.advance(3_000);
    expect(world.session(restored.id)?.status).toBe('live');
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(ALIVE);
  });

  it('counts from the first ask, not from the start or from a later ask', async () => {
    const { clock, ask } = demo();
    await clock.advance(10_000);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
    await clock.advance(2_000);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
    await clock.advance(1_000);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(ALIVE);
  });

  it('goes down once only', async () => {
    const { clock, ask } = demo();
    await ask(restored.id, restored.chatServer);
    await clock.advance(3_000);
    await ask(restored.id, restored.chatServer);
    await clock.advance(HOUR_MS);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(ALIVE);
  });

  it('can be taken down for good once it has been back', async () => {
    const { clock, world, ask } = demo();
    await ask(restored.id, restored.chatServer);
    await clock.advance(3_000);
    world.control.crash(restored.chatServer);
    await clock.advance(HOUR_MS);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(NOT_FOUND_BY_NAME);
  });

  it('stays as it is where somebody else has started it in the meantime', async () => {
    const { clock, world, ask } = demo();
    await ask(restored.id, restored.chatServer);
    world.control.start(restored.chatServer, 'lost');
    await clock.advance(DEMO_OUTAGE_MS);
    expect(await ask(restored.id, restored.chatServer)).toMatchObject(FAULT_100);
  });

  it('stays up for messages to others and for messages that never arrive', async () => {
    const { world, ask } = demo();
    await ask(live.id, live.chatServer);
    await ask(restored.id, restored.chatServer, AbortSignal.abort());
    expect(isUp(world, restored.chatServer)).toBe(true);
  });
});

it('finds the restored chat at the second attempt of the default policy, whatever the messages took to travel', async () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const clock = createVirtualClock();
    const adapter = createEmbeddedAdapter(createDemoWorld({ clock, seed }));
    const prober = createProber({ clock, random: () => 0.5, nextReferenceId: createReferenceIds(1), observe: () => undefined });
    const order = orderWith(adapter, { interactionId: restored.id, chatServer: restored.chatServer });
    const result = await clock.drive(prober.probe(order, new AbortController().signal));
    expect(result?.attempts.map(({ reason }) => reason)).toEqual(['chat_server_not_found', 'delivered']);
  }
});
