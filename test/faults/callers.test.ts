import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { messageIn } from '../support/chat-gateway.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, metricAt, probe } from '../support/listening-service.ts';
import { rawCaller, rawExchange } from '../support/raw-caller.ts';
import { answer, deliver, type Script, type ScriptedGatewayOptions, silent } from '../support/scripted-gateway.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

const post = (id: string, headers = 'Content-Length: 0\r\n', body = ''): string =>
  `POST /interactions/${id}/probe?chatServerAppName=ChatServer_1 HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A service and its gateway, which begins with this. */
async function serviceAt(script: Script, file = '{}', options: ScriptedGatewayOptions = {}) {
  const gateway = await gatewayThat(script, options);
  const service = await listeningService(gatewayEnv(gateway.url), { file });
  const metric = (name: string) => metricAt(service, `${name}{target="default"}`);
  return { gateway, service, metric };
}
type Rig = Awaited<ReturnType<typeof serviceAt>>;

/** One moment in the life of a request, in which its caller hangs up. */
interface Phase {
  readonly name: string;
  readonly script?: Script;
  readonly tls?: boolean;
  readonly sends: string;
  /** Resolves when that moment has come. */
  readonly come?: (rig: Rig, socket: Socket) => Promise<unknown>;
  /** Messages that the gateway has got by then, and ever gets. */
  readonly messages: number;
  /** Whether a probe is cancelled by it. */
  readonly cancels: boolean;
}

const PHASES: readonly Phase[] = [
  { name: 'before his first byte', sends: '', messages: 0, cancels: false },
  { name: 'in the head of his request', sends: post('a').slice(0, 40), messages: 0, cancels: false },
  { name: 'in the body of his request', sends: post('a', 'Content-Length: 20\r\n', '{"isOn'), messages: 0, cancels: false },
  {
    name: 'while the gateway is being connected to',
    tls: true,
    sends: post('a'),
    come: ({ gateway }) => until(() => gateway.sockets() === 1),
    messages: 0,
    cancels: true,
  },
  {
    name: 'while the gateway has his message',
    sends: post('a'),
    come: ({ gateway }) => until(() => gateway.requests.length === 1),
    messages: 1,
    cancels: true,
  },
  {
    name: 'in the pause between two attempts',
    script: answer(503, {}, ''),
    sends: post('a'),
    come: async ({ gateway }) => {
      await until(() => gateway.requests.length === 1);
      await pause(100);
    },
    messages: 1,
    cancels: true,
  },
  {
    name: 'while his answer is being written',
    script: deliver,
    sends: post('a'),
    come: (_rig, socket) => new Promise((resolve) => socket.once('data', resolve)),
    messages: 1,
    cancels: false,
  },
  {
    name: 'with more requests behind the first',
    sends: post('a') + post('b') + post('c').slice(0, 30),
    come: ({ gateway }) => until(() => gateway.requests.length === 2),
    messages: 2,
    cancels: true,
  },
];

const HANG_UPS = [
  ['closes', (socket: Socket) => void socket.destroy()],
  ['resets', (socket: Socket) => void socket.resetAndDestroy()],
] as const;

describe.each(HANG_UPS)('a caller who %s the connection leaves nothing behind', (_how, hangUp) => {
  it.each(PHASES)('$name', async ({ script = silent, tls = false, sends, come, messages, cancels }) => {
    const rig = await serviceAt(script, '{}', tls ? { tls: selfSignedCertificate('127.0.0.1'), handshakeDelayMs: 60_000 } : {});
    const { gateway, service, metric } = rig;
    const socket = await rawCaller(service.url);
    socket.write(sends);
    await (come?.(rig, socket) ?? pause(20));
    hangUp(socket);
    await expect.poll(() => metric('chatprobe_probes_cancelled_total')).toBe(cancels ? Math.max(1, messages) : 0);
    await expect.poll(() => metric('chatprobe_probes_in_flight')).toBe(0);
    // The pause between two attempts lasts a second at most: what is cancelled sends nothing after it.
    if (cancels) await pause(script === silent ? 50 : 1_100);
    expect(gateway.requests).toHaveLength(messages);
    gateway.follow(deliver);
    if (!tls) expect((await probe(service, {}, 'next')).answer).toMatchObject({ verdict: 'route', reason: 'delivered', attempts: 1 });
  });
});

it('a caller who hangs up while his message waits for that of another gives up his place', async () => {
  const answers: (() => void)[] = [];
  const { gateway, service, metric } = await serviceAt(
    (socket, request) => void answers.push(() => deliver(socket, request)),
    'targets: { default: { outage: { maxInFlightPerServer: 1 } } }',
  );
  const first = rawExchange(service.url, post('first', 'Connection: close\r\n'));
  await until(() => answers.length === 1);
  const second = await rawCaller(service.url);
  second.write(post('second'));
  await expect.poll(() => metric('chatprobe_probes_parked')).toBe(1);
  second.destroy();
  await expect.poll(() => metric('chatprobe_probes_parked')).toBe(0);
  answers[0]?.();
  expect(await first).toContain('"reason":"delivered"');
  const third = rawExchange(service.url, post('third', 'Connection: close\r\n'));
  await until(() => answers.length === 2);
  answers[1]?.();
  expect(await third).toContain('"reason":"delivered"');
  expect(gateway.requests.map((request) => messageIn(request).interactionId)).toEqual(['first', 'third']);
});

it('fifty callers with one id share one message, and each is answered', async () => {
  const { gateway, service } = await serviceAt((socket, request) => void setTimeout(() => deliver(socket, request), 300));
  const answers = await Promise.all(Array.from({ length: 50 }, () => rawExchange(service.url, post('one', 'Connection: close\r\n'))));
  expect(answers.filter((text) => /^HTTP\/1\.1 200 [\s\S]*"verdict":"route","evidence":"alive"/.test(text))).toHaveLength(50);
  expect(gateway.requests.map(messageIn)).toEqual([{ interactionId: 'one', chatServer: 'ChatServer_1' }]);
});

describe('a path that means mischief is refused, and nothing is sent:', () => {
  it.each([
    ['..', '../../livez', 404],
    ['.. in percent signs', '%2e%2e%2f%2e%2e%2flivez', 400],
    ['.. in overlong UTF-8', '%c0%ae%c0%ae', 400],
    ['.. before a semicolon', '..;', 400],
    ['a zero byte', 'a%00b', 400],
    ['a line break in percent signs', 'a%0d%0aX-Evil:%201', 400],
    ['a line break', 'a\r\nX-Evil: 1', 404],
    ['a letter that is no ASCII', 'ch\u00e4t', 400],
    ['such a letter in percent signs', 'ch%C3%A4t', 400],
    ['ten thousand letters', 'x'.repeat(10_000), 400],
    ['a percent sign alone', 'a%', 400],
  ])('%s', async (_name, id, status) => {
    const { gateway, service } = await serviceAt(deliver);
    const text = await rawExchange(service.url, post(id, 'Connection: close\r\n'));
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain('"type":"urn:chat-probe:problem:');
    expect(text.toLowerCase()).not.toContain('x-evil');
    expect(gateway.requests).toEqual([]);
  });
});
