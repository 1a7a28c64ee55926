import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gatewayThat } from '../support/gateway-rig.ts';
import { deliver, silent } from '../support/scripted-gateway.ts';
import { type ServiceProcess, serviceProcess } from '../support/service-process.ts';

/*
 * The service as a process of its own, driven to its limits over real sockets: it must go on telling that it lives, and give each probe its
 * verdict.
 */

/** A machine that is busy with other tests must not make it answer `overloaded`. */
const PATIENT = '{ maxEventLoopDelayMs: 60000 }';

interface Limits {
  readonly descriptors?: number;
  readonly heapMb?: number;
  /** The section of the configuration. */
  readonly server?: string;
}

async function serviceWith(urls: Readonly<Record<string, string>>, { descriptors, heapMb, server = PATIENT }: Limits = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'load-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const targets = Object.entries(urls).map(
    ([name, url]) =>
      `  ${name}: { adapter: gateway, gateways: ["${url}"], ha: false, outage: { breaker: false, maxInFlightPerServer: 0 } }\n`,
  );
  writeFileSync(join(folder, 'config.yaml'), `server: ${server}\ntargets:\n${targets.join('')}`);
  const env = {
    CHATPROBE_CONFIG: join(folder, 'config.yaml'),
    ...(heapMb === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${heapMb}` }),
  };
  const through = descriptors === undefined ? [] : ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh'];
  const service = serviceProcess(env, [], null, through);
  return { ...service, url: await service.listening() };
}

/** Many connections that ask nothing. */
async function openIdle(url: string, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  for (let n = 0; n < count; n += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    if (n % 50 === 49) await once(socket, 'connect');
  }
  return sockets;
}

interface Heard {
  readonly status: number;
  readonly reason: unknown;
  readonly verdict: unknown;
}

/** A connection of its own for each. */
async function probe(url: string, body: unknown = {}, id = 'Chat1'): Promise<Heard> {
  const sent = request(`${url}/interactions/${id}/probe`, {
    agent: new Agent(),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, ...JSON.parse(text) };
}

async function lives({ url, exit }: { readonly url: string; readonly exit: ServiceProcess['exit'] }): Promise<void> {
  const hasEnded = exit.then((code) => `ended with ${code}`);
  expect(await Promise.race([hasEnded, fetch(`${url}/livez`).then(({ status }) => status)])).toBe(200);
}

/** A few at a time are begun, so that this process itself does not make them late; all of them wait together. */
async function many(count: number, begin: (n: number) => Promise<Heard>): Promise<{ readonly answers: Promise<readonly Heard[]> }> {
  const answers: Promise<Heard>[] = [];
  for (let n = 0; n < count; n += 1) {
    answers.push(begin(n));
    if (n % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { answers: Promise.all(answers) };
}

const reasons = (heard: readonly Heard[]) => [...new Set(heard.map(({ reason }) => reason))].sort();

async function metric(url: string, series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length),
  );
}

it('3,000 connections that ask nothing leave it answering', async () => {
  const gateway = await gatewayThat(deliver);
  const service = await serviceWith({ default: gateway.url }, { server: PATIENT });
  await openIdle(service.url, 3_000);
  await lives(service);
  const { answers } = await many(20, (n) => probe(service.url, {}, `Chat${n}`));
  expect(reasons(await answers)).toEqual(['delivered']);
});

it('where more connections come than it may have files open, it goes on answering', async () => {
  const gateway = await gatewayThat(deliver);
  const service = await serviceWith({ default: gateway.url }, { descriptors: 200 });
  for (let round = 0; round < 3; round += 1) {
    await openIdle(service.url, 260);
    await lives(service);
    expect(await probe(service.url, {}, `Chat${round}`)).toMatchObject({ status: 200, verdict: 'route', reason: 'delivered' });
  }
  // Longer than what looks at the process once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await lives(service);
});

it('where its connections are allowed more than there are descriptors, it does not end', async () => {
  const gateway = await gatewayThat(deliver);
  const service = await serviceWith(
    { default: gateway.url },
    { descriptors: 200, server: '{ maxConnections: 1000, maxEventLoopDelayMs: 60000 }' },
  );
  const sockets = await openIdle(service.url, 400);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(() =>
      fetch(`${service.url}/livez`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  expect(await probe(service.url)).toMatchObject({ reason: 'delivered' });
});

describe('with a heap of 64 MB', { timeout: 180_000 }, () => {
  /** What a silent gateway comes to, by when it is asked. */
  const NOT_FOUND_OUT = ['timeout', 'deadline', 'gateway_open', 'retry_suppressed'];

  const wait = (url: string, body: object, n: number) => probe(url, { attempts: 2, deadlineMs: 6_000, ...body }, `Chat${n}`);

  it('500 callers wait, and of their bodies of 55 KB nothing is kept', async () => {
    const gateway = await gatewayThat(silent);
    const service = await serviceWith({ default: gateway.url }, { heapMb: 64 });
    const body = { more: Array.from({ length: 900 }, (_, n) => ({ [`k${n}`]: 'x'.repeat(40) })) };
    const { answers } = await many(500, (n) => wait(service.url, body, n));
    // 31 MB with 300 who wait, and what is young; with what was parsed of their bodies it would be 57 and more.
    await expect.poll(() => metric(service.url, 'nodejs_heap_size_used_bytes'), { timeout: 5_000 }).toBeLessThan(48_000_000);
    expect(reasons(await answers).filter((reason) => !NOT_FOUND_OUT.includes(String(reason)))).toEqual([]);
  });

  it.each([
    ['user data of 16 KiB', 900, { A: 'x'.repeat(16_000) }],
    ['user data of many keys', 400, Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`key${n}`, 'v']))],
  ] as const)('those who wait with %s, %i at once, are answered or shed, and do not end the process', async (_name, callers, userData) => {
    const gateway = await gatewayThat(silent);
    const service = await serviceWith({ default: gateway.url }, { heapMb: 64 });
    const { answers } = await many(callers, (n) => wait(service.url, { userData }, n));
    await lives(service);
    const heard = await answers;
    expect(heard.filter(({ status, verdict }) => status !== 200 || verdict !== 'route')).toEqual([]);
    for (const reason of reasons(heard)) expect([...NOT_FOUND_OUT, 'overloaded']).toContain(reason);
    await lives(service);
    gateway.follow(deliver);
    await expect.poll(async () => (await probe(service.url, {}, 'After')).reason).toBe('delivered');
  });
});

it('one silent target with its places full leaves those of another: 50 of 50 are delivered', async () => {
  const [dead, alive] = [await gatewayThat(silent), await gatewayThat(deliver)];
  const service = await serviceWith(
    { default: dead.url, other: alive.url },
    { server: '{ maxInFlight: 200, maxEventLoopDelayMs: 60000 }' },
  );
  const silentOnes = await many(300, (n) => probe(service.url, { attempts: 2, deadlineMs: 6_000 }, `Silent${n}`));
  const shed = 'chatprobe_probes_shed_total{target="default",cause="target_in_flight"}';
  await expect.poll(() => metric(service.url, shed)).toBeGreaterThan(0);
  const healthy = await many(50, (n) => probe(service.url, { target: 'other' }, `Alive${n}`));
  expect(reasons(await healthy.answers)).toEqual(['delivered']);
  expect(reasons(await silentOnes.answers)).toContain('overloaded');
});
