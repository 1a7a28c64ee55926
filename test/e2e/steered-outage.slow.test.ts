import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../../lab/simulator/network/network-face.ts';
import { createPlayback } from '../../lab/simulator/playback.ts';
import { createSteerableClock } from '../../lab/simulator/steerable-clock.ts';
import type { World } from '../../lab/simulator/world/world.ts';
import { realClock } from '../../src/probe/clock.ts';
import { LIBRARY } from '../support/control-bench.ts';
import { until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, probe } from '../support/listening-service.ts';

const CHAT = 'chat-000001';
/** Quick, since time is moved by hand: two attempts, the second at once after the first. */
const QUICK = { deadlineMs: 1_500, attempts: 2 };
/** The second as soon after the first as a stop allows. */
const STOPPING = { deadlineMs: 3_050, attempts: 2 };

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The simulator playing the calm scenario over the network, and the real service in front of it. */
async function rehearsal() {
  const clock = createSteerableClock(realClock);
  const stage = createPlayback(clock, LIBRARY);
  stage.play({ scenario: 'calm', seed: null, chats: 4 });
  let asks = 0;
  const ask: World['ask'] = (...told) => {
    asks += 1;
    return stage.world.ask(...told);
  };
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world: { ...stage.world, ask }, control: { stage, clock } });
  onTestFinished(() => simulator.close());
  // What is stopped here is stopped first thing, before anything was delivered.
  const service = await listeningService({ ...gatewayEnv(simulator.url), CHATPROBE_REQUIRE_DELIVERY: 'false' });

  const tell = async (method: string, path: string, body?: object): Promise<Told> => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${simulator.url}/sim${path}`, { method, ...(body === undefined ? {} : json) });
    return { status: response.status, body: (await response.json()) as Told['body'] };
  };
  return {
    url: simulator.url,
    tell,
    /** Messages that have reached the world, whether or not they were delivered. */
    asks: () => asks,
    advance: (byMs: number) => tell('POST', '/clock/advance', { byMs }),
    /** Asks for a verdict as a workflow would: with the user data that it reads now. */
    async verdict(id = CHAT, policy = QUICK) {
      const { userData } = (await tell('GET', `/sessions/${id}`)).body;
      const { ChatServerAppName } = userData as { ChatServerAppName: string };
      return (await probe(service, { ...policy, userData: userData as object, chatServerAppName: ChatServerAppName }, id)).answer;
    },
    async messages(id = CHAT) {
      return (await tell('GET', `/sessions/${id}/transcript`)).body['messages'];
    },
  };
}

const HIDDEN = { atMs: expect.any(Number), text: '[probe]', type: null, visibility: 'VIP' };

describe('the real service against a world that is steered', () => {
  it('routes a chat through its fail-over, and leaves in it exactly the one message that got through', async () => {
    const { tell, advance, verdict, messages } = await rehearsal();
    await tell('POST', '/servers/A/crash');
    expect(await verdict()).toMatchObject({ verdict: 'route', evidence: 'orphaned', degraded: true, attempts: 2, recheckAfterMs: 5_000 });
    await advance(5_000);
    expect((await tell('GET', `/sessions/${CHAT}`)).body).toMatchObject({ host: 'B' });
    expect(await messages()).toEqual([]);

    await advance(1_000);
    expect(await verdict()).toMatchObject({ verdict: 'route', evidence: 'alive', reason: 'delivered', attempts: 1, chatServer: 'B' });
    expect(await messages()).toEqual([HIDDEN]);
  });

  it('stops a chat that is lost, with the truth on its side and nothing in the transcript', async () => {
    const { tell, advance, verdict, messages } = await rehearsal();
    for (const name of ['A', 'B']) await tell('POST', `/servers/${name}/crash`);
    await advance(45_000);
    await tell('POST', '/servers/A/start', { sessions: 'lost' });
    expect((await tell('GET', `/sessions/${CHAT}/truth`)).body).toMatchObject({ customer: 'gone', session: 'none' });
    expect(await verdict()).toMatchObject({ verdict: 'route', reason: 'unconfirmed', recheckAfterMs: 2_000 });
    const stopped = { verdict: 'stop', evidence: 'dead', reason: 'session_not_found', degraded: false };
    expect(await verdict(CHAT, STOPPING)).toMatchObject(stopped);
    expect(await messages()).toEqual([]);
  });

  it('does not send for a chat that was closed cleanly', async () => {
    const { tell, verdict, messages } = await rehearsal();
    await tell('DELETE', `/sessions/${CHAT}`);
    expect(await verdict()).toMatchObject({ verdict: 'stop', evidence: 'closed', servedBy: 'none' });
    expect(await messages()).toEqual([]);
  });

  it('waits for a message that is held up by frozen time, and has it when time moves', async () => {
    const { tell, advance, verdict, messages, asks } = await rehearsal();
    await tell('POST', '/clock/freeze');
    const pending = verdict();
    await until(() => asks() > 0);
    expect(await messages()).toEqual([]);
    await advance(60_000);
    expect(await pending).toMatchObject({ evidence: 'alive', attempts: 1 });
    expect(await messages()).toEqual([HIDDEN]);
  });

  it('learns nothing while the gateway is down, which does not shut out whoever steers', async () => {
    const { url, tell, verdict, messages } = await rehearsal();
    await tell('PUT', '/gateway', { state: 'down' });
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(await verdict()).toMatchObject({ verdict: 'route', evidence: 'unknown', reason: 'connection_reset' });
    expect(await tell('PUT', '/gateway', { state: 'up' })).toMatchObject({ status: 200 });
    expect(await verdict()).toMatchObject({ evidence: 'alive' });
    expect(await messages()).toEqual([HIDDEN]);
  });

  it('asks the new world after a reset', async () => {
    const { tell, verdict, messages } = await rehearsal();
    await tell('POST', '/servers/A/crash');
    await tell('POST', '/reset');
    expect(await verdict()).toMatchObject({ evidence: 'alive' });
    expect(await messages()).toEqual([HIDDEN]);
  });
});
