import { describe, expect, it } from 'vitest';
import { createSteerableClock } from '../../../lab/simulator/steerable-clock.ts';
import { createScenarioWorld } from '../../../lab/simulator/world/scenario-world.ts';
import type { World, WorldAnswer } from '../../../lab/simulator/world/world.ts';
import type { EspRequest } from '../../../src/probe/esp.ts';
import type { VirtualClock } from '../../../src/probe/virtual-clock.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import replies from '../../fixtures/esp-replies.json' with { type: 'json' };
import { requestFor, sampleRequest } from '../sample-request.ts';
import { calmScenario, gistOf, scenarioBench } from '../scenario/scenario-bench.ts';

const { FaultCode, FaultString } = replies.sessionNotFound.request.Parameters;
const SESSION_NOT_FOUND: WorldAnswer = {
  kind: 'reply',
  reply: { kind: 'fault', referenceId: 7, userData: null, service: 'Chat', faultCode: FaultCode, faultString: FaultString },
};
const NEVER = new AbortController().signal;

interface Bench {
  readonly clock: VirtualClock;
  readonly world: World;
  ask(request: EspRequest, timeoutMs?: number): Promise<WorldAnswer>;
}

/** Two Chat Servers, A with the session `x`, B with none; by type, A is asked. */
function bench([least, most]: readonly [number, number] = [2, 2], seed = 1): Bench {
  const clock = createVirtualClock();
  const world = createScenarioWorld({ clock, seed, scenario: calmScenario({ latencyMs: { least, most } }), chats: 0 });
  world.control.openSession('x', 'A');
  return { clock, world, ask: (request, timeoutMs = 1_000) => clock.drive(world.ask(request, timeoutMs, NEVER)) };
}

function transcriptOf(world: World): readonly unknown[] {
  return world.session('x')?.transcript ?? [];
}

describe('asking the world', () => {
  it('delivers to a live session and records text, type, visibility and time', async () => {
    const { world, ask } = bench();
    const answer = await ask(sampleRequest({ appName: 'A', messageType: 'note', visibility: 'INT', userData: { InteractionId: 'x' } }));
    expect(answer).toEqual({ kind: 'reply', reply: { kind: 'response', referenceId: 7, userData: { InteractionId: 'x' } } });
    expect(transcriptOf(world)).toEqual([{ atMs: 2, text: '[probe]', messageType: 'note', visibility: 'INT' }]);
  });

  it('asks the first connected Chat Server when none is named and the scenario says so', async () => {
    const { ask } = bench();
    expect(await ask(requestFor('x', null))).toMatchObject({ reply: { kind: 'response' } });
  });

  it('reads the id from Id where InteractionId is not there', async () => {
    const { ask } = bench();
    expect(await ask(sampleRequest({ appName: 'A', userData: { Id: 'x' } }))).toMatchObject({ reply: { kind: 'response' } });
  });

  it('goes by InteractionId where Id says otherwise', async () => {
    const { ask } = bench();
    expect(await ask(sampleRequest({ appName: 'A', userData: { InteractionId: 'unheard-of', Id: 'x' } }))).toEqual(SESSION_NOT_FOUND);
  });

  it.each([
    ['an id that the world does not know', requestFor('unheard-of', 'A')],
    ['a session that another Chat Server hosts', requestFor('x', 'B')],
    ['a message without an id', sampleRequest({ appName: 'A', userData: {} })],
    ['an id that is not a string', sampleRequest({ appName: 'A', userData: { InteractionId: 5 } })],
  ])('answers fault 100 to %s', async (_what, request) => {
    const { world, ask } = bench();
    expect(await ask(request)).toEqual(SESSION_NOT_FOUND);
    expect(transcriptOf(world)).toEqual([]);
  });

  it('answers fault 100 after a restart that lost the session', async () => {
    const { world, ask } = bench();
    world.control.crash('A');
    world.control.start('A', 'lost');
    expect(await ask(requestFor('x', 'A'))).toEqual(SESSION_NOT_FOUND);
  });

  it.each([
    ['by name', 'A', replies.chatServerNotFoundByName],
    ['by type', null, replies.chatServerNotFoundByType],
  ])('answers EventError 1 %s when the Chat Server is down', async (_how, appName, { errorCode, errorMessage }) => {
    const { world, ask } = bench();
    for (const name of ['A', 'B']) world.control.crash(name);
    const reply = { kind: 'error', referenceId: 7, userData: null, errorCode, errorMessage };
    expect(await ask(requestFor('x', appName))).toEqual({ kind: 'reply', reply });
    expect(transcriptOf(world)).toEqual([]);
  });

  it('does not take a name it was not given for a Chat Server that is down', async () => {
    const { ask } = bench();
    expect(await ask(requestFor('x', 'C'))).toEqual({ kind: 'unknown_name' });
  });

  it('carries the reference id back', async () => {
    const { ask } = bench();
    expect(await ask({ ...requestFor('x', 'A'), referenceId: 4_711 })).toMatchObject({ reply: { referenceId: 4_711 } });
  });

  it('tells Interaction Server out of reach from everything behind it', async () => {
    const { world, ask } = bench();
    world.control.interactionServer('down');
    expect(world.health()).toBe('disconnected');
    expect(await ask(requestFor('x', 'A'))).toEqual({ kind: 'unreachable' });
    expect(await ask(requestFor('x', 'C'))).toEqual({ kind: 'unknown_name' });
    expect(transcriptOf(world)).toEqual([]);
  });

  it('tells a gateway that is not there from everything behind it', async () => {
    const { world, ask } = bench();
    world.control.gateway('down');
    world.control.interactionServer('down');
    expect(world.health()).toBe('no_gateway');
    expect(await ask(requestFor('x', 'A'))).toEqual({ kind: 'no_gateway' });
    world.control.gateway('up');
    expect(world.health()).toBe('disconnected');
  });

  it('cuts off what the gateway has when it goes down', async () => {
    const { clock, world } = bench([5, 5]);
    const answer = world.ask(requestFor('x', 'A'), 1_000, NEVER);
    await clock.advance(2);
    world.control.gateway('down');
    expect(await clock.drive(answer)).toEqual({ kind: 'cut' });
    expect(transcriptOf(world)).toEqual([]);
  });
});

describe('asking by type', () => {
  it('goes to any connected Chat Server where load is balanced, and so finds a session only sometimes', async () => {
    const { world, ask } = scenarioBench({ byType: 'balanced', chatServers: ['A', 'B', 'C'] });
    world.control.openSession('x', 'A');
    world.control.crash('C');
    const gists: string[] = [];
    for (let n = 0; n < 100; n += 1) gists.push(gistOf(await ask('x', null)));
    expect([...new Set(gists)].sort()).toEqual(['delivered', 'fault 100']);
    const delivered = gists.filter((gist) => gist === 'delivered').length;
    expect(delivered).toBeGreaterThan(30);
    expect(delivered).toBeLessThan(70);
  });

  it('goes to the first that is connected where the scenario says so', async () => {
    const { world, ask } = scenarioBench();
    world.control.openSession('x', 'B');
    expect(gistOf(await ask('x', null))).toBe('fault 100');
    world.control.crash('A');
    expect(gistOf(await ask('x', null))).toBe('delivered');
  });
});

describe('a misconfigured target', () => {
  it.each([
    ['session_not_found', 'fault 100', 'fault 100'],
    ['chat_server_not_found', 'error 1: Not found by name', 'error 1: Not found by type'],
  ] as const)('is answered %s for every chat, although all of them live', async (answer, byName, byType) => {
    const { world, ask, chat } = scenarioBench();
    world.control.openSession('x', 'A');
    world.control.misconfigure(answer);
    expect([gistOf(await ask('x', 'A')), gistOf(await ask('x', null))]).toEqual([byName, byType]);
    expect(chat('x').truth).toMatchObject({ customer: 'present', session: 'running' });
    world.control.misconfigure(null);
    expect(gistOf(await ask('x', 'A'))).toBe('delivered');
  });
});

describe('a Chat Server that starts', () => {
  const connectedAt = async ({ world, until }: ReturnType<typeof scenarioBench>, ...moments: number[]) => {
    const seen: (boolean | undefined)[] = [];
    for (const atMs of moments) {
      await until(atMs);
      seen.push(world.chatServers()[0]?.connected);
    }
    return seen;
  };

  it('is connected after its time', async () => {
    const bench = scenarioBench({ connectMs: 700 });
    bench.world.control.crash('A');
    bench.world.control.start('A', 'lost');
    expect(await connectedAt(bench, 699, 700)).toEqual([false, true]);
  });

  it('is connected at once unless the scenario says otherwise', async () => {
    const bench = scenarioBench();
    bench.world.control.crash('A');
    bench.world.control.start('A', 'lost');
    expect(await connectedAt(bench, 0)).toEqual([true]);
  });

  it('is connected no sooner than the others while Interaction Server is coming back', async () => {
    const bench = scenarioBench();
    bench.world.control.crash('A');
    bench.world.control.interactionServer('down');
    bench.world.control.interactionServer('up');
    await bench.until(1_000);
    bench.world.control.start('A', 'lost');
    expect(await connectedAt(bench, 1_999, 2_000)).toEqual([false, true]);
  });
});

describe('a slow Chat Server', () => {
  function slowBench(extraMs: number) {
    const bench = scenarioBench({ latencyMs: { least: 2, most: 2 } });
    bench.world.control.openSession('x', 'A');
    bench.world.control.slow('A', extraMs);
    return bench;
  }

  it('delivers and answers that much later', async () => {
    const { clock, ask, chat } = slowBench(300);
    expect(gistOf(await ask('x', 'A'))).toBe('delivered');
    expect(clock.nowMs()).toBe(302);
    expect(chat('x').transcript).toMatchObject([{ atMs: 302 }]);
  });

  it('delivers what it had by then, although nobody waits any more', async () => {
    const { clock, send, chat, until } = slowBench(300);
    expect(await send(requestFor('x', 'A'), 200)).toEqual({ kind: 'expired' });
    expect(clock.nowMs()).toBe(200);
    await until(301);
    expect(chat('x').transcript).toHaveLength(0);
    await until(302);
    expect(chat('x').transcript).toHaveLength(1);
  });

  it('answers in the very last moment, and not after it', async () => {
    const { send } = slowBench(300);
    expect(gistOf(await send(requestFor('x', 'A'), 302))).toBe('delivered');
    expect(await send(requestFor('x', 'A'), 301)).toEqual({ kind: 'expired' });
  });

  it('settles at once when the asker goes away', async () => {
    const { clock, world } = slowBench(300);
    const asker = new AbortController();
    const answer = world.ask(requestFor('x', 'A'), 1_000, asker.signal);
    await clock.advance(100);
    asker.abort();
    expect(await answer).toEqual({ kind: 'expired' });
    expect(clock.nowMs()).toBe(100);
  });

  it('is not found if it crashes with the message', async () => {
    const { clock, world } = slowBench(300);
    const answer = world.ask(requestFor('x', 'A'), 1_000, NEVER);
    await clock.advance(100);
    world.control.crash('A');
    expect(gistOf(await clock.drive(answer))).toBe('error 1: Not found by name');
  });

  it('has lost what it had when it crashed, also if it is back by the time of the answer', async () => {
    const { clock, world, chat } = slowBench(300);
    const answer = world.ask(requestFor('x', 'A'), 1_000, NEVER);
    await clock.advance(100);
    world.control.crash('A');
    world.control.start('A', 'restored');
    expect(gistOf(await clock.drive(answer))).toBe('error 1: Not found by name');
    expect(chat('x')).toMatchObject({ status: 'live', transcript: [] });
  });

  it('answers while time moves by hand alone, whatever fraction of a millisecond the world began at', async () => {
    for (let n = 0; n < 200; n += 1) {
      const base = createVirtualClock();
      const clock = createSteerableClock(base);
      await base.advance(4_000 + n / 7);
      const world = createScenarioWorld({ clock, scenario: calmScenario(), chats: 1 });
      world.control.slow('A', 13_724);
      await base.advance(n / 3);
      clock.freeze();
      const answers: WorldAnswer[] = [];
      void world.ask(requestFor('chat-000001', 'A'), 60_000, NEVER).then((answer) => answers.push(answer));
      await clock.advance(20_000);
      expect(answers.map(gistOf), `at ${n}`).toEqual(['delivered']);
    }
  });

  it.each([
    ['cut', (world: World) => world.control.gateway('down')],
    ['unreachable', (world: World) => world.control.interactionServer('down')],
  ] as const)('has its answer %s where the way back is gone', async (kind, breakDown) => {
    const { clock, world } = slowBench(300);
    const answer = world.ask(requestFor('x', 'A'), 1_000, NEVER);
    await clock.advance(100);
    breakDown(world);
    expect(await clock.drive(answer)).toEqual({ kind });
  });

  it('waits on where its timer comes early', async () => {
    const early = createVirtualClock();
    const clock = { nowMs: early.nowMs, schedule: (delayMs: number, callback: () => void) => early.schedule(delayMs / 2, callback) };
    const world = createScenarioWorld({ clock, scenario: calmScenario(), chats: 0 });
    world.control.openSession('x', 'A');
    world.control.slow('A', 1);
    const answer = world.ask(requestFor('x', 'A'), 1_000, NEVER);
    expect(gistOf(await early.drive(answer))).toBe('delivered');
    expect(early.nowMs()).toBeCloseTo(1, 2);
  });

  it('slows no other, and is as fast as before when that ends', async () => {
    const { clock, world, ask } = slowBench(300);
    await ask('x', 'B');
    expect(clock.nowMs()).toBe(2);
    world.control.slow('A', null);
    await ask('x', 'A');
    expect(clock.nowMs()).toBe(4);
  });
});

describe('the time that asking takes', () => {
  it('is not delivered in less than its latency', async () => {
    const { clock, world } = bench([5, 5]);
    const answer = world.ask(requestFor('x', 'A'), 1_000, NEVER);
    await clock.advance(4);
    expect(transcriptOf(world)).toEqual([]);
    await clock.advance(1);
    expect(transcriptOf(world)).toHaveLength(1);
    expect(await answer).toMatchObject({ kind: 'reply' });
  });

  it('expires, undelivered, at a time-out shorter than the latency', async () => {
    const { clock, world, ask } = bench([5, 5]);
    expect(await ask(requestFor('x', 'A'), 4)).toEqual({ kind: 'expired' });
    expect(clock.nowMs()).toBe(4);
    await clock.advance(100);
    expect(transcriptOf(world)).toEqual([]);
  });

  it('delivers within a time-out as long as the latency', async () => {
    const { ask } = bench([5, 5]);
    expect(await ask(requestFor('x', 'A'), 5)).toMatchObject({ kind: 'reply' });
  });

  it('takes any time at all where there is no time-out', async () => {
    const { ask } = bench([5, 5]);
    expect(await ask(requestFor('x', 'A'), Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'reply' });
  });

  it('expires where no time is left, even with no latency', async () => {
    const { ask } = bench([0, 0]);
    expect(await ask(requestFor('x', 'A'), 0)).toEqual({ kind: 'expired' });
  });

  it('expires, undelivered, when its timer comes later than the time-out', async () => {
    const late = createVirtualClock();
    const clock = { nowMs: late.nowMs, schedule: (delayMs: number, callback: () => void) => late.schedule(delayMs + 10, callback) };
    const world = createScenarioWorld({ clock, scenario: calmScenario({ latencyMs: { least: 2, most: 2 } }), chats: 0 });
    world.control.openSession('x', 'A');
    expect(await late.drive(world.ask(requestFor('x', 'A'), 5, NEVER))).toEqual({ kind: 'expired' });
    expect(transcriptOf(world)).toEqual([]);
  });

  it('settles at once when aborted, and delivers nothing after that', async () => {
    const { clock, world } = bench([5, 5]);
    const caller = new AbortController();
    const answer = world.ask(requestFor('x', 'A'), 1_000, caller.signal);
    await clock.advance(3);
    caller.abort();
    expect(await answer).toEqual({ kind: 'expired' });
    expect(clock.nowMs()).toBe(3);
    await clock.advance(100);
    expect(transcriptOf(world)).toEqual([]);
  });

  it('delivers nothing for a caller who is gone before it starts', async () => {
    const { clock, world } = bench([0, 0]);
    const answer = world.ask(requestFor('x', 'A'), 1_000, AbortSignal.abort());
    expect(await answer).toEqual({ kind: 'expired' });
    await clock.advance(100);
    expect(transcriptOf(world)).toEqual([]);
  });

  it('is any whole number from the least to the most, and all of them come up', async () => {
    const { clock, ask } = bench([1, 5]);
    const seen = new Set<number>();
    for (let n = 0; n < 100; n += 1) {
      const startedAtMs = clock.nowMs();
      await ask(requestFor('x', 'A'));
      seen.add(clock.nowMs() - startedAtMs);
    }
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts from the beginning of the world, whatever the clock showed then', async () => {
    const clock = createVirtualClock();
    await clock.advance(5_000);
    const world = createScenarioWorld({ clock, scenario: calmScenario({ events: [{ atMs: 100, crash: 'A' }] }), chats: 0 });
    expect([world.nowMs(), world.chatServers()[0]?.status]).toEqual([0, 'up']);
    await clock.advance(100);
    expect([world.nowMs(), world.chatServers()[0]?.status]).toEqual([100, 'down']);
  });
});

describe('the same seed', () => {
  /** When each of twenty concurrent asks was answered, and how. */
  async function trace(seed: number): Promise<readonly unknown[]> {
    const { clock, world } = bench([1, 50], seed);
    const events: unknown[] = [];
    const asks = Array.from({ length: 20 }, async (_, n) => {
      const request = { ...requestFor(n % 2 === 0 ? 'x' : 'unheard-of', n % 3 === 0 ? null : 'A'), referenceId: n + 1 };
      events.push([clock.nowMs(), await world.ask(request, 30, new AbortController().signal), clock.nowMs()]);
    });
    await clock.drive(Promise.all(asks));
    return [...events, transcriptOf(world)];
  }

  it('gives the same times, answers and transcript', async () => {
    expect(await trace(42)).toEqual(await trace(42));
  });

  it('is what makes them the same', async () => {
    expect(await trace(42)).not.toEqual(await trace(43));
  });
});
