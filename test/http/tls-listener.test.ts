import { once } from 'node:events';
import { Server } from 'node:http';
import { Agent, request } from 'node:https';
import { type AddressInfo, connect, Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { createApp } from '../../src/app.ts';
import type { Config } from '../../src/config/config.ts';
import { tellHandshakeFailures } from '../../src/http/listener-tls.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { isAlive } from '../../src/process/check-health.ts';
import { load } from '../config/loading.ts';
import { type Certificate, selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { metricOf } from '../support/service.ts';

const OURS = selfSignedCertificate('127.0.0.1');
const NEXT = selfSignedCertificate('127.0.0.1');
const CALLER = selfSignedCertificate('127.0.0.2');
const STRANGER = selfSignedCertificate('127.0.0.3');
const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';

function configWith(tls: Readonly<Record<string, unknown>>, { cert, key }: Certificate = OURS): Config {
  const file = { server: { port: 0, tls: { certFile: 'cert', keyFile: 'key', ...tls } } };
  const loaded = load(stringify(file), {}, { cert, key, callers: CALLER.cert });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

/** The whole service behind TLS, on a socket that the system chooses; it goes with the test. */
async function secureService(tls: Readonly<Record<string, unknown>> = {}) {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const config = configWith(tls);
  const app = await createApp(config, { logger, version: '0', nodeVersion: 'v0' });
  onTestFinished(() => app.server.close());
  await app.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.server.address() as AddressInfo;
  return { app, config, port, lines };
}

type Said = Readonly<Record<string, unknown>>;

/** One request on a connection of its own unless an agent is given. Rejects with the code of the fault. */
async function ask(port: number, path: string, said: Said = {}): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const method = path === PROBE ? 'POST' : 'GET';
  const asked = request({ host: '127.0.0.1', port, path, method, ca: OURS.cert, agent: false, ...said }).end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

it('answers a probe over TLS, to whoever trusts its certificate', async () => {
  const { port } = await secureService();
  expect(JSON.parse((await ask(port, PROBE)).text)).toMatchObject({ verdict: 'route', reason: 'delivered' });
  await expect(ask(port, PROBE, { ca: STRANGER.cert })).rejects.toThrow(/self.signed/);
});

it('speaks no older version than it is told', async () => {
  const { port } = await secureService({ minVersion: 'TLSv1.3' });
  await expect(ask(port, '/livez', { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/);
  expect((await ask(port, '/livez')).status).toBe(200);
});

describe('with clientCaFile', () => {
  it('takes no connection without a certificate of that authority', async () => {
    const { port } = await secureService({ clientCaFile: 'callers' });
    await expect(ask(port, '/livez')).rejects.toThrow(/certificate required|ECONNRESET|EPIPE|hang up/i);
    await expect(ask(port, '/livez', { ...STRANGER })).rejects.toThrow(/unknown ca|ECONNRESET|EPIPE|hang up/i);
    expect((await ask(port, PROBE, { ...CALLER, ca: OURS.cert })).status).toBe(200);
  });

  const CERTIFICATES = {
    none: {},
    'one of a stranger': { ...STRANGER, ca: OURS.cert },
    'one of that authority': { ...CALLER, ca: OURS.cert },
  };
  const table: readonly [string, number, keyof typeof CERTIFICATES][] = [
    ['/livez', 200, 'none'],
    ['/readyz', 200, 'none'],
    [PROBE, 401, 'none'],
    ['/metrics', 401, 'none'],
    [PROBE, 401, 'one of a stranger'],
    [PROBE, 200, 'one of that authority'],
    ['/metrics', 200, 'one of that authority'],
  ];
  it.each(table)('and requireClientCert false, answers %s with %d for %s', async (path, status, shown) => {
    const { port } = await secureService({ clientCaFile: 'callers', requireClientCert: false });
    expect((await ask(port, path, CERTIFICATES[shown])).status).toBe(status);
  });
});

describe('a handshake that fails is counted by why, and told at most once a minute:', () => {
  const closed = (socket: Socket) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  const secure = (port: number, said: Said) => closed(connectTls({ port, host: '127.0.0.1', ca: OURS.cert, ...said }).resume());
  const plain = (port: number, bytes: string) => closed(connect(port, '127.0.0.1').end(bytes).resume());

  it.each<[string, (port: number) => Promise<unknown>, RegExp]>([
    ['client_certificate', (port) => secure(port, { ...STRANGER, ca: OURS.cert }), /SELF_SIGNED|LEAF|UNABLE/],
    ['client_certificate', (port) => secure(port, {}), /DID_NOT_RETURN/],
    ['protocol', (port) => plain(port, 'GET / HTTP/1.1\r\n\r\n'), /HTTP_REQUEST/],
  ])('%s', async (cause, fail, code) => {
    const { port, lines } = await secureService({ clientCaFile: 'callers' });
    await fail(port);
    await fail(port);
    const metrics = async () => (await ask(port, '/metrics', { ...CALLER, ca: OURS.cert })).text;
    await expect.poll(metrics).toContain(`chatprobe_tls_handshake_failures_total{cause="${cause}"} 2\n`);
    const told = lines.filter((line) => line.includes('TLS handshake failed')).map((line): unknown => JSON.parse(line));
    expect(told).toMatchObject([{ level: 'warn', cause, detail: expect.stringMatching(code), failures: 1 }]);
  });

  it.each([
    ['own_certificate', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'],
    ['own_certificate', 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN'],
    ['timeout', 'ERR_TLS_HANDSHAKE_TIMEOUT'],
    ['left', 'EPIPE'],
    ['protocol', 'ERR_SSL_NO_SHARED_CIPHER'],
  ])('%s, by %s', (cause, code) => {
    const told: unknown[] = [];
    const server = new Server();
    tellHandshakeFailures(server, (failure) => told.push(failure));
    server.emit('tlsClientError', Object.assign(new Error('x'), { code }), new TLSSocket(new Socket()));
    expect(told).toEqual([{ cause, code }]);
  });

  it('left, which is in no line: a load balancer that only looks', async () => {
    const { app, port, lines } = await secureService();
    await plain(port, '');
    await expect.poll(() => metricOf(app.server, 'chatprobe_tls_handshake_failures_total{cause="left"}')).toBe(1);
    expect(lines.filter((line) => line.includes('handshake'))).toEqual([]);
  });
});

it('closes a connection on which plain HTTP is spoken, and goes on', async () => {
  const { port, lines } = await secureService();
  const plain = connect(port, '127.0.0.1');
  const closed = once(
    plain.on('error', () => undefined),
    'close',
  );
  let said = '';
  plain.on('data', (chunk) => {
    said += String(chunk);
  });
  plain.write(`POST ${PROBE} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await closed;
  expect(said).not.toContain('verdict');
  expect((await ask(port, '/livez')).status).toBe(200);
  expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
});

it('shows another certificate to new connections once told, and keeps the open ones', async () => {
  const { app, port } = await secureService();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect((await ask(port, '/livez', { agent })).status).toBe(200);
  const [before] = Object.values(agent.freeSockets).flat();

  app.reconfigure(configWith({}, NEXT));
  expect((await ask(port, PROBE, { agent })).status).toBe(200);
  expect(Object.values(agent.freeSockets).flat()).toEqual([before]);
  await expect(ask(port, '/livez')).rejects.toThrow(/self.signed/);
  expect((await ask(port, '/livez', { ca: NEXT.cert })).status).toBe(200);
});

it('is done at once with a caller who does not like its certificate', async () => {
  const { app, port } = await secureService();
  await expect(ask(port, '/livez', { ca: STRANGER.cert })).rejects.toThrow(/self.signed/);
  const open = () => new Promise((resolve) => app.server.server.getConnections((_fault, count) => resolve(count)));
  await expect.poll(open, { timeout: 3_000 }).toBe(0);
});

it('offers HTTP/1.1 alone', async () => {
  const { port } = await secureService();
  const socket: TLSSocket = connectTls({ port, host: '127.0.0.1', ca: OURS.cert, ALPNProtocols: ['h2', 'http/1.1'] });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  expect(socket.alpnProtocol).toBe('http/1.1');
});

it('tells until when each certificate is valid', async () => {
  const { app } = await secureService({ clientCaFile: 'callers', requireClientCert: false });
  const text = (await ask((app.server.server.address() as AddressInfo).port, '/metrics', { cert: CALLER.cert, key: CALLER.key })).text;
  const until = Date.UTC(2099, 0, 1) / 1_000;
  expect(text).toContain(`chatprobe_certificate_not_after_timestamp_seconds{use="listener",target=""} ${until}`);
  expect(text).toContain(`chatprobe_certificate_not_after_timestamp_seconds{use="listener_ca",target=""} ${until}`);
});

describe('--check-health', () => {
  it.each([
    ['over TLS', {}],
    ['where a certificate is asked for, and ours will do', { clientCaFile: 'cert' }],
  ])('finds the service alive %s', async (_name, tls) => {
    const { port, config } = await secureService(tls);
    expect(await isAlive({ ...config.server, host: '0.0.0.0', port })).toBe(true);
  });

  it('finds nobody where nothing answers', async () => {
    const { port, config, app } = await secureService();
    await app.server.close();
    expect(await isAlive({ ...config.server, port })).toBe(false);
  });

  it('is not content with plain HTTP where TLS is meant', async () => {
    const { port, config } = await secureService();
    expect(await isAlive({ ...config.server, port, tls: null })).toBe(false);
  });
});
