import { describe, expect, it } from 'vitest';
import { espRequest } from '../support/esp-request.ts';
import { adapterFor, gatewayThat, send, until } from '../support/gateway-rig.ts';
import type { Script } from '../support/scripted-gateway.ts';
import { answer, CLOSED_PORT, deliver, silent } from '../support/scripted-gateway.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

const CERTIFICATE = selfSignedCertificate('127.0.0.1');

describe('the next gateway URL', () => {
  it('is left alone while the first answers', async () => {
    const [first, second] = [await gatewayThat(deliver), await gatewayThat(deliver)];
    await send(adapterFor([first.url, second.url]));
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });

  it.each([
    ['is refused', async () => `http://127.0.0.1:${CLOSED_PORT}`],
    ['does not resolve', async () => 'http://gateway.invalid'],
    ['is not trusted', async () => (await gatewayThat(deliver, { tls: CERTIFICATE })).url],
    ['does not come about in time', async () => (await gatewayThat(silent)).url.replace('http', 'https')],
    [
      'is reset before it is there',
      async () => (await gatewayThat(silent, { tls: CERTIFICATE, onConnection: (socket) => socket.resetAndDestroy() })).url,
    ],
  ])('is tried in the same attempt where the connection %s', async (_, brokenUrl) => {
    const second = await gatewayThat(deliver);
    const { outcome } = await send(adapterFor([await brokenUrl(), second.url], { connectTimeoutMs: 100 }), 10_000);
    expect(outcome.kind).toBe('reply');
    expect(second.requests).toHaveLength(1);
  });

  it.each([
    ['answers with an error', answer(503, {}, '')],
    ['is busy', answer(429, {}, '')],
    ['answers rubbish', answer(200, {}, 'rubbish')],
    ['closes the connection', (socket) => void socket.end()],
    ['resets the connection', (socket) => void socket.resetAndDestroy()],
    ['is silent', silent],
  ] as const satisfies readonly (readonly [string, Script])[])(
    'is never tried where the first took the message and %s',
    async (_, script) => {
      const [first, second] = [await gatewayThat(script), await gatewayThat(deliver)];
      const adapter = adapterFor([first.url, second.url]);
      expect((await send(adapter, 500)).outcome).toMatchObject({ kind: 'failure', written: true });
      first.follow(deliver);
      await send(adapter);
      expect([first.requests.length, second.connections()]).toEqual([2, 0]);
    },
  );

  it('is told the time that is left then', async () => {
    const [first, second] = [await gatewayThat(silent), await gatewayThat(deliver)];
    await send(adapterFor([first.url.replace('http', 'https'), second.url], { connectTimeoutMs: 150 }), 1_000);
    expect(Number(second.requests[0]?.headers['x-deadline-ms'])).toBeLessThanOrEqual(851);
  });

  it('is tried once and no more when none can be reached', async () => {
    const [first, second] = [await cutting(), await cutting()];
    const { outcome } = await send(adapterFor([first.url, second.url], { ca: CERTIFICATE.cert }));
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'connection_reset', written: false });
    expect([first.sockets(), second.sockets()]).toEqual([1, 1]);
  });

  it('is where the next attempt starts, until the first has been aside for 30 s', async () => {
    let nowMs = 0;
    const [first, second] = [await cutting(), await gatewayThat(deliver)];
    const adapter = adapterFor([first.url, second.url], { ca: CERTIFICATE.cert }, () => nowMs);
    const tried: number[] = [];
    for (nowMs of [0, 29_999, 30_000, 30_001]) {
      expect((await send(adapter)).outcome.kind).toBe('reply');
      tried.push(first.sockets());
    }
    expect(tried).toEqual([1, 1, 2, 2]);
  });

  it('is not preferred because an attempt was ended while it was still connecting', async () => {
    const [first, second] = [await gatewayThat(silent), await gatewayThat(deliver)];
    const adapter = adapterFor([first.url.replace('http', 'https'), second.url], { connectTimeoutMs: 200 });
    const controller = new AbortController();
    const ended = adapter.send(espRequest(), 1_000, controller.signal);
    await until(() => first.sockets() === 1);
    controller.abort();
    expect(await ended).toMatchObject({ reason: 'timeout', written: false });
    expect([first.sockets(), second.sockets()]).toEqual([1, 0]);
    expect((await send(adapter)).outcome.kind).toBe('reply');
    expect(first.sockets()).toBe(2);
  });

  it('is not preferred because an attempt was ended while it waited for a free connection', async () => {
    const [first, second] = [await gatewayThat(silent), await gatewayThat(deliver)];
    const adapter = adapterFor([first.url, second.url], { maxConnections: 1 });
    const [endBusy, endQueued] = [new AbortController(), new AbortController()];
    const busy = adapter.send(espRequest(), 1_000, endBusy.signal);
    const queued = adapter.send(espRequest(), 1_000, endQueued.signal);
    await until(() => first.requests.length === 1);
    for (const end of [endQueued, endBusy]) end.abort();
    expect([await busy, await queued]).toMatchObject([
      { reason: 'timeout', written: true },
      { reason: 'timeout', written: false },
    ]);
    first.follow(deliver);
    expect((await send(adapter)).outcome.kind).toBe('reply');
    expect([first.requests.length, second.requests.length]).toEqual([2, 0]);
  });

  it('is not preferred because an attempt was cancelled before it began', async () => {
    const [first, second] = [await gatewayThat(deliver), await gatewayThat(deliver)];
    const adapter = adapterFor([first.url, second.url]);
    expect(await adapter.send(espRequest(), 1_000, AbortSignal.abort())).toMatchObject({ reason: 'timeout', written: false });
    await send(adapter);
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });

  it('is not tried after the adapter was closed', async () => {
    const [first, second] = [await gatewayThat(silent), await gatewayThat(deliver)];
    const adapter = adapterFor([first.url.replace('http', 'https'), second.url]);
    const sent = send(adapter);
    await until(() => first.sockets() === 1);
    await adapter.close();
    expect((await sent).outcome).toMatchObject({ detail: 'CLOSED', written: false });
    expect(second.sockets()).toBe(0);
  });
});

/** A gateway that cuts every connection before it is there. */
function cutting() {
  return gatewayThat(silent, { tls: CERTIFICATE, onConnection: (socket) => socket.resetAndDestroy() });
}
