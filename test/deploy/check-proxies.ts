/**
 * Runs deploy/haproxy.cfg and deploy/nginx.conf with the real programs before two instances of the built service, about a minute.
 * Needs `haproxy` and `nginx`, as Debian has them, and dist/.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createCheckReport } from '../support/check-report.ts';
import { freePort } from '../support/free-port.ts';
import { proxyConfig } from '../support/proxy-config.ts';
import { type RunningProcess, startProcess, untilAnswers } from '../support/running-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE_MS = 15_000;
const ALIVE = '0006Ka9HFHRR0T2B';
/** Answered after six seconds. */
const LOST = '/interactions/02JH8H2FE3Q3T00E/probe?chatServerAppName=ChatServer_1';
/** Answered after 53 s. */
const LONG = '/interactions/0000GaBNKN2Q0021/probe?chatServerAppName=ChatServer_2&policy=ha';

interface Proxy {
  readonly name: string;
  /** Its configuration, with the ports of these instances and its own in place of those in the file. */
  readonly configured: (ports: Ports, folder: string) => string;
  readonly command: (file: string, folder: string) => readonly string[];
}

interface Ports {
  readonly own: number;
  readonly first: number;
  readonly second: number;
}

const HAPROXY: Proxy = {
  name: 'haproxy',
  configured: (ports) => withPorts('deploy/haproxy.cfg', ports),
  command: (file) => ['haproxy', '-db', '-f', file],
};
/** As it is often written, to see that it is the check that makes the difference. */
const BARE_HAPROXY: Proxy = {
  ...HAPROXY,
  name: 'haproxy with a bare "option httpchk"',
  configured: (ports) => withPorts('deploy/haproxy.cfg', ports).replaceAll(/^ *http-check .*$/gm, ''),
};
const NGINX: Proxy = {
  name: 'nginx',
  configured: (ports, folder) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
    const log = `error_log ${folder}/error.log; access_log off;`;
    return `daemon off; pid ${folder}/nginx.pid; events {} http { ${log} ${temporary.join(' ')}\n${withPorts('deploy/nginx.conf', ports)} }`;
  },
  command: (file, folder) => ['nginx', '-e', `${folder}/error.log`, '-c', file],
};

const running: RunningProcess[] = [];
const folders: string[] = [];
const report = createCheckReport();
try {
  await Promise.all([check(HAPROXY), check(NGINX), checkBare()]);
} finally {
  await Promise.all(running.map((process) => process.stop('SIGTERM', 1_000)));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = report.failed;

async function check(proxy: Proxy): Promise<void> {
  const ports = { own: await freePort(), first: await freePort(), second: await freePort() };
  await startService(ports.first);
  const second = await startService(ports.second);
  const base = await startProxy(proxy, ports);
  const say = (what: string, isSo: boolean, found: unknown) => report.check(`${proxy.name}: ${what}`, isSo, found);

  const long = timed(() => probe(`${base}${LONG}`));
  const [halfClosed, ...alive] = await Promise.all([askAndHalfClose(ports.own), ...Array.from({ length: 10 }, () => probeAlive(base))]);
  say('probes get their verdict', alive.every(isVerdict), alive);
  say('a caller that closes its sending half gets its verdict', /^HTTP\/1.1 200[\s\S]*"verdict":"stop"/.test(halfClosed), halfClosed);

  // A verdict from start to end of the drain, though one of the two instances goes away.
  const rounds: Answer[] = [];
  const stopped = second.stop('SIGTERM', 70_000);
  for (let round = 0; round < 60; round += 1) {
    rounds.push(await probeAlive(base));
    await sleep(100);
  }
  say(
    'no probe is lost while an instance stops, nor after',
    rounds.every(isVerdict),
    rounds.filter((answer) => !isVerdict(answer)),
  );

  const { status, body, tookMs } = await long;
  say(
    `a probe of ${Math.round(tookMs / 1_000)} s gets its verdict`,
    status === 200 && tookMs > 50_000 && body.includes('"verdict":"stop"'),
    body,
  );
  await stopped;
  await checkNothingIsSentTwice(base, ports, say);
}

/** In the place of the second instance stands one that breaks the connection once it has read a probe. */
async function checkNothingIsSentTwice(base: string, ports: Ports, say: typeof report.check): Promise<void> {
  let read = 0;
  const breaking = createServer((request, response) => {
    if (request.url === '/readyz') return void response.end('{}');
    request.resume().on('end', () => {
      read += 1;
      request.socket.destroy();
    });
  });
  breaking.listen(ports.second, '127.0.0.1');
  await sleep(4_000);
  const before = await requestsAnswered(ports.first);
  const answers: Answer[] = [];
  for (let round = 0; round < 20; round += 1) {
    answers.push(await probeAlive(base));
    await sleep(200);
  }
  const elsewhere = (await requestsAnswered(ports.first)) - before;
  breaking.close();
  breaking.closeAllConnections();
  say('a probe that was sent is not sent again', read > 0 && read + elsewhere === 20, { read, elsewhere });
}

async function checkBare(): Promise<void> {
  const ports = { own: await freePort(), first: await freePort(), second: await freePort() };
  await Promise.all([startService(ports.first), startService(ports.second)]);
  const base = await startProxy(BARE_HAPROXY, ports);
  await sleep(3_000);
  const { status } = await probeAlive(base);
  report.check(`${BARE_HAPROXY.name}: takes every instance for down (503)`, status === 503, status);
}

function withPorts(file: string, { own, first, second }: Ports): string {
  return proxyConfig(file, own, [first, second]);
}

async function startService(port: number): Promise<RunningProcess> {
  const env = { CHATPROBE_PORT: String(port), CHATPROBE_ADAPTER: 'simulator', CHATPROBE_LOG_LEVEL: 'error' };
  const service = startProcess({ command: [process.execPath, 'dist/src/main.js'], cwd: ROOT, env, uid: null });
  running.push(service);
  await untilAnswers(service, `http://127.0.0.1:${port}/readyz`, PATIENCE_MS);
  return service;
}

async function startProxy({ configured, command }: Proxy, ports: Ports): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-proxy-'));
  folders.push(folder);
  const file = join(folder, 'proxy.conf');
  writeFileSync(file, configured(ports, folder));
  const proxy = startProcess({ command: command(file, folder), cwd: folder, env: {}, uid: null });
  running.push(proxy);
  const base = `http://127.0.0.1:${ports.own}`;
  await untilAnswers(proxy, `${base}/livez`, PATIENCE_MS);
  return base;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** 0 where the connection broke. */
async function probe(url: string): Promise<Answer> {
  try {
    const response = await fetch(url, { method: 'POST' });
    return { status: response.status, body: await response.text() };
  } catch (fault) {
    return { status: 0, body: String(fault) };
  }
}

function probeAlive(base: string): Promise<Answer> {
  return probe(`${base}/interactions/${ALIVE}/probe`);
}

function isVerdict({ status, body }: Answer): boolean {
  return status === 200 && body.includes('"verdict":"route"') && body.includes('"evidence":"alive"');
}

async function timed(ask: () => Promise<Answer>): Promise<Answer & { readonly tookMs: number }> {
  const begunMs = performance.now();
  return { ...(await ask()), tookMs: performance.now() - begunMs };
}

async function askAndHalfClose(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(`POST ${LOST} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  return text(socket).catch(String);
}

/** How many probes an instance has answered. */
async function requestsAnswered(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...metrics.matchAll(/^chatprobe_requests_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}
