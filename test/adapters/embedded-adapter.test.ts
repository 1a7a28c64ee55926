import { describe, expect, it } from 'vitest';
import { createDemoWorld, DEMO_CHATS } from '../../lab/simulator/demo-world.ts';
import type { World } from '../../lab/simulator/world/world.ts';
import { createEmbeddedAdapter } from '../../src/adapters/embedded-adapter.ts';
import type { InteractionServerAdapter, SendOutcome } from '../../src/probe/adapter.ts';
import type { EspRequest } from '../../src/probe/esp.ts';
import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { requestFor, sampleRequest } from '../simulator/sample-request.ts';

const { live, lost, stranded } = DEMO_CHATS;
const NEVER = new AbortController().signal;

interface Bench {
  readonly clock: VirtualClock;
  readonly world: World;
  readonly adapter: InteractionServerAdapter;
  send(request: EspRequest, timeoutMs?: number): Promise<SendOutcome>;
  deliveries(): number;
}

function bench(): Bench {
  const clock = createVirtualClock();
  const world = createDemoWorld({ clock, seed: 1, latencyMs: [5, 5] });
  const adapter = createEmbeddedAdapter(world);
  return {
    clock,
    world,
    adapter,
    send: (request, timeoutMs = 1_000) => clock.drive(adapter.send(request, timeoutMs, NEVER)),
    deliveries: () => world.session(live.id)?.transcript.length ?? 0,
  };
}

describe('the simulator adapter', () => {
  it('is named as in the configuration', () => {
    expect(bench().adapter.kind).toBe('simulator');
  });

  it.each([
    ['a delivered message', live, { kind: 'response' }],
    ['a lost session', lost, { kind: 'fault', faultCode: '100' }],
    ['a Chat Server that is down', stranded, { kind: 'error', errorCode: 1 }],
  ])('hands on the reply for %s', async (_what, { id, chatServer }, reply) => {
    const { send } = bench();
    expect(await send(requestFor(id, chatServer))).toMatchObject({ kind: 'reply', reply });
  });

  it('calls an unknown Chat Server name misrouted, as a gateway would by 422', async () => {
    const { send } = bench();
    expect(await send(sampleRequest({ appName: 'ChatServer_9' }))).toMatchObject({
      kind: 'failure',
      reason: 'gateway_misrouted',
      written: true,
      rejected: true,
      retryAfterMs: null,
    });
  });

  it('calls Interaction Server out of reach a gateway error, as a gateway would by 503', async () => {
    const { world, send } = bench();
    world.control.interactionServer('down');
    expect(await send(sampleRequest())).toMatchObject({ kind: 'failure', reason: 'gateway_error', written: true, rejected: false });
  });

  it('calls a gateway that is not there a refused connection, with nothing written', async () => {
    const { world, send, deliveries } = bench();
    world.control.gateway('down');
    expect(await send(sampleRequest())).toMatchObject({ kind: 'failure', reason: 'connect_refused', written: false });
    expect(deliveries()).toBe(0);
  });

  it('calls a gateway that goes down with the message a broken connection', async () => {
    const { clock, world, adapter, deliveries } = bench();
    const outcome = adapter.send(sampleRequest(), 1_000, NEVER);
    await clock.advance(2);
    world.control.gateway('down');
    expect(await clock.drive(outcome)).toMatchObject({ kind: 'failure', reason: 'connection_reset', written: true });
    expect(deliveries()).toBe(0);
  });

  it('calls a message that ran out of time a time-out', async () => {
    const { send, deliveries } = bench();
    expect(await send(sampleRequest(), 4)).toMatchObject({ kind: 'failure', reason: 'timeout', written: true });
    expect(deliveries()).toBe(0);
  });

  it('settles at once when aborted, and delivers nothing after that', async () => {
    const { clock, adapter, deliveries } = bench();
    const caller = new AbortController();
    const outcome = adapter.send(sampleRequest(), 1_000, caller.signal);
    await clock.advance(2);
    caller.abort();
    expect(await outcome).toMatchObject({ kind: 'failure', reason: 'timeout' });
    await clock.advance(1_000);
    expect(deliveries()).toBe(0);
  });

  it('writes nothing for a signal that has aborted already', async () => {
    const { clock, adapter, deliveries } = bench();
    expect(await adapter.send(sampleRequest(), 1_000, AbortSignal.abort())).toMatchObject({ reason: 'timeout', written: false });
    await clock.advance(1_000);
    expect(deliveries()).toBe(0);
  });

  it('tells whether Interaction Server can be reached, without delivering anything', async () => {
    const { world, adapter, deliveries } = bench();
    expect(await adapter.health(NEVER)).toBe('connected');
    world.control.interactionServer('down');
    expect(await adapter.health(NEVER)).toBe('disconnected');
    world.control.gateway('down');
    expect(await adapter.health(NEVER)).toBe('disconnected');
    expect(deliveries()).toBe(0);
  });

  it('does not know the health for a signal that has aborted', async () => {
    expect(await bench().adapter.health(AbortSignal.abort())).toBe('unknown');
  });

  it('closes twice, settles what is under way, and sends nothing any more', async () => {
    const { clock, adapter, deliveries } = bench();
    const underWay = adapter.send(sampleRequest(), 1_000, NEVER);
    await clock.advance(2);
    await adapter.close();
    await adapter.close();
    expect(await underWay).toMatchObject({ kind: 'failure', reason: 'connection_reset', written: true });
    expect(await adapter.send(sampleRequest(), 1_000, NEVER)).toMatchObject({ reason: 'connection_reset', written: false });
    expect(await adapter.health(NEVER)).toBe('unknown');
    await clock.advance(1_000);
    expect(deliveries()).toBe(0);
  });

  it('does not mix up what is sent at the same time', async () => {
    const { clock, adapter } = bench();
    const sends = [1, 2, 3].map((referenceId) => adapter.send(sampleRequest({ referenceId }), 1_000, NEVER));
    const outcomes = await clock.drive(Promise.all(sends));
    expect(outcomes.map((outcome) => outcome.kind === 'reply' && outcome.reply.referenceId)).toEqual([1, 2, 3]);
  });
});
