import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answeringChats, messageIn } from '../support/chat-gateway.ts';
import { freePort } from '../support/free-port.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService } from '../support/listening-service.ts';
import { namedPipe, temporaryFolder } from '../support/named-pipe.ts';
import { rawCaller } from '../support/raw-caller.ts';
import { deliver, type SeenRequest, silent } from '../support/scripted-gateway.ts';
import { serviceProcess } from '../support/service-process.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const aboutId = (requests: readonly SeenRequest[], id: string) => requests.filter((request) => messageIn(request).interactionId === id);

async function ask(url: string, id: string, target = 'default'): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/interactions/${id}/probe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target, chatServerAppName: 'ChatServer_1' }),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

it('a caller whose headers come slowly is told so after 10 s', async () => {
  const service = await listeningService({ CHATPROBE_DRAIN_MS: '0' });
  const socket = await rawCaller(service.url);
  const startedMs = performance.now();
  socket.write('POST /interactions/a/probe HTTP/1.1\r\nHost: x\r\n');
  const timer = setInterval(() => socket.write('x: y\r\n'), 300);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  clearInterval(timer);
  expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*urn:chat-probe:problem:too_slow/);
  const tookMs = performance.now() - startedMs;
  expect([tookMs > 9_900, tookMs < 30_000]).toEqual([true, true]);
});

it('a scan of 100,000 paths brings up no series, and leaves the service answering', async () => {
  const service = await listeningService({ CHATPROBE_DRAIN_MS: '0' });
  const seriesIn = (page: string): number => page.split('\n').filter((line) => line.startsWith('chatprobe_')).length;
  // A histogram begins with what it first counts.
  for (const path of ['/nothing', '/metrics']) await text(`${service.url}${path}`);
  const before = seriesIn(await text(`${service.url}/metrics`));
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'HEAD'];
  await Promise.all(
    Array.from({ length: 20 }, async (_, scanner) => {
      const socket = await rawCaller(service.url);
      let bytes = 0;
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      for (let n = 0; n < 5_000; n += 50) {
        const paths = Array.from(
          { length: 50 },
          (_, k) => `${methods[k % methods.length]} /scan-${scanner}/${n + k}.php?x=${k} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
        );
        const soFar = bytes;
        socket.write(paths.join(''));
        await until(() => bytes > soFar);
      }
      socket.end('GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await once(socket, 'end');
    }),
  );
  const page = await text(`${service.url}/metrics`);
  expect(seriesIn(page)).toBe(before);
  const counted = [...page.matchAll(/^chatprobe_http_requests_total\{route="unmatched".*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
  // With the first of all, and the last of each of the twenty.
  expect(counted).toBe(100_021);
  expect(await ask(service.url, '0006Ka9HFHRR0T2B')).toMatchObject({ verdict: 'route' });
});

describe('a log that takes no more lines leaves the service answering:', () => {
  /** A service whose standard output goes there; it tells nobody where it listens. */
  async function serviceLoggingTo(stdout: number): Promise<string> {
    const port = await freePort();
    const gateway = await gatewayThat(deliver);
    serviceProcess({ ...gatewayEnv(gateway.url), CHATPROBE_PORT: String(port) }, [], stdout);
    closeSync(stdout);
    const url = `http://127.0.0.1:${port}`;
    await expect.poll(() => text(`${url}/livez`).catch(() => ''), { timeout: 30_000 }).not.toBe('');
    return url;
  }

  async function staysUp(url: string): Promise<void> {
    for (let n = 0; n < 600; n += 1) expect(await ask(url, `chat-${n}`)).toMatchObject({ verdict: 'route', reason: 'delivered' });
    // It is tried again every 100 ms.
    await pause(500);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await ask(url, 'last')).toMatchObject({ verdict: 'route', reason: 'delivered' });
  }

  it('a full disk', async () => {
    await staysUp(await serviceLoggingTo(openSync('/dev/full', 'w')));
  });

  it('a reader that is gone', async () => {
    const pipe = namedPipe();
    const [reader, writer] = [pipe.reader(), pipe.writer()];
    const url = await serviceLoggingTo(writer);
    closeSync(reader);
    await staysUp(url);
  });

  it('a reader that is blocked', async () => {
    const pipe = namedPipe();
    pipe.reader();
    const writer = pipe.writer();
    await staysUp(await serviceLoggingTo(writer));
  });
});

describe('a process that stands still for 9 s', () => {
  it('while a request comes in, while the gateway is being connected to, and while messages wait for each other, stops no chat', async () => {
    let held: (() => void)[] | null = null;
    const reply = answeringChats(({ interactionId }) => (interactionId === 'alive' ? 'delivered' : 'lost'));
    const gateway = await gatewayThat((socket, request) => {
      if (held === null) reply(socket, request);
      else held.push(() => reply(socket, request));
    });
    const connecting = (await gatewayThat(silent)).url.replace('http', 'https');
    const target = (url: string) => ({ adapter: 'gateway', gateways: [url], ha: true, outage: { maxInFlightPerServer: 1 } });
    const path = join(temporaryFolder(), 'config.yaml');
    const targets = { default: target(gateway.url), connecting: { ...target(connecting), connectTimeoutMs: 5_000 } };
    writeFileSync(path, JSON.stringify({ server: { maxEventLoopDelayMs: 60_000 }, targets }));
    const { child, listening } = serviceProcess({ CHATPROBE_CONFIG: path });
    const url = await listening();
    await ask(url, 'alive');

    held = [];
    const inFlight = ask(url, 'in-flight');
    await until(() => held?.length === 1);
    const waits = ask(url, 'waits');
    const connects = ask(url, 'connects', 'connecting');
    const comes = await rawCaller(url);
    comes.write('POST /interactions/alive/probe HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{');
    await pause(200);
    child.kill('SIGSTOP');
    for (const answer of held) answer();
    held = null;
    comes.write('}');
    await pause(9_000);
    child.kill('SIGCONT');

    const answers = await Promise.all([inFlight, waits, connects]);
    expect(answers.map(({ verdict, evidence }) => [verdict, evidence])).toEqual(answers.map(() => ['route', 'unknown']));
    let received = '';
    for await (const chunk of comes) received += chunk;
    expect(received).toMatch(/^HTTP\/1\.1 200 [\s\S]*"verdict":"route"/);
    expect(aboutId(gateway.requests, 'in-flight')).toHaveLength(1);
    expect(aboutId(gateway.requests, 'waits')).toHaveLength(0);
    expect((await ask(url, 'alive'))['reason']).toBe('delivered');
  });
});

describe('a fault that nobody caught', () => {
  /** Throws, where nothing catches it, as soon as the signal comes. */
  const FAULT_ON_SIGWINCH = `data:text/javascript,process.on('SIGWINCH',()=>{throw(new(Error)('boom'))})`;

  it('leaves every caller who waits with a verdict before it ends the process', async () => {
    const gateway = await gatewayThat(silent);
    const service = serviceProcess({
      ...gatewayEnv(gateway.url),
      CHATPROBE_DRAIN_MS: '2500',
      NODE_OPTIONS: `--import ${FAULT_ON_SIGWINCH}`,
    });
    const url = await service.listening();
    const asked = Array.from({ length: 50 }, (_, n) => ask(url, `chat-${n}`));
    await until(() => gateway.requests.length >= 50);
    service.child.kill('SIGWINCH');
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ verdict, evidence }) => `${verdict} ${evidence}`))).toEqual(new Set(['route unknown']));
    expect(await service.exit).toBe(1);
  });
});
