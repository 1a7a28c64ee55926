import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv } from '../support/listening-service.ts';
import { npmScript } from '../support/npm-script.ts';
import { plantedIn, SECRETS } from '../support/secrets.ts';
import { serviceProcess } from '../support/service-process.ts';

const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';

async function post(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url + PROBE, { method: 'POST', headers: { connection: 'close' } });
  return (await response.json()) as Record<string, unknown>;
}

/** When the service logged a line, by its own clock: how long this process takes to notice does not count. */
function loggedAtMs(stdout: string, msg: string): number {
  const line = stdout.split('\n').find((candidate) => candidate.includes(`"msg":"${msg}"`)) ?? '{}';
  return new Date(JSON.parse(line).time).getTime();
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('makes it unready at once, still serves for 2 s, then exits 0', async () => {
    const service = serviceProcess();
    const url = await service.listening();
    service.child.kill(signal);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    expect(await post(url)).toMatchObject({ verdict: 'route', reason: 'delivered' });
    expect(await service.exit).toBe(0);
    expect(loggedAtMs(service.stdout(), 'stopped') - loggedAtMs(service.stdout(), 'draining')).toBeGreaterThan(1_950);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('SIGTERM', () => {
  it('lets probes under way go on, and answers route when the drain is over', async () => {
    const gateway = await gatewayThat(() => undefined);
    const service = serviceProcess({ ...gatewayEnv(gateway.url), CHATPROBE_DRAIN_MS: '3000' });
    const url = await service.listening();
    const answer = fetch(`${url}${PROBE}?policy=ha`, { method: 'POST' }).then((response) => response.json());
    await until(() => gateway.requests.length > 0);
    const signalledMs = performance.now();
    service.child.kill('SIGTERM');
    expect(await answer).toMatchObject({ verdict: 'route', reason: 'draining', degraded: true });
    // Left alone it would go on for the 55 s of its policy.
    const tookMs = performance.now() - signalledMs;
    expect([tookMs > 2_900, tookMs < 20_000]).toEqual([true, true]);
    expect(await service.exit).toBe(0);
  });

  it('answers a probe that comes after the listener closed, on a connection from before, with route at once', async () => {
    const gateway = await gatewayThat(() => undefined);
    const service = serviceProcess({ ...gatewayEnv(gateway.url), CHATPROBE_DRAIN_MS: '14000' });
    const url = await service.listening();
    const early = connect(Number(new URL(url).port), '127.0.0.1');
    await once(early, 'connect');
    let isHeld = true;
    const held = fetch(`${url}${PROBE}?policy=ha`, { method: 'POST' }).then((response) => {
      isHeld = false;
      return response.json();
    });
    await until(() => gateway.requests.length > 0);
    service.child.kill('SIGTERM');
    await expect
      .poll(
        () =>
          fetch(url).then(
            () => 'open',
            () => 'closed',
          ),
        { timeout: 12_000 },
      )
      .toBe('closed');

    early.write(`POST ${PROBE} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
    let answer = '';
    for await (const chunk of early) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
    expect(answer).toContain('"verdict":"route","evidence":"unknown","reason":"draining"');
    expect(isHeld).toBe(true);
    expect(gateway.requests).toHaveLength(1);
    expect(await held).toMatchObject({ reason: 'draining' });
    expect(await service.exit).toBe(0);
  });

  it('does not wait for a connection that a caller keeps open without asking', async () => {
    const gateway = await gatewayThat(() => undefined);
    const service = serviceProcess({ ...gatewayEnv(gateway.url), CHATPROBE_DRAIN_MS: '20000' });
    const url = await service.listening();
    const kept = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void kept.destroy());
    kept.write(`POST ${PROBE}?policy=ha&attempts=2&deadlineMs=4500 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
    await until(() => gateway.requests.length > 0);
    service.child.kill('SIGTERM');
    const signalledMs = performance.now();
    const [head] = await once(kept, 'data');
    expect(String(head).toLowerCase()).toContain('connection: close');
    expect(await service.exit).toBe(0);
    expect(performance.now() - signalledMs).toBeLessThan(18_000);
  });

  it('answers what was sent in a row on one connection, and then closes it; whatever the request, errors too', async () => {
    const service = serviceProcess({ CHATPROBE_DRAIN_MS: '6000' });
    const url = await service.listening();
    service.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    const asked = async (text: string) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.write(text);
      let answers = '';
      for await (const chunk of socket) answers += chunk;
      return answers.split(/(?=HTTP\/1\.1 )/).map((answer) => [answer.slice(9, 12), /^connection: close/im.test(answer)]);
    };
    const post = `POST ${PROBE} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`;
    expect(await asked(post.repeat(3))).toEqual([
      ['200', false],
      ['200', false],
      ['200', true],
    ]);
    const lines = [
      'GET /livez',
      'GET /metrics',
      'GET /docs/',
      'GET /nowhere',
      'POST /interactions/%zz/probe',
      'GET /docs/static/index.css',
    ];
    for (const line of lines) {
      const answers = await asked(`${line} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
      expect([line, answers.map(([, isClosed]) => isClosed)]).toEqual([line, [true]]);
    }
    expect(await service.exit).toBe(0);
  });

  it('a second time ends it at once', async () => {
    const gateway = await gatewayThat(() => undefined);
    const service = serviceProcess({ ...gatewayEnv(gateway.url), CHATPROBE_DRAIN_MS: '30000' });
    const url = await service.listening();
    void fetch(`${url}${PROBE}?policy=ha`, { method: 'POST' }).catch(() => undefined);
    await until(() => gateway.requests.length > 0);
    service.child.kill('SIGTERM');
    await expect.poll(() => service.stdout()).toContain('draining');
    const signalledMs = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.exit).not.toBe(0);
    expect(performance.now() - signalledMs).toBeLessThan(15_000);
  });
});

describe('under npm', () => {
  it.each([
    ['start', { CHATPROBE_PORT: '0' }, /"msg":"stopped"/],
    ['simulator', { CHATPROBE_SIM_PORT: '0' }, /./],
  ] as const)('SIGTERM to npm ends %s in good order and leaves no process behind', async (name, env, lastWords) => {
    const script = npmScript(name, env);
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(await script.printed(/http:\/\/127\.0\.0\.1:\d+\b/)) ?? [];
    script.kill('SIGTERM');
    expect(await script.exit).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    await script.printed(lastWords);
  });

  it('Ctrl-C, which comes twice, drains', async () => {
    const script = npmScript('start', { CHATPROBE_PORT: '0' });
    await script.printed(/listening on/);
    script.killGroup('SIGINT');
    expect(await script.exit).toBe(0);
    await script.printed(/"msg":"stopped"/);
  });
});

/** Its standard output is a pipe with a reader that never reads. */
async function unreadService() {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, 'r+');
  const port = await freePort();
  const { child, exit } = serviceProcess({ CHATPROBE_PORT: String(port), CHATPROBE_DRAIN_MS: '2000' }, [], pipe);
  onTestFinished(() => {
    closeSync(pipe);
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(() =>
      fetch(`${url}/livez`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  return { child, url, exit };
}

describe('the log', () => {
  /** Throws, where nothing catches it, as soon as the signal comes. */
  const FAULT_ON_SIGWINCH = `data:text/javascript,process.on('SIGWINCH',()=>{throw(new(Error)('boom'))})`;
  const messages = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);

  it('has its last lines even if a second signal ends the process before they were due', async () => {
    const service = serviceProcess();
    const url = await service.listening();
    service.child.kill('SIGTERM');
    await expect.poll(() => service.stdout()).toContain('draining');
    await post(url);
    await post(url);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(messages(service.stdout()).slice(-2)).toEqual(['probe finished', 'probe finished']);
  });

  it.each([
    ['SIGTERM', ['SIGTERM'], 0],
    ['a second SIGTERM', ['SIGTERM', 'SIGTERM'], 1],
  ] as const)('that nobody reads does not hold the process at its end: %s', async (_what, signals, code) => {
    const { child, url, exit } = await unreadService();
    // More than a pipe takes.
    for (let n = 0; n < 400; n += 1) await post(url);
    const signalledMs = performance.now();
    for (const signal of signals) {
      child.kill(signal);
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    }
    expect(await exit).toBe(code);
    expect(performance.now() - signalledMs).toBeLessThan(15_000);
  });

  it('tells the fault that ended the process, and all that came before', async () => {
    const service = serviceProcess({ NODE_OPTIONS: `--import ${FAULT_ON_SIGWINCH}` });
    const url = await service.listening();
    await post(url);
    service.child.kill('SIGWINCH');
    expect(await service.exit).toBe(1);
    expect(messages(service.stdout()).slice(-4)).toEqual(['probe finished', 'fault that nothing caught', 'draining', 'stopped']);
    expect(service.stdout()).toContain('boom');
  });
});

describe('the start', () => {
  it('without any configuration says loudly that the simulator answers', async () => {
    const service = serviceProcess();
    await service.listening();
    await expect.poll(() => service.stdout()).toContain('EMBEDDED SIMULATOR');
  });

  it('is refused in production without an adapter, and with a bad configuration every problem is named', async () => {
    const service = serviceProcess({ NODE_ENV: 'production', CHATPROBE_PRT: '1', CHATPROBE_MAX_ATTEMPTS: 'many' });
    expect(await service.exit).toBe(78);
    for (const name of ['CHATPROBE_ADAPTER', 'CHATPROBE_PRT', 'CHATPROBE_MAX_ATTEMPTS']) expect(service.stderr()).toContain(name);
  });

  it.each([{ CHATPROBE_ALLOW_ANONYMOUS: 'true' }, { CHATPROBE_API_TOKEN: SECRETS.apiToken }])(
    'beyond loopback is refused without an adapter, whatever lets callers in (%j)',
    async (open) => {
      const service = serviceProcess({ CHATPROBE_HOST: '0.0.0.0', ...open });
      expect(await service.exit).toBe(78);
      expect(service.stderr()).toMatch(/CHATPROBE_ADAPTER.* where CHATPROBE_HOST is beyond loopback/);
      expect(service.stdout()).toBe('');
    },
  );

  it('tells a taken port in one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const service = serviceProcess({ CHATPROBE_PORT: String(port) });
    expect(await service.exit).toBe(1);
    expect(service.stderr()).toBe(`chat-probe: cannot listen on 127.0.0.1, port ${port}: EADDRINUSE\n`);
  });
});

describe('the command line', () => {
  it('--check-config shows a valid configuration without its secrets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'token'), `${SECRETS.apiToken}\n`);
    writeFileSync(
      join(folder, 'config.yaml'),
      `server: { apiTokenFile: token }\ntargets: { default: { adapter: gateway, gateways: [http://gw:1], ha: true } }\n`,
    );
    const service = serviceProcess({ CHATPROBE_CONFIG: join(folder, 'config.yaml'), CHATPROBE_GATEWAY_TOKEN: SECRETS.gatewayToken }, [
      '--check-config',
    ]);
    expect(await service.exit).toBe(0);
    expect(service.stdout()).toContain('The configuration is valid.');
    expect(plantedIn(service.stdout())).toEqual([]);
  });

  it('--check-config shows what is ignored, as injected by Kubernetes', async () => {
    const service = serviceProcess({ CHATPROBE_PORT: 'tcp://10.96.7.1:80', CHATPROBE_SERVICE_PORT: '80' }, ['--check-config']);
    expect(await service.exit).toBe(0);
    expect(service.stdout()).toContain('CHATPROBE_PORT, CHATPROBE_SERVICE_PORT');
  });

  it('--check-config refuses a file that is not there', async () => {
    const service = serviceProcess({ CHATPROBE_CONFIG: '/nowhere/at/all.yaml' }, ['--check-config']);
    expect(await service.exit).toBe(78);
    expect(service.stderr()).toContain('ENOENT');
  });

  it('--version and --help print, a typo is refused', async () => {
    const [version, help, typo] = [
      serviceProcess({}, ['--version']),
      serviceProcess({}, ['--help']),
      serviceProcess({}, ['--chek-config']),
    ];
    expect([await version.exit, await help.exit, await typo.exit]).toEqual([0, 0, 64]);
    expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help.stdout()).toContain('--check-config');
    expect(typo.stderr()).toContain('--chek-config');
  });
});
