import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/observers/logger.ts';
import { demoGateway, gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, probe } from '../support/listening-service.ts';
import { deliver } from '../support/scripted-gateway.ts';
import { AS_USER_DATA, plantedIn, SECRETS } from '../support/secrets.ts';

describe('a simulator behind a gateway', () => {
  const metric = async (url: string) =>
    /^chatprobe_simulated\{target="default"\} (\d)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];

  it('is called so in every answer from its first reply on, in a metric, in /readyz, and once in the log', async () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line: string) => lines.push(line) });
    const service = await listeningService({ ...gatewayEnv(await demoGateway()), CHATPROBE_ON_CHAT_SERVER_DOWN: 'stop' }, { logger });
    const chat = { chatServerAppName: 'ChatServer_1' };
    const simulated = async (body: object, id?: string) => (await probe(service, body, id)).answer['simulated'];

    expect([await metric(service.url), await simulated({ isOnline: '0' })]).toEqual(['0', false]);
    expect(await simulated(chat)).toBe(true);
    const answers = await Promise.all([
      simulated(chat),
      simulated({ isOnline: '0' }),
      simulated({ ...chat, deadlineMs: 300 }, '02JH8H2FE3Q3T00E'),
    ]);
    expect([answers, await metric(service.url)]).toEqual([[true, true, true], '1']);
    expect(await (await fetch(`${service.url}/readyz`)).json()).toMatchObject({ targets: [{ adapter: 'gateway', simulated: true }] });
    expect(lines.filter((line) => line.includes('SIMULATOR BEHIND A GATEWAY'))).toHaveLength(1);
  });

  it('is known by its health, before anything was asked', async () => {
    const service = await listeningService(gatewayEnv(await demoGateway()));
    await expect
      .poll(async () => (await fetch(`${service.url}/readyz`)).json())
      .toMatchObject({ targets: [{ interactionServer: 'connected', simulated: true }] });
    expect((await probe(service, { isOnline: '0' })).answer).toMatchObject({ reason: 'session_offline', simulated: true });
  });

  it('is not seen where a real gateway answers', async () => {
    const service = await listeningService(gatewayEnv((await gatewayThat(deliver)).url));
    expect((await probe(service)).answer).toMatchObject({ verdict: 'route', evidence: 'alive', simulated: false });
    expect(await metric(service.url)).toBe('0');
  });

  it('is the embedded one from the start, whatever is answered', async () => {
    const service = await listeningService({ CHATPROBE_ADAPTER: 'simulator', CHATPROBE_DRAIN_MS: '0' });
    expect([await metric(service.url), (await probe(service, { isOnline: '0' })).answer['simulated']]).toEqual(['1', true]);
  });
});

describe('a gateway in trouble never costs a chat its life, and never the caller more than the deadline', () => {
  it.each([
    ['silent', () => undefined, 'timeout'],
    ['answers 500', (socket) => socket.end('HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n'), 'gateway_error'],
    ['refuses us', (socket) => socket.end('HTTP/1.1 401 x\r\ncontent-length: 0\r\n\r\n'), 'gateway_auth'],
    ['knows no such path', (socket) => socket.end('HTTP/1.1 404 x\r\ncontent-length: 0\r\n\r\n'), 'gateway_misrouted'],
    ['is busy for long', (socket) => socket.end('HTTP/1.1 429 x\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n'), 'gateway_busy'],
    ['redirects', (socket) => socket.end('HTTP/1.1 307 x\r\nlocation: /esp\r\ncontent-length: 0\r\n\r\n'), 'protocol_error'],
    ['hangs up', (socket) => socket.destroy(), 'connection_reset'],
    ['talks rubbish', (socket) => socket.end('I am not HTTP\r\n\r\n'), 'protocol_error'],
    [
      'never ends its answer',
      (socket) => socket.write('HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{'),
      'timeout',
    ],
  ] as const satisfies readonly (readonly [string, Parameters<typeof gatewayThat>[0], string])[])('%s', async (_name, script, reason) => {
    const gateway = await gatewayThat(script);
    const service = await listeningService(gatewayEnv(gateway.url));
    const { status, answer, tookMs } = await probe(service, { deadlineMs: 1_000, chatServerAppName: 'ChatServer_1' });
    expect([status, answer]).toEqual([200, expect.objectContaining({ verdict: 'route', evidence: 'unknown', degraded: true, reason })]);
    // By its policy alone an attempt has 2 s.
    expect(tookMs).toBeLessThan(1_900);
  });

  it('is not there at all', async () => {
    const service = await listeningService(gatewayEnv('http://127.0.0.1:1'));
    expect(await probe(service, { deadlineMs: 1_000 })).toMatchObject({
      status: 200,
      answer: { verdict: 'route', reason: 'connect_refused' },
    });
    const state = (await (await fetch(`${service.url}/readyz`)).json()) as object;
    expect(state).toMatchObject({
      ready: true,
      draining: false,
      targets: [{ target: 'default', adapter: 'gateway', interactionServer: 'unknown', safety: { delivered: false, guard: 'watching' } }],
    });
  });

  it('answers for another chat, with all the proof in the world', async () => {
    const gateway = await gatewayThat((socket, { body }) => {
      const { referenceId } = JSON.parse(body);
      const reply = JSON.stringify({
        messageName: 'Event3rdServerFault',
        referenceId: referenceId + 1,
        request: {
          Service: 'Chat',
          Method: 'Message',
          Parameters: { FaultCode: '100', FaultString: 'interaction with specified id was not found' },
        },
      });
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${reply.length}\r\n\r\n${reply}`);
    });
    const service = await listeningService(gatewayEnv(gateway.url));
    expect((await probe(service, { deadlineMs: 1_000, chatServerAppName: 'ChatServer_1' })).answer).toMatchObject({
      verdict: 'route',
      reason: 'reply_mismatch',
    });
  });
});

it('a caller who hangs up cancels the message at once, and nothing more is sent', async () => {
  const gateway = await gatewayThat(() => undefined);
  const closed = new Promise<number>((resolve) => gateway.follow((socket) => socket.once('close', () => resolve(performance.now()))));
  const service = await listeningService(gatewayEnv(gateway.url));
  const caller = connect(Number(new URL(service.url).port), '127.0.0.1');
  await once(caller, 'connect');
  const body = JSON.stringify({ chatServerAppName: 'ChatServer_1' });
  caller.write(
    `POST /interactions/a/probe HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => gateway.requests.length === 1);
  const hungUpMs = performance.now();
  caller.destroy();
  // Nobody else ends it before its 2 s are over.
  expect((await closed) - hungUpMs).toBeLessThan(1_500);
  await expect
    .poll(async () => (await fetch(`${service.url}/metrics`)).text())
    .toContain('chatprobe_probes_cancelled_total{target="default"} 1');
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('chatprobe_probes_in_flight{target="default"} 0');
  expect(metrics).toContain('chatprobe_hidden_messages_total{target="default",delivery="unconfirmed"} 1');
  expect(gateway.requests).toHaveLength(1);
});

it('a caller who hangs up with several requests on one connection cancels them all, also those that wait behind another', async () => {
  const gateway = await gatewayThat(() => undefined);
  const service = await listeningService(gatewayEnv(gateway.url));
  const caller = connect(Number(new URL(service.url).port), '127.0.0.1');
  const ids = ['a', 'b', 'c'];
  caller.write(ids.map((id) => `POST /interactions/${id}/probe?attempts=5 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`).join(''));
  await until(() => gateway.requests.length === ids.length);
  caller.destroy();
  await expect
    .poll(async () => (await fetch(`${service.url}/metrics`)).text())
    .toContain('chatprobe_probes_cancelled_total{target="default"} 3');
  expect(await (await fetch(`${service.url}/metrics`)).text()).toContain('chatprobe_probes_in_flight{target="default"} 0');
  expect(gateway.requests).toHaveLength(ids.length);
});

it('a POST with a body is not mistaken for a caller who hung up (fastify/fastify#6725)', async () => {
  const gateway = await gatewayThat(() => undefined);
  const service = await listeningService(gatewayEnv(gateway.url));
  expect((await probe(service, { deadlineMs: 1_000 })).answer).toMatchObject({ reason: 'timeout', attempts: 1 });
});

it('nothing of the caller reaches host, path or header of the gateway', async () => {
  const gateway = await gatewayThat((socket) => socket.destroy());
  const service = await listeningService(gatewayEnv(`${gateway.url}/base`));
  await fetch(`${service.url}/interactions/SECRET-ID/probe`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'SECRET-REQUEST',
      authorization: `Bearer ${SECRETS.apiToken}`,
      cookie: `session=${SECRETS.misplaced}`,
    },
    body: JSON.stringify({
      deadlineMs: 1_000,
      chatServerAppName: 'SECRET-SERVER/../?x#y',
      userData: { ...AS_USER_DATA, Key: 'SECRET-DATA\r\nX-Evil: 1' },
    }),
  });
  const [request] = gateway.requests;
  expect(request?.path).toBe('/base/esp');
  expect(JSON.stringify(request?.headers)).not.toMatch(/SECRET|evil/i);
  expect(plantedIn(JSON.stringify(request?.headers))).toEqual([]);
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    request: { AppName: 'SECRET-SERVER/../?x#y' },
    userData: { ...AS_USER_DATA, Id: 'SECRET-ID', Key: 'SECRET-DATA\r\nX-Evil: 1' },
  });
});

describe('what is hardly HTTP gets a problem document too', () => {
  async function raw(text: string): Promise<string> {
    const service = await listeningService({ CHATPROBE_DRAIN_MS: '0' });
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    return answer;
  }

  it.each([
    [
      'a file that is not there under a path that is',
      'GET /docs/static/nope.js HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      '404 Not Found',
      'unknown_route',
    ],
    ['garbage', 'NONSENSE\r\n\r\n', '400 Bad Request', 'invalid_url'],
    [
      'an endless header',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
      'headers_too_large',
    ],
    ['an unknown method', 'BREW /interactions/a/probe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', '400 Bad Request', 'invalid_url'],
    [
      'a method that few know',
      'PROPFIND /interactions/a/probe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      '405 Method Not Allowed',
      'method_not_allowed',
    ],
  ])('%s', async (_name, text, status, code) => {
    const answer = await raw(text);
    expect(answer.startsWith(`HTTP/1.1 ${status}`)).toBe(true);
    expect(answer).toContain(`urn:chat-probe:problem:${code}`);
  });

  it.each([
    ['without a host', ''],
    ['with an expectation that nobody knows', 'host: x\r\nexpect: the-unexpected\r\n'],
    ['empty in chunks, of a type that makes no sense', 'host: x\r\ncontent-type: a\r\ntransfer-encoding: chunked\r\n'],
    ['empty, and said to be compressed', 'host: x\r\ncontent-encoding: gzip\r\n'],
  ])('but a probe that can be made out gets its verdict: %s', async (_name, headers) => {
    const end = headers.includes('chunked') ? '\r\n0\r\n\r\n' : 'content-length: 0\r\n\r\n';
    const answer = await raw(`POST /interactions/0006Ka9HFHRR0T2B/probe HTTP/1.1\r\nconnection: close\r\n${headers}${end}`);
    expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*"verdict":"route","evidence":"alive"/);
  });
});

it('a caller who hangs up in the middle of a request is no refusal in the log', async () => {
  const service = await listeningService({ CHATPROBE_DRAIN_MS: '0' });
  const caller = connect(Number(new URL(service.url).port), '127.0.0.1');
  caller.write('POST /interactions/a/probe HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{');
  caller.end();
  for await (const _ of caller);
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('chatprobe_http_requests_total{route="unmatched",method="other",code="400"} 0');
});
