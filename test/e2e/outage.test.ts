import { expect, it, onTestFinished } from 'vitest';
import { createDemoWorld } from '../../lab/simulator/demo-world.ts';
import { startSimulator } from '../../lab/simulator/network/network-face.ts';
import { realClock } from '../../src/probe/clock.ts';
import type { RunningService } from '../../src/process/start-service.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, probe } from '../support/listening-service.ts';
import type { Script } from '../support/scripted-gateway.ts';

/** Answers each message with these fields after a while, in the name of its own reference id. */
const replying =
  (fields: object, afterMs = 0): Script =>
  (socket, { body }) => {
    const reply = JSON.stringify({ ...fields, referenceId: JSON.parse(body).referenceId });
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(reply)}\r\n\r\n`;
    setTimeout(() => socket.write(head + reply), afterMs);
  };
const DELIVERED = { messageName: 'Event3rdServerResponse', request: { Service: 'Chat', Method: 'Message' } };
const LOST = {
  messageName: 'Event3rdServerFault',
  request: {
    Service: 'Chat',
    Method: 'Message',
    Parameters: { FaultCode: '100', FaultString: 'interaction with specified id was not found' },
  },
};
const DOWN = { messageName: 'EventError', errorCode: 1, errorMessage: 'Not found by name' };

async function serviceAt(script: Script, env: Readonly<Record<string, string>> = {}) {
  const gateway = await gatewayThat(script);
  return { gateway, service: await listeningService({ ...gatewayEnv(gateway.url), ...env }) };
}

/** Two attempts, a little more than the second apart that a stop with high availability needs. */
const QUICK = { attempts: 2, deadlineMs: 3_100 };

const metric = async ({ url }: RunningService, series: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(series))
      ?.split(' ')
      .at(-1),
  );
};

it('two callers who ask about one chat at the same time share one message', async () => {
  const { gateway, service } = await serviceAt(replying(DELIVERED, 500));
  const answers = await Promise.all([probe(service), probe(service)]);
  expect(answers.map(({ answer }) => answer['servedBy']).sort()).toEqual(['coalesced', 'probe']);
  expect(new Set(answers.map(({ answer }) => answer['probeId'])).size).toBe(1);
  expect((await probe(service)).answer).toMatchObject({ verdict: 'route', servedBy: 'recent' });
  expect(gateway.requests).toHaveLength(1);
  expect(await metric(service, 'chatprobe_messages_saved_total{target="default",mechanism="coalesced"}')).toBe(1);
});

it('a response that carries a fault code is that fault, and no delivery that lets stops pass', async () => {
  const { service } = await serviceAt(replying({ ...LOST, messageName: 'Event3rdServerResponse' }), { CHATPROBE_HA: 'false' });
  const { answer } = await probe(service, { chatServerAppName: 'ChatServer_1', debug: true });
  expect(answer).toMatchObject({ verdict: 'route', evidence: 'dead', reason: 'session_not_found', guarded: true, faultCode: '100' });
  expect(await metric(service, 'chatprobe_hidden_messages_total{target="default",delivery="confirmed"}')).toBe(0);
});

it('an error code that came as text is told as a number', async () => {
  const { service } = await serviceAt(replying({ messageName: 'EventError', errorCode: '42', errorDescription: 'no licence' }));
  const { answer } = await probe(service, { attempts: 2, debug: true });
  expect(answer).toMatchObject({ reason: 'error_unrecognised' });
  expect(answer['attemptLog']).toMatchObject([{ errorCode: 42, errorMessage: 'no licence' }, {}]);
});

it('a caller who hangs up does not take the verdict from the other', async () => {
  const { gateway, service } = await serviceAt(replying(DELIVERED, 1_000));
  const gone = new AbortController();
  const first = fetch(`${service.url}/interactions/abc/probe`, { method: 'POST', signal: gone.signal }).catch(() => 'gone');
  await until(() => gateway.requests.length === 1);
  const second = probe(service, {}, 'abc');
  setTimeout(() => gone.abort(), 500);
  expect(await first).toBe('gone');
  expect((await second).answer).toMatchObject({ verdict: 'route', reason: 'delivered', servedBy: 'coalesced' });
  expect(gateway.requests).toHaveLength(1);
});

it('three hundred chats of a Chat Server that is down cost a handful of messages, and all are answered in time', async () => {
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world: createDemoWorld({ clock: realClock, seed: 1 }) });
  onTestFinished(() => simulator.close());
  const service = await listeningService(gatewayEnv(simulator.url));
  await probe(service, { chatServerAppName: 'ChatServer_2', attempts: 2, deadlineMs: 2_500 }, 'the-first');
  const ask = { chatServerAppName: 'ChatServer_2', deadlineMs: 2_500 };
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => probe(service, ask, `chat-${n}`)));
  expect(answers.every(({ status, answer }) => status === 200 && answer['verdict'] === 'route')).toBe(true);
  expect(answers.filter(({ answer }) => answer['servedBy'] === 'canary').length).toBeGreaterThan(250);
  // By its policy alone each would wait 8 s.
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(7_000);
  expect(await metric(service, 'chatprobe_attempts_total{target="default",reason="chat_server_not_found"}')).toBeLessThan(60);
  expect(await metric(service, 'chatprobe_probes_parked{target="default"}')).toBe(0);
});

it('nothing is stopped before a message was delivered, until an operator says so', async () => {
  const { service } = await serviceAt(replying(LOST));
  const ask = { chatServerAppName: 'ChatServer_1', ...QUICK };
  expect((await probe(service, ask, 'a')).answer).toMatchObject({ verdict: 'route', evidence: 'dead', guarded: true, degraded: true });
  const released = await fetch(`${service.url}/targets/default/guard/release`, {
    method: 'POST',
    body: new URLSearchParams({ minutes: '1' }),
  });
  expect([released.status, await released.json()]).toEqual([200, { target: 'default', guard: 'released', releasedForMs: 60_000 }]);
  expect((await probe(service, ask, 'b')).answer).toMatchObject({ verdict: 'stop', evidence: 'dead', guarded: false });
});

it.each([
  ['true', 'stop'],
  ['false', 'route'],
])('an outage that the service watched holds back stops, but where there is one Chat Server (%s)', async (single, verdict) => {
  let says: object = DELIVERED;
  const { service } = await serviceAt((socket, request) => replying(says)(socket, request), {
    CHATPROBE_ON_CHAT_SERVER_DOWN: 'stop',
    CHATPROBE_SINGLE_CHAT_SERVER: single,
  });
  const ask = { chatServerAppName: 'ChatServer_1', ...QUICK };
  await probe(service, ask, 'a');
  says = DOWN;
  expect((await probe(service, ask, 'b')).answer).toMatchObject({ verdict, evidence: 'orphaned', guarded: verdict === 'route' });
});

it('in shadow the caller is told to route, and what would have been answered', async () => {
  let says: object = DELIVERED;
  const { service } = await serviceAt((socket, request) => replying(says)(socket, request), { CHATPROBE_SHADOW: 'true' });
  const ask = { chatServerAppName: 'ChatServer_1', ...QUICK };
  expect((await probe(service, ask, 'a')).answer).toMatchObject({ verdict: 'route', shadowVerdict: 'route' });
  says = LOST;
  expect((await probe(service, ask, 'b')).answer).toMatchObject({ verdict: 'route', evidence: 'dead', shadowVerdict: 'stop' });
  expect(await metric(service, 'chatprobe_probes_total{target="default",evidence="dead",verdict="stop",reason="session_not_found"}')).toBe(
    1,
  );
  expect(await metric(service, 'chatprobe_requests_total{target="default",verdict="stop",served_by="probe"}')).toBe(0);
});

it('a crowd in front of a gateway that is gone is answered at once', async () => {
  const service = await listeningService(gatewayEnv('http://127.0.0.1:1'));
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => probe(service, { chatServerAppName: 'ChatServer_1' }, `chat-${n}`)),
  );
  const reasons = answers.map(({ answer }) => answer['reason']);
  expect(reasons.filter((reason) => reason === 'gateway_open').length).toBeGreaterThan(100);
  expect(answers.every(({ answer }) => answer['verdict'] === 'route')).toBe(true);
  expect(await metric(service, 'chatprobe_gateway_open{target="default"}')).toBe(1);
});
