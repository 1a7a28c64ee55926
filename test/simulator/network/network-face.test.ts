import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createDemoWorld, DEMO_CHATS } from '../../../lab/simulator/demo-world.ts';
import { type Simulator, startSimulator } from '../../../lab/simulator/network/network-face.ts';
import type { World, WorldAnswer } from '../../../lab/simulator/world/world.ts';
import { type Clock, realClock } from '../../../src/probe/clock.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/probe/virtual-clock.ts';
import fixtures from '../../fixtures/esp-replies.json' with { type: 'json' };
import { SECRETS } from '../../support/secrets.ts';

const BODY = JSON.stringify(fixtures.request);
const running: Simulator[] = [];

afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

/** The demo world behind the network face, and the answer that the world gives to the first ask, once there is one. */
interface Bench {
  readonly world: World;
  readonly url: string;
  readonly port: number;
  readonly simulator: Simulator;
  /** Resolves when the first ask has reached the world. */
  readonly asked: Promise<{ readonly answer: Promise<WorldAnswer> }>;
  deliveries(): number;
}

async function bench(options: { clock?: Clock; latencyMs?: readonly [number, number]; token?: string } = {}): Promise<Bench> {
  const { clock = realClock, latencyMs = [0, 0], token } = options;
  const demo = createDemoWorld({ clock, seed: 1, latencyMs });
  let tell = (_first: { answer: Promise<WorldAnswer> }): void => undefined;
  const asked = new Promise<{ answer: Promise<WorldAnswer> }>((resolve) => {
    tell = resolve;
  });
  const world: World = {
    ...demo,
    ask(...told) {
      const answer = demo.ask(...told);
      tell({ answer });
      return answer;
    },
  };
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world, ...(token === undefined ? {} : { token }) });
  running.push(simulator);
  const { url } = simulator;
  const deliveries = (): number => demo.session(DEMO_CHATS.live.id)?.transcript.length ?? 0;
  return { world: demo, url, port: Number(new URL(url).port), simulator, asked, deliveries };
}

function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/esp`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}

/** A message for one of the demo's chats, in the fixtures' form. */
function messageFor({ id, chatServer }: { id: string; chatServer: string | undefined }): string {
  const request = { ...fixtures.request.request, AppName: chatServer };
  return JSON.stringify({ ...fixtures.request, request, userData: { InteractionId: id, Id: id } });
}

it.each([
  ['a reply', {}, 200],
  ['a refused message', { body: '{}' }, 400],
  ['a refused token', { token: SECRETS.wrongToken }, 401],
] as const)('%s says that a simulator gave it', async (_what, { body, token }: { body?: string; token?: string }, status) => {
  const { url } = await bench({ token: SECRETS.gatewayToken });
  const headers = { authorization: `Bearer ${token ?? SECRETS.gatewayToken}` };
  const response = await post(url, body ?? messageFor(DEMO_CHATS.live), headers);
  expect([response.status, response.headers.get('x-chat-probe-simulator')]).toEqual([status, 'true']);
  const health = await fetch(`${url}/health`, { headers });
  expect(health.headers.get('x-chat-probe-simulator')).toBe('true');
});

describe('POST /esp', () => {
  const { live, lost, stranded } = DEMO_CHATS;

  it.each([
    ['a delivered message', live, fixtures.delivered],
    ['a lost session', lost, fixtures.sessionNotFound],
    ['a Chat Server that is down', stranded, fixtures.chatServerNotFoundByName],
  ])('answers %s in the shape of the fixtures', async (_what, chat, expected) => {
    const { url } = await bench();
    const response = await post(url, messageFor(chat));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.json()).toEqual(expected);
  });

  it('answers by type in the shape of the fixtures', async () => {
    const { url, world } = await bench();
    for (const name of ['ChatServer_1', 'ChatServer_3']) world.control.crash(name);
    const response = await post(url, messageFor({ id: live.id, chatServer: undefined }));
    expect(await response.json()).toEqual(fixtures.chatServerNotFoundByType);
  });

  it('delivers once what it answers as delivered', async () => {
    const { url, deliveries } = await bench();
    await post(url, BODY, { 'x-deadline-ms': '2000' });
    expect(deliveries()).toBe(1);
  });

  it('answers 422 to a Chat Server name that it does not know', async () => {
    const { url } = await bench();
    const response = await post(url, messageFor({ id: live.id, chatServer: 'ChatServer_9' }));
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual({ error: 'no Chat Server of that name is configured' });
  });

  it('answers 503 when Interaction Server cannot be reached', async () => {
    const { url, world } = await bench();
    world.control.interactionServer('down');
    const response = await post(url, BODY);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: 'Interaction Server cannot be reached' });
  });

  it.each(['/esp', '/health'])('breaks off a connection to %s without an answer while the gateway is down', async (path) => {
    const { url, port, world } = await bench();
    world.control.gateway('down');
    const socket = connect(port, '127.0.0.1');
    // Without its body: nobody is there to wait for one.
    socket.write(
      `${path === '/esp' ? 'POST' : 'GET'} ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`,
    );
    expect(await text(socket)).toBe('');
    world.control.gateway('up');
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('breaks off, having delivered nothing, when the gateway goes down with the message', async () => {
    const clock = createVirtualClock();
    const { url, world, asked, deliveries } = await bench({ clock, latencyMs: [5, 5] });
    const response = post(url, BODY).catch((fault: unknown) => fault);
    await asked;
    world.control.gateway('down');
    await clock.advance(5);
    expect(await response).toBeInstanceOf(TypeError);
    expect(deliveries()).toBe(0);
  });

  it('answers 504, having delivered nothing, when the deadline passes first', async () => {
    const { url, deliveries } = await bench({ latencyMs: [40, 40] });
    const response = await post(url, BODY, { 'x-deadline-ms': '20' });
    expect(response.status).toBe(504);
    expect(await response.json()).toEqual({ error: 'the deadline passed before the message was sent' });
    expect(deliveries()).toBe(0);
  });

  it('counts the time that the body takes to come', async () => {
    const clock = createVirtualClock();
    const { port, deliveries } = await bench({ clock });
    const socket = connect(port, '127.0.0.1');
    const head = `POST /esp HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\nx-deadline-ms: 30\r\n`;
    socket.write(`${head}expect: 100-continue\r\ncontent-length: ${BODY.length}\r\n\r\n`);
    await once(socket, 'data'); // "100 Continue": the head has come
    await clock.advance(30);
    socket.write(BODY);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 504 /);
    expect(deliveries()).toBe(0);
  });

  it.each(['soon', '-1', '1.5', '', '1e3', '12345678901'])('answers 400 to the deadline %j and delivers nothing', async (deadline) => {
    const { url, deliveries } = await bench();
    const response = await post(url, BODY, { 'x-deadline-ms': deadline });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'X-Deadline-Ms must be a whole number of milliseconds' });
    expect(deliveries()).toBe(0);
  });

  it('answers 400 to what is not a Request3rdServer, naming every problem', async () => {
    const { url } = await bench();
    const response = await post(url, JSON.stringify({ ...fixtures.request, referenceId: '7', userData: [] }));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: 'not a Request3rdServer: referenceId must be a whole number from 1 to 4294967295; userData must be an object',
    });
  });

  it('keeps the list of problems short', async () => {
    const { url } = await bench();
    const userData = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key${n}`, null]));
    const response = await post(url, JSON.stringify({ ...fixtures.request, userData }));
    expect((await response.text()).length).toBeLessThan(2_100);
  });

  it.each([
    ['broken JSON', '{', 'application/json', 400],
    ['an empty body', '', 'application/json', 400],
    ['a body over 64 KiB', `"${'x'.repeat(65_535)}"`, 'application/json', 413],
    ['plain text', BODY, 'text/plain', 415],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415],
  ])('refuses %s with an error in JSON', async (_what, body, contentType, status) => {
    const { url } = await bench();
    const response = await post(url, body, { 'content-type': contentType });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\w/) });
  });

  it('reads a body of exactly 64 KiB', async () => {
    const { url } = await bench();
    const response = await post(url, BODY.padEnd(65_536, ' '));
    expect(response.status).toBe(200);
  });

  it('tells nothing of a fault of its own', async () => {
    const { world } = await bench();
    const broken: World = { ...world, ask: () => Promise.reject(new Error('inner secret')) };
    const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world: broken });
    running.push(simulator);
    const response = await post(simulator.url, BODY);
    expect([response.status, await response.json()]).toEqual([500, { error: 'internal error' }]);
  });
});

describe('a caller of POST /esp', () => {
  /** A caller whose message has reached the world but is still on its way. */
  async function waitingCaller(clock: VirtualClock): Promise<Bench & { socket: Socket; answer: Promise<WorldAnswer> }> {
    const parts = await bench({ clock, latencyMs: [5, 5] });
    const socket = connect(parts.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST /esp HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`);
    return { ...parts, socket, answer: (await parts.asked).answer };
  }

  it('who hangs up before delivery has nothing delivered', async () => {
    const clock = createVirtualClock();
    const { socket, answer, deliveries } = await waitingCaller(clock);
    socket.destroy();
    expect(await answer).toEqual({ kind: 'expired' });
    await clock.advance(1_000);
    expect(deliveries()).toBe(0);
  });

  it('who waits is not taken for gone once the body has been read', async () => {
    const clock = createVirtualClock();
    const { socket, answer, deliveries } = await waitingCaller(clock);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(5);
    expect(await answer).toMatchObject({ kind: 'reply' });
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    expect(deliveries()).toBe(1);
    socket.destroy();
  });

  it('who is cut off by close() has nothing delivered', async () => {
    const clock = createVirtualClock();
    const { simulator, answer, deliveries } = await waitingCaller(clock);
    await simulator.close();
    expect(await answer).toEqual({ kind: 'expired' });
    await clock.advance(1_000);
    expect(deliveries()).toBe(0);
  });
});

describe('the other routes', () => {
  it('tells by GET /health whether Interaction Server can be reached', async () => {
    const { url, world } = await bench();
    const up = await fetch(`${url}/health`);
    expect([up.status, await up.json()]).toEqual([200, { interactionServer: 'connected' }]);
    world.control.interactionServer('down');
    const down = await fetch(`${url}/health`);
    expect([down.status, await down.json()]).toEqual([503, { interactionServer: 'disconnected' }]);
  });

  it.each(['/', '/esp', '/esp/0006Ka9HFHRR0T2B'])('answers 404 to GET %s', async (path) => {
    const { url } = await bench();
    const response = await fetch(url + path);
    expect([response.status, await response.json()]).toEqual([404, { error: 'there is only POST /esp and GET /health' }]);
  });
});

describe('a simulator with a token', () => {
  it.each([
    ['no token', {}],
    ['another token', { authorization: `Bearer ${SECRETS.wrongToken}` }],
    ['the token in another scheme', { authorization: `Basic ${SECRETS.gatewayToken}` }],
  ])('answers 401 to %s and delivers nothing', async (_what, headers: Record<string, string>) => {
    const { url, deliveries } = await bench({ token: SECRETS.gatewayToken });
    const response = await post(url, BODY, headers);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.json()).toEqual({ error: 'a bearer token is needed' });
    expect(deliveries()).toBe(0);
    expect((await fetch(`${url}/health`, { headers })).status).toBe(401);
  });

  it('lets in who shows it', async () => {
    const { url } = await bench({ token: SECRETS.gatewayToken });
    expect((await post(url, BODY, { authorization: `Bearer ${SECRETS.gatewayToken}` })).status).toBe(200);
  });
});

describe('listening', () => {
  it('closes in spite of connections that are idle or have sent nothing, and closes twice', async () => {
    const { url, port, simulator } = await bench();
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve) => get(`${url}/health`, { agent }, (response) => response.resume().on('end', resolve)));

    const startedAtMs = performance.now();
    await simulator.close();
    await simulator.close();
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    agent.destroy();
    silent.destroy();
  });

  it('rejects where the port is taken', async () => {
    const { port, world } = await bench();
    await expect(startSimulator({ host: '127.0.0.1', port, world })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('puts an IPv6 address into brackets', async () => {
    const { world } = await bench();
    const simulator = await startSimulator({ host: '::1', port: 0, world });
    running.push(simulator);
    expect(simulator.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${simulator.url}/health`)).status).toBe(200);
  });
});
