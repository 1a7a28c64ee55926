import { expect, it, onTestFinished, vi } from 'vitest';
import { createScenarioWorld } from '../../../lab/simulator/world/scenario-world.ts';
import type { World, WorldControl } from '../../../lab/simulator/world/world.ts';
import type { InteractionServerAdapter, SendOutcome } from '../../../src/probe/adapter.ts';
import { classify } from '../../../src/probe/attempt.ts';
import { type Clock, realClock } from '../../../src/probe/clock.ts';
import type { EspRequest } from '../../../src/probe/esp.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/probe/virtual-clock.ts';
import { calmScenario } from '../../simulator/scenario/scenario-bench.ts';
import { espRequest } from '../../support/esp-request.ts';

/** The adapter under test, asking the world it is given, and how to put an end to what stands behind it. */
export interface Connected {
  readonly adapter: InteractionServerAdapter;
  stop(): Promise<void>;
}

const RULES = {
  ha: false,
  singleChatServer: false,
  onChatServerDown: 'auto',
  restoreWindowMs: 45_000,
  confirmAfterMs: 1_000,
  onUnrecognised: 'route',
} as const;
const ID_KEYS = ['InteractionId', 'Id'];
/** Far from the seconds that every send here has. How quick an adapter is in truth its own tests tell, tick by tick. */
const PROMPT_MS = 2_500;

/**
 * What every adapter promises (src/probe/adapter.ts), tried against a world that it reaches in its own way.
 *
 * @param connect gives an adapter that asks `world`.
 */
export function adapterContract(connect: (world: World) => Promise<Connected>): void {
  it.each([
    ['delivered', 'a live session', {}],
    ['delivered', 'a live session asked for by type', { appName: null }],
    ['session_not_found', 'a lost session', ofInteraction('lost')],
    ['session_not_found', 'an id that the world does not know', ofInteraction('never-seen')],
    ['session_not_found', 'a session that another Chat Server hosts', { ...ofInteraction('elsewhere'), appName: 'ChatServer_1' }],
    ['session_not_found_by_type', 'a lost session asked for by type', { ...ofInteraction('lost'), appName: null }],
    ['chat_server_not_found', 'a Chat Server that is down', { appName: 'ChatServer_down' }],
    ['gateway_misrouted', 'a Chat Server that nobody knows', { appName: 'ChatServer_unknown' }],
  ] as const)('says %s for %s', async (reason, _, changes) => {
    const { adapter } = await rig(connect);
    const request = espRequest(changes);
    expect(reasonOf(request, await send(adapter, request))).toBe(reason);
  });

  it('knows, once it was heard, that its verdicts are made up', async () => {
    const { adapter } = await rig(connect);
    await send(adapter, espRequest());
    expect(adapter.isSimulated()).toBe(true);
  });

  it('says how a Chat Server that is down was looked for', async () => {
    const { adapter, control } = await rig(connect);
    for (const name of ['ChatServer_1', 'ChatServer_2']) control.crash(name);
    const byName = await send(adapter, espRequest());
    const byType = await send(adapter, espRequest({ appName: null }));
    expect(byName).toMatchObject({ reply: { kind: 'error', errorCode: 1, errorMessage: 'Not found by name' } });
    expect(byType).toMatchObject({ reply: { kind: 'error', errorCode: 1, errorMessage: 'Not found by type' } });
  });

  it('says gateway_error while Interaction Server cannot be reached, and recovers', async () => {
    const { adapter, control } = await rig(connect);
    control.interactionServer('down');
    expect(await send(adapter, espRequest())).toMatchObject({ kind: 'failure', reason: 'gateway_error' });
    control.interactionServer('up');
    expect(reasonOf(espRequest(), await send(adapter, espRequest()))).toBe('delivered');
  });

  it('knows nothing while there is no gateway, delivers nothing then, and recovers', async () => {
    const { adapter, control, transcript } = await rig(connect);
    control.gateway('down');
    const outcome = await send(adapter, espRequest());
    expect(['connect_refused', 'connection_reset']).toContain(reasonOf(espRequest(), outcome));
    expect(await adapter.health(AbortSignal.timeout(5_000))).not.toBe('connected');
    expect(transcript()).toEqual([]);
    control.gateway('up');
    expect(reasonOf(espRequest(), await send(adapter, espRequest()))).toBe('delivered');
  });

  it('carries the fault as it came', async () => {
    const { adapter } = await rig(connect);
    expect(await send(adapter, espRequest(ofInteraction('lost')))).toMatchObject({
      kind: 'reply',
      reply: {
        kind: 'fault',
        referenceId: 7,
        userData: null,
        service: 'Chat',
        faultCode: '100',
        faultString: 'interaction with specified id was not found',
      },
    });
  });

  it('delivers the message once and as it was given', async () => {
    const { adapter, transcript } = await rig(connect);
    await send(adapter, espRequest({ messageText: 'Grüße "[probe]"', messageType: 'text', visibility: 'INT' }));
    expect(transcript()).toEqual([{ atMs: expect.any(Number), text: 'Grüße "[probe]"', messageType: 'text', visibility: 'INT' }]);
  });

  it('delivers nothing for an answer that is not a delivery', async () => {
    const { adapter, transcript } = await rig(connect);
    await send(adapter, espRequest({ appName: 'ChatServer_down' }));
    await send(adapter, espRequest({ appName: 'ChatServer_unknown' }));
    expect(transcript()).toEqual([]);
  });

  it('gives each of many sends at once its own reply', async () => {
    const { adapter } = await rig(connect);
    const ids = ['0006Ka9HFHRR0T2B', 'lost', 'never-seen'];
    const requests = Array.from({ length: 24 }, (_, n) => espRequest({ referenceId: n + 1, ...ofInteraction(ids[n % 3] ?? '') }));
    const reasons = await Promise.all(requests.map(async (request) => reasonOf(request, await send(adapter, request))));
    const expected = ['delivered', 'session_not_found', 'session_not_found'];
    expect(reasons).toEqual(requests.map((_, n) => expected[n % 3]));
  });

  it('settles without a send when its time was over before', async () => {
    const { adapter, transcript } = await rig(connect);
    const outcome = await promptly(adapter.send(espRequest(), 1_000, AbortSignal.abort()));
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'timeout', written: false });
    await send(adapter, espRequest()); // whatever was on its way before is there by now
    expect(transcript()).toHaveLength(1);
  });

  it('settles at once when it is cancelled, and nothing is delivered after that', async () => {
    const held = holdingClock();
    const { adapter, transcript } = await rig(connect, held.clock, 500);
    const controller = new AbortController();
    const sent = adapter.send(espRequest(), 10_000, controller.signal);
    await held.isHolding(1);
    controller.abort();
    expect(await promptly(sent)).toMatchObject({ kind: 'failure', reason: 'timeout', written: true });
    await held.isHolding(0);
    await held.clock.advance(60_000);
    expect(transcript()).toEqual([]);
  });

  it('cancels one send without harm to the others', async () => {
    const held = holdingClock();
    const { adapter } = await rig(connect, held.clock, 500);
    const controller = new AbortController();
    const cancelled = adapter.send(espRequest(), 10_000, controller.signal);
    const other = send(adapter, espRequest({ referenceId: 8 }));
    await held.isHolding(2);
    controller.abort();
    expect(await promptly(cancelled)).toMatchObject({ reason: 'timeout' });
    await held.clock.advance(500);
    expect(await other).toMatchObject({ kind: 'reply', reply: { kind: 'response', referenceId: 8 } });
  });

  it('tells the far end its time, after which nothing is delivered', async () => {
    const held = holdingClock();
    const { adapter, transcript } = await rig(connect, held.clock, 5_000);
    const sent = adapter.send(espRequest(), 1_000, new AbortController().signal);
    await held.isHolding(1);
    await held.clock.advance(60_000);
    expect(await promptly(sent)).toMatchObject({ kind: 'failure' });
    expect(transcript()).toEqual([]);
  });

  it('says whether Interaction Server can be reached, and delivers nothing for it', async () => {
    const { adapter, control, transcript } = await rig(connect);
    expect(await adapter.health(AbortSignal.timeout(5_000))).toBe('connected');
    control.interactionServer('down');
    expect(await adapter.health(AbortSignal.timeout(5_000))).toBe('disconnected');
    expect(await promptly(adapter.health(AbortSignal.abort()))).toBe('unknown');
    expect(transcript()).toEqual([]);
  });

  it('settles what is under way when it is closed, and delivers nothing after that', async () => {
    const held = holdingClock();
    const { adapter, transcript } = await rig(connect, held.clock, 500);
    const sent = adapter.send(espRequest(), 10_000, new AbortController().signal);
    await held.isHolding(1);
    await adapter.close();
    expect(await promptly(sent)).toMatchObject({ kind: 'failure' });
    await held.isHolding(0);
    await held.clock.advance(60_000);
    expect(transcript()).toEqual([]);
  });

  it('can be closed twice, and neither sends nor knows anything after that', async () => {
    const { adapter, transcript } = await rig(connect);
    await send(adapter, espRequest());
    await Promise.all([adapter.close(), adapter.close()]);
    await adapter.close();
    const outcome = await promptly(adapter.send(espRequest(), 1_000, new AbortController().signal));
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'connection_reset', written: false, retryAfterMs: null });
    expect(await promptly(adapter.health(new AbortController().signal))).toBe('unknown');
    expect(transcript()).toHaveLength(1);
  });
}

interface Rig {
  readonly adapter: InteractionServerAdapter;
  readonly control: WorldControl;
  /** Messages that reached the live session. */
  transcript(): readonly unknown[];
}

async function rig(connect: (world: World) => Promise<Connected>, clock: Clock = realClock, latencyMs = 0): Promise<Rig> {
  const scenario = calmScenario({
    chatServers: ['ChatServer_1', 'ChatServer_2', 'ChatServer_down'],
    highAvailability: 'none',
    latencyMs: { least: latencyMs, most: latencyMs },
    interactionServer: { reconnectMs: 0 },
  });
  const world = createScenarioWorld({ clock, scenario, chats: 0 });
  const { control } = world;
  control.openSession('lost', 'ChatServer_1');
  control.crash('ChatServer_1');
  control.start('ChatServer_1', 'lost');
  control.openSession('0006Ka9HFHRR0T2B', 'ChatServer_1');
  control.openSession('elsewhere', 'ChatServer_2');
  control.crash('ChatServer_down');

  const { adapter, stop } = await connect(world);
  onTestFinished(async () => {
    await adapter.close();
    await stop();
  });
  return { adapter, control, transcript: () => world.session('0006Ka9HFHRR0T2B')?.transcript ?? [] };
}

interface HoldingClock {
  readonly clock: VirtualClock;
  /** Resolves when that many messages have come to the far end and neither gone on nor been given up. */
  isHolding(messages: number): Promise<void>;
}

/** A world on this clock answers nothing until the clock is moved. */
function holdingClock(): HoldingClock {
  const virtual = createVirtualClock();
  const held = new Set<object>();
  const clock: VirtualClock = {
    ...virtual,
    schedule(delayMs, callback) {
      const one = {};
      held.add(one);
      const cancel = virtual.schedule(delayMs, () => {
        held.delete(one);
        callback();
      });
      return () => {
        held.delete(one);
        cancel();
      };
    },
  };
  return { clock, isHolding: (messages) => vi.waitFor(() => expect(held.size).toBe(messages), { interval: 1, timeout: 5_000 }) };
}

function ofInteraction(id: string): Pick<EspRequest, 'userData'> {
  return { userData: { InteractionId: id, Id: id } };
}

function send(adapter: InteractionServerAdapter, request: EspRequest): Promise<SendOutcome> {
  return adapter.send(request, 5_000, AbortSignal.timeout(5_000));
}

function reasonOf(request: EspRequest, outcome: SendOutcome): string {
  return classify(request, ID_KEYS, outcome, RULES, false);
}

/** Fails unless `outcome` settles within `PROMPT_MS`. */
async function promptly<T>(outcome: Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const settled = await outcome;
  expect(performance.now() - startedMs).toBeLessThan(PROMPT_MS);
  return settled;
}
