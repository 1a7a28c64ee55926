import { describe, expect, it } from 'vitest';
import { DEMO_CHATS } from '../../lab/simulator/demo-world.ts';
import { createAdapter } from '../../src/adapters/registry.ts';
import { realClock } from '../../src/probe/clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { espRequest } from '../support/esp-request.ts';
import { answer, startScriptedGateway } from '../support/scripted-gateway.ts';

describe('the registry of adapters', () => {
  it('makes a simulator that shows the demo world in the time it is given', async () => {
    const clock = createVirtualClock();
    const adapter = createAdapter({ kind: 'simulator', seed: 1 }, { clock, wallNowMs: () => 0, onFarEnd: () => undefined });
    const { id, chatServer } = DEMO_CHATS.live;
    const request = espRequest({ appName: chatServer, userData: { InteractionId: id } });
    const outcome = await clock.drive(adapter.send(request, 1_000, new AbortController().signal));
    expect(adapter.kind).toBe('simulator');
    expect(outcome).toMatchObject({ kind: 'reply', reply: { kind: 'response' } });
  });

  it('makes a gateway adapter that counts time and reads dates by the clocks it is given', async () => {
    const gateway = await startScriptedGateway(answer(429, { 'retry-after': 'Fri, 02 Jan 2026 03:04:15 GMT' }, ''));
    const adapter = createAdapter(
      { kind: 'gateway', urls: [gateway.url], token: null, ca: null, identity: null, connectTimeoutMs: 1_000, maxConnections: 1 },
      { clock: { ...realClock, nowMs: () => 7 }, wallNowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5), onFarEnd: () => undefined },
    );
    const outcome = await adapter.send(espRequest(), 1_000, new AbortController().signal);
    expect(adapter.kind).toBe('gateway');
    expect(outcome).toMatchObject({ reason: 'gateway_busy', retryAfterMs: 10_000 });
    expect(gateway.requests[0]?.headers['x-deadline-ms']).toBe('1000');
    await adapter.close();
    await gateway.close();
  });
});
