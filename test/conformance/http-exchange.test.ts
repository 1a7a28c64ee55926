import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Call } from '../../lab/conformance/exchange.ts';
import { createGatewayClient, type GatewayClient, MOST_REQUESTS } from '../../lab/conformance/gateway-client.ts';
import { realClock } from '../../src/probe/clock.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { answer, CLOSED_PORT, say, silent } from '../support/scripted-gateway.ts';
import { SECRETS } from '../support/secrets.ts';

const CALL: Call = {
  method: 'POST',
  path: '/esp',
  headers: [['authorization', `Bearer ${SECRETS.gatewayToken}`]],
  body: JSON.stringify({ one: SECRETS.gatewayToken }),
  pace: null,
};
const QUARTER = Math.ceil((CALL.body ?? '').length / 4);

function clientFor(url: string, timeoutMs = 2_000): GatewayClient {
  return createGatewayClient({ url, ca: null, timeoutMs, runTimeoutMs: 10_000, secrets: [SECRETS.gatewayToken] }, realClock);
}

/** A far end that keeps every byte it gets and answers nothing before the end of a body in the request. */
async function recorder(): Promise<{ readonly url: string; readonly bytes: () => string }> {
  let bytes = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      if (bytes.endsWith('}')) socket.write('HTTP/1.1 204 Done\r\n\r\n');
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bytes: () => bytes };
}

it('shows every byte that was sent, but for secrets', async () => {
  const far = await recorder();
  const { sent } = await clientFor(`${far.url}/base/`).ask(CALL);
  expect(sent).toBe(far.bytes().replaceAll('\r\n', '\n').replaceAll(SECRETS.gatewayToken, '[struck out]'));
  expect(sent).toMatch(/^POST \/base\/esp HTTP\/1\.1\nhost: 127\.0\.0\.1:\d+\n/);
});

it('sends a body in pieces, each when its turn has come, and its head before them', async () => {
  const far = await recorder();
  const arrivedBefore: string[] = [];
  const before = async (piece: number): Promise<void> => {
    await until(() => (far.bytes().split('\r\n\r\n')[1] ?? '?').length === piece * QUARTER);
    arrivedBefore.push(far.bytes().split('\r\n\r\n')[1] ?? '');
  };
  const exchange = await clientFor(far.url).ask({ ...CALL, pace: { pieces: 4, before } });
  expect(exchange).toMatchObject({ kind: 'answered', status: 204, sent: expect.stringMatching(/\n\n\{"one":"\[struck out\]"\}$/) });
  expect(arrivedBefore).toEqual([0, 1, 2, 3].map((pieces) => CALL.body?.slice(0, pieces * QUARTER)));
});

it('sends no piece of a body before there is a connection to send it on', async () => {
  // It takes connections, but says nothing to the client's offer of TLS.
  const gateway = await gatewayThat(silent);
  const asked: number[] = [];
  const before = async (piece: number): Promise<void> => void asked.push(piece);
  const exchange = await clientFor(gateway.url.replace('http:', 'https:'), 150).ask({ ...CALL, pace: { pieces: 2, before } });
  expect(exchange).toMatchObject({ kind: 'broken', how: 'silent', sent: '' });
  expect(asked).toEqual([]);
});

it('sends no piece of a body before the one before it has left', async () => {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const asked: number[] = [];
  const before = async (piece: number): Promise<void> => {
    asked.push(piece);
    setTimeout(() => sockets.forEach((socket) => void socket.destroy()), 200);
  };
  const body = 'x'.repeat(64 * 1024 * 1024);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const exchange = await clientFor(url, 10_000).ask({ ...CALL, body, pace: { pieces: 2, before } });
  expect(exchange).toMatchObject({ kind: 'broken', how: 'closed' });
  expect(asked).toEqual([0]);
});

it('tells which 1xx came before an answer', async () => {
  const interim = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n';
  const gateway = await gatewayThat(say(`${interim}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`));
  expect(await clientFor(gateway.url).ask(CALL)).toMatchObject({ kind: 'answered', status: 200, interim: [102, 103] });
});

it('shows what was received, but for secrets, and reads the answer as it is', async () => {
  const gateway = await gatewayThat(answer(418, { 'X-One': 'a' }, `é ${SECRETS.gatewayToken}`));
  const exchange = await clientFor(gateway.url).ask(CALL);
  expect(exchange).toMatchObject({
    kind: 'answered',
    status: 418,
    headers: { 'x-one': 'a' },
    body: `é ${SECRETS.gatewayToken}`,
    bodyBytes: 3 + SECRETS.gatewayToken.length,
  });
  expect(exchange.received).toMatch(/^HTTP\/1\.1 418 Whatever\n[\s\S]*\n\n\\xc3\\xa9 \[struck out\]$/);
});

it('tells how far a request got that was never answered', async () => {
  const gateway = await gatewayThat(say('HTTP/1.1 200 OK\r\nx-'));
  const exchange = await clientFor(gateway.url, 500).ask(CALL);
  expect(exchange).toMatchObject({ kind: 'broken', how: 'silent', because: 'no whole answer within 500 ms' });
  expect([exchange.sent.length > 100, exchange.received]).toEqual([true, 'HTTP/1.1 200 OK\nx-']);
  expect(exchange.elapsedMs).toBeGreaterThan(495);
});

it('reads no answer without end', async () => {
  const gateway = await gatewayThat(answer(200, {}, 'x'.repeat(2 * 1024 * 1024)));
  const exchange = await clientFor(gateway.url).ask(CALL);
  expect(exchange).toMatchObject({ kind: 'broken', how: 'closed', because: expect.stringContaining('longer than 1048576 bytes') });
});

it('shows nothing as sent where no connection came about', async () => {
  const exchange = await clientFor(`http://127.0.0.1:${CLOSED_PORT}`).ask(CALL);
  expect(exchange).toMatchObject({ kind: 'broken', how: 'closed', because: 'the connection was refused (ECONNREFUSED)', sent: '' });
});

it('writes no more of a body once its answer is there', async () => {
  const gateway = await gatewayThat(silent, {
    onConnection: (socket) => socket.once('data', () => socket.write('HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n')),
  });
  let pieces = 0;
  let answered = (): void => undefined;
  const isAnswered = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const before = async (): Promise<void> => {
    pieces += 1;
    if (pieces === 2) await isAnswered;
  };
  const exchange = await clientFor(gateway.url).ask({ ...CALL, pace: { pieces: 3, before } });
  answered();
  await new Promise((resolve) => setImmediate(resolve));
  expect(exchange).toMatchObject({ kind: 'answered', status: 400 });
  expect(pieces).toBe(2);
  expect(gateway.requests).toEqual([]);
});

it('asks in turn on one connection, and tells when the gateway opens another', async () => {
  const keeping = await gatewayThat(answer(200, {}, ''));
  const firstUses = (exchanges: readonly { isFirstUse: boolean }[]) => exchanges.map(({ isFirstUse }) => isFirstUse);
  expect(firstUses(await clientFor(keeping.url).askInTurn([CALL, CALL]))).toEqual([true, false]);
  expect(keeping.sockets()).toBe(1);
  const closing = await gatewayThat(answer(200, { connection: 'close' }, ''));
  expect(firstUses(await clientFor(closing.url).askInTurn([CALL, CALL]))).toEqual([true, true]);
});

it('asks no more than so many times, whatever it is asked for', async () => {
  const gateway = await gatewayThat(answer(200, {}, ''));
  const client = clientFor(gateway.url);
  const exchanges = await client.askInTurn(Array.from({ length: MOST_REQUESTS + 1 }, () => CALL));
  expect(exchanges.filter(({ kind }) => kind === 'answered')).toHaveLength(MOST_REQUESTS);
  expect(exchanges.at(-1)).toMatchObject({ kind: 'broken', how: 'unasked', sent: '' });
  expect([gateway.requests.length, client.requests()]).toEqual([MOST_REQUESTS, MOST_REQUESTS]);
});

it('asks nothing once the time of the run is over, and cuts what is under way then', async () => {
  const gateway = await gatewayThat(silent);
  const settings = { url: gateway.url, ca: null, timeoutMs: 5_000, runTimeoutMs: 500, secrets: [] };
  const client = createGatewayClient(settings, realClock);
  expect(await client.ask(CALL)).toMatchObject({ how: 'silent' });
  expect(client.hasTime()).toBe(false);
  expect(await client.ask(CALL)).toMatchObject({ how: 'unasked' });
  expect(gateway.requests).toHaveLength(1);
});
