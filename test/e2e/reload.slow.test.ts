import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answeringChats } from '../support/chat-gateway.ts';
import { gatewayThat } from '../support/gateway-rig.ts';
import { answerJson, type ScriptedGateway } from '../support/scripted-gateway.ts';
import { SECRETS } from '../support/secrets.ts';
import { type Certificate, selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { type ServiceProcess, serviceProcess } from '../support/service-process.ts';

const alwaysDelivered = answeringChats(() => 'delivered');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A folder with a configuration for these gateways, and the built service that goes by it. */
function configured(gateways: readonly string[], target = 'ha: false', others: Record<string, string> = {}, server = '') {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };
  const settings = (urls: readonly string[], more = target, server = '') =>
    `server: { maxEventLoopDelayMs: 60000, drainMs: 3000, ${server} }\ntargets: { default: { adapter: gateway, gateways: [${urls.join(', ')}], ${more} } }\n`;
  for (const [name, text] of Object.entries(others)) write(name, text);
  write('config.yaml', settings(gateways, target, server));
  const service = serviceProcess({ CHATPROBE_CONFIG: join(folder, 'config.yaml') });
  return { folder, write, settings, service };
}

/** How often the log of the service tells this. */
const told = ({ stdout }: ServiceProcess, message: string) => stdout().split(`"msg":"${message}"`).length - 1;
const applied = (service: ServiceProcess) => told(service, 'configuration applied');

/** @param agent a `SecureAgent` for https. */
function probe(url: string, id: string, agent: Agent, query = '', headers = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const asked = (agent instanceof SecureAgent ? secureRequest : request)(
      `${url}/interactions/${id}/probe${query}`,
      { method: 'POST', agent, headers: { 'content-length': '0', ...headers } },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve(answer.statusCode === 200 ? JSON.parse(text) : { status: answer.statusCode }));
      },
    );
    asked.on('error', (fault: NodeJS.ErrnoException) => resolve({ broke: fault.code }));
    asked.end();
  });
}

/** 100 probes a second, of a new chat each, until it is stopped; then all that were answered otherwise than by a delivered message. */
function hundredASecond(url: string, agent = new Agent({ keepAlive: true }), headers = () => ({})) {
  const answers: Promise<Record<string, unknown>>[] = [];
  const timer = setInterval(() => answers.push(probe(url, `chat-${answers.length}`, agent, '', headers())), 10);
  return async () => {
    clearInterval(timer);
    const all = await Promise.all(answers);
    agent.destroy();
    return { asked: all.length, others: all.filter(({ reason }) => reason !== 'delivered') };
  };
}

const tokensSeen = ({ requests }: ScriptedGateway) => new Set(requests.map(({ headers }) => headers['authorization']));

describe('under 100 probes a second no request fails while', () => {
  it('the configuration changes, and the token of the gateway', async () => {
    const [first, second] = [await gatewayThat(alwaysDelivered), await gatewayThat(alwaysDelivered)];
    const target = 'ha: false, tokenFile: token';
    const { write, settings, service } = configured([first.url], target, { token: SECRETS.gatewayToken });
    const url = await service.listening();
    const stop = hundredASecond(url);
    for (const [n, token] of [SECRETS.oldToken, SECRETS.newToken].entries()) {
      write('token', token);
      await expect.poll(() => applied(service)).toBe(n + 1);
      await expect.poll(() => tokensSeen(first)).toContain(`Bearer ${token}`);
    }
    write('config.yaml', settings([second.url], target, 'logLevel: info, maxInFlight: 900'));
    await expect.poll(() => second.requests.length > 50).toBe(true);
    const { asked, others } = await stop();
    expect([asked > 200, others]).toEqual([true, []]);
  });

  it('the certificate of the gateway is replaced, and its authority with it', async () => {
    const certificates: readonly Certificate[] = ['old', 'new'].map((name) => selfSignedCertificate('127.0.0.1', { issuer: name }));
    const gateways = await Promise.all(certificates.map((tls) => gatewayThat(alwaysDelivered, { tls })));
    const [old, fresh] = gateways;
    const authorities = certificates.map(({ cert }) => cert);
    const { write, settings, service } = configured([old?.url ?? ''], 'ha: false, caFile: ca.pem', { 'ca.pem': authorities[0] ?? '' });
    const url = await service.listening();
    const stop = hundredASecond(url);
    // First both are trusted, then the other one is asked, then the old one is trusted no more.
    write('ca.pem', authorities.join('\n'));
    await expect.poll(() => applied(service)).toBe(1);
    write('config.yaml', settings([fresh?.url ?? ''], 'ha: false, caFile: ca.pem'));
    await expect.poll(() => applied(service)).toBe(2);
    write('ca.pem', authorities[1] ?? '');
    await expect.poll(() => applied(service)).toBe(3);
    const before = fresh?.requests.length ?? 0;
    await expect.poll(() => (fresh?.requests.length ?? 0) > before + 50).toBe(true);
    const { asked, others } = await stop();
    expect([asked > 200, others]).toEqual([true, []]);
  });

  it('the secret of the callers is replaced, and the certificate that they are shown', async () => {
    const gateway = await gatewayThat(alwaysDelivered);
    const old = selfSignedCertificate('127.0.0.1', { issuer: 'old' });
    const fresh = selfSignedCertificate('127.0.0.1', { issuer: 'new' });
    const { write, service } = configured(
      [gateway.url],
      'ha: false',
      { secrets: SECRETS.oldToken, 'tls.crt': old.cert, 'tls.key': old.key },
      'apiTokenFile: secrets, tls: { certFile: tls.crt, keyFile: tls.key }',
    );
    const url = await service.listening();
    // A new connection for each, so that each is shown the certificate of now.
    const agent = new SecureAgent({ keepAlive: false, ca: [old.cert, fresh.cert] });
    let secret: string = SECRETS.oldToken;
    const stop = hundredASecond(url, agent, () => ({ authorization: `Bearer ${secret}` }));
    write('secrets', `${SECRETS.oldToken}\n${SECRETS.newToken}\n`);
    await expect.poll(() => applied(service)).toBe(1);
    secret = SECRETS.newToken;
    // What was asked with the old one is answered before that is taken out.
    await pause(500);
    write('secrets', `${SECRETS.newToken}\n`);
    await expect.poll(() => applied(service)).toBe(2);
    write('tls.key', fresh.key);
    write('tls.crt', fresh.cert);
    await expect.poll(() => applied(service)).toBe(3);
    await pause(500);
    const { asked, others } = await stop();
    expect([asked > 200, others]).toEqual([true, []]);
    const asOf = (ca: string) => probe(url, 'last', new SecureAgent({ ca }), '', { authorization: `Bearer ${SECRETS.newToken}` });
    expect([await asOf(old.cert), await asOf(fresh.cert)]).toMatchObject([{ broke: expect.any(String) }, { reason: 'delivered' }]);
    expect(await probe(url, 'last', new SecureAgent({ ca: fresh.cert }), '', { authorization: `Bearer ${SECRETS.oldToken}` })).toEqual({
      status: 401,
    });
  });
});

it('each change of a ConfigMap is noticed, three times in a row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const put = (version: number, level: string) => {
    mkdirSync(join(folder, `..v${version}`));
    writeFileSync(
      join(folder, `..v${version}`, 'config.yaml'),
      `server: { logLevel: ${level} }\ntargets: { default: { adapter: simulator } }\n`,
    );
    symlinkSync(`..v${version}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    if (existsSync(join(folder, `..v${version - 1}`))) rmSync(join(folder, `..v${version - 1}`), { recursive: true });
  };
  put(1, 'info');
  symlinkSync(join('..data', 'config.yaml'), join(folder, 'config.yaml'));
  const service = serviceProcess({ CHATPROBE_CONFIG: join(folder, 'config.yaml') });
  await service.listening();
  for (const [n, level] of (['debug', 'info', 'trace'] as const).entries()) {
    put(n + 2, level);
    await expect.poll(() => applied(service)).toBe(n + 1);
  }
});

it('a bad file is refused with all its problems, and the old configuration stays', async () => {
  const gateway = await gatewayThat(alwaysDelivered);
  const { write, service } = configured([gateway.url]);
  const url = await service.listening();
  const agent = new Agent();
  write('config.yaml', 'server: { prot: 1 }\ntargets: { default: { adapter: gateway, ha: maybe } }\n');
  await expect.poll(() => told(service, 'configuration refused: the one before it stays in force')).toBe(1);
  for (const name of ['server.prot', 'targets.default.ha']) expect(service.stdout()).toContain(name);
  expect(await probe(url, 'chat', agent)).toMatchObject({ reason: 'delivered', simulated: false });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('chatprobe_config_last_reload_successful 0\n');
  expect(metrics).toContain('chatprobe_config_reloads_total{result="refused"} 1\n');
});

it('a Chat Server that is down and a guard that tripped stay so, though the settings of their target change', async () => {
  const chats = answeringChats(({ chatServer }) => (chatServer === 'ChatServer_1' ? 'down' : 'lost'));
  const health = answerJson({ interactionServer: 'connected' });
  const gateway = await gatewayThat((socket, seen) => (seen.path === '/health' ? health : chats)(socket, seen));
  const { write, settings, service } = configured([gateway.url], 'ha: false, guard: { badFirstAnswers: 3 }');
  const url = await service.listening();
  const agent = new Agent();
  await Promise.all(Array.from({ length: 6 }, (_, n) => probe(url, `lost-${n}`, agent, '?chatServerAppName=ChatServer_2')));
  await probe(url, 'orphan', agent, '?chatServerAppName=ChatServer_1&deadlineMs=500');
  const safety = async () => {
    const { targets } = (await (await fetch(`${url}/readyz`)).json()) as { targets: readonly { safety: object }[] };
    return targets[0]?.safety;
  };
  const before = await safety();
  expect(before).toMatchObject({ guard: 'tripped', serversDown: 1 });
  write('config.yaml', settings([gateway.url], 'ha: false, restoreWindowMs: 90000, guard: { badFirstAnswers: 3, windowMs: 120000 }'));
  service.child.kill('SIGHUP');
  await expect.poll(() => applied(service)).toBe(1);
  expect(await safety()).toEqual(before);
});

describe('signals', () => {
  it('SIGHUP without a configuration file reads the files again that variables name, and says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'token'), SECRETS.oldToken);
    const service = serviceProcess({ CHATPROBE_CONFIG: '', CHATPROBE_API_TOKEN_FILE: join(folder, 'token') });
    const url = await service.listening();
    const status = (token: string) =>
      fetch(`${url}/interactions/0006Ka9HFHRR0T2B/probe`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }).then(
        (answer) => answer.status,
      );
    expect([await status(SECRETS.oldToken), await status(SECRETS.newToken)]).toEqual([200, 401]);
    service.child.kill('SIGHUP');
    await expect.poll(() => told(service, 'configuration read again: nothing has changed')).toBe(1);
    writeFileSync(join(folder, 'token'), SECRETS.newToken);
    service.child.kill('SIGHUP');
    await expect.poll(() => applied(service)).toBe(1);
    expect([await status(SECRETS.oldToken), await status(SECRETS.newToken)]).toEqual([401, 200]);
  });

  it('that mean nothing end nothing, and open no port', async () => {
    const service = serviceProcess();
    const url = await service.listening();
    const { pid } = service.child;
    const sockets = () =>
      readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
        .split('\n')
        .filter((line) => line.includes(':240D '));
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const) service.child.kill(signal);
    await pause(500);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    // The debugger's port, 9229.
    expect(sockets().filter((line) => line.includes(' 0A '))).toEqual([]);
    expect(service.stderr()).not.toContain('Debugger');
  });

  it('SIGHUP during a drain does nothing', async () => {
    const { write, settings, service } = configured(['http://127.0.0.1:1']);
    await service.listening();
    service.child.kill('SIGTERM');
    await expect.poll(() => service.stdout()).toContain('draining');
    write('config.yaml', settings(['http://127.0.0.1:2']));
    service.child.kill('SIGHUP');
    expect(await service.exit).toBe(0);
    expect(applied(service)).toBe(0);
  });
});
