import { describe, expect, it } from 'vitest';
import replies from '../fixtures/esp-replies.json' with { type: 'json' };
import { espRequest } from '../support/esp-request.ts';
import { adapterFor, gatewayThat, send, TOKEN, until } from '../support/gateway-rig.ts';
import type { Script } from '../support/scripted-gateway.ts';
import { answerJson, CLOSED_PORT, deliver, say, silent } from '../support/scripted-gateway.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n';
const CERTIFICATE = selfSignedCertificate('127.0.0.1');

describe('a connection that fails before the message is written', () => {
  it('is refused where nobody listens', async () => {
    const { outcome } = await send(adapterFor([`http://127.0.0.1:${CLOSED_PORT}`]));
    expect(outcome).toEqual({
      kind: 'failure',
      reason: 'connect_refused',
      written: false,
      rejected: false,
      retryAfterMs: null,
      detail: 'ECONNREFUSED',
    });
  });

  it('is a failure of the name where that does not resolve', async () => {
    const { outcome } = await send(adapterFor(['http://gateway.invalid']), 10_000);
    expect(outcome).toMatchObject({ reason: 'dns_failure', written: false, detail: expect.stringMatching(/^(ENOTFOUND|EAI_\w+)$/) });
  });

  it('times out on time where the far end does not go on', async () => {
    const gateway = await gatewayThat(silent); // speaks no TLS, so that the handshake hangs
    const { outcome, tookMs } = await send(adapterFor([gateway.url.replace('http', 'https')], { connectTimeoutMs: 100 }));
    expect(outcome).toMatchObject({ reason: 'timeout', written: false, detail: 'UND_ERR_CONNECT_TIMEOUT' });
    expect(tookMs).toBeLessThan(1_500); // the attempt has 2 s
  });

  it('is closed at once when its time is over', async () => {
    let closed = false;
    const gateway = await gatewayThat(silent, {
      tls: CERTIFICATE,
      handshakeDelayMs: 60_000,
      onConnection: (socket) => {
        socket.on('close', () => {
          closed = true;
        });
        socket.resume();
      },
    });
    await send(adapterFor([gateway.url], { ca: CERTIFICATE.cert, connectTimeoutMs: 50 }));
    const closedByMs = performance.now() + 10_000;
    await until(() => closed || performance.now() > closedByMs);
    expect(closed).toBe(true);
  });
});

describe('a connection over TLS', () => {
  it('is trusted by the authority of the configuration', async () => {
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE });
    expect((await send(adapterFor([gateway.url], { ca: CERTIFICATE.cert }))).outcome.kind).toBe('reply');
  });

  it('shows its own certificate to a gateway that asks for one, and is of no use with none or with another', async () => {
    const [ours, strangers] = [selfSignedCertificate('127.0.0.2'), selfSignedCertificate('127.0.0.3')];
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE, clientCa: ours.cert });
    const reason = async (identity: typeof ours | null) => {
      const { outcome } = await send(adapterFor([gateway.url], { ca: CERTIFICATE.cert, identity }));
      return outcome.kind === 'failure' ? outcome.reason : outcome.kind;
    };
    expect(await reason(ours)).toBe('reply');
    for (const identity of [null, strangers]) expect(['tls_failure', 'connection_reset']).toContain(await reason(identity));
    expect(gateway.requests).toHaveLength(1);
  });

  it('is not trusted without', async () => {
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE });
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(outcome).toMatchObject({ reason: 'tls_failure', written: false, detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(gateway.requests).toHaveLength(0);
  });

  it('is not trusted with the certificate of another host', async () => {
    const stranger = selfSignedCertificate('127.0.0.2');
    const gateway = await gatewayThat(deliver, { tls: stranger });
    const { outcome } = await send(adapterFor([gateway.url], { ca: stranger.cert }));
    expect(outcome).toMatchObject({ reason: 'tls_failure', written: false, detail: 'HOSTNAME_MISMATCH' });
  });

  it('fails for those that waited for it, too', async () => {
    const stranger = selfSignedCertificate('127.0.0.2');
    const gateway = await gatewayThat(deliver, { tls: stranger });
    const adapter = adapterFor([gateway.url], { ca: stranger.cert, maxConnections: 1 });
    const outcomes = await Promise.all([send(adapter), send(adapter), send(adapter)]);
    for (const { outcome } of outcomes) expect(outcome).toMatchObject({ reason: 'tls_failure' });
  });

  it('fails where plain HTTP is spoken', async () => {
    const gateway = await gatewayThat(silent, { onConnection: (socket) => say('HTTP/1.1 400 Bad Request\r\n\r\n')(socket, NOTHING) });
    const { outcome } = await send(adapterFor([gateway.url.replace('http', 'https')]));
    expect(outcome).toMatchObject({ reason: 'tls_failure', written: false });
  });

  it('fails where the authority of the configuration is no certificate', async () => {
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE });
    const { outcome } = await send(adapterFor([gateway.url], { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n' }));
    expect(outcome).toMatchObject({ reason: 'tls_failure', written: false });
  });

  it('spoken to without TLS is no proof of anything', async () => {
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE });
    const { outcome } = await send(adapterFor([gateway.url.replace('https', 'http')]));
    expect(outcome).toMatchObject({ kind: 'failure', written: true });
  });
});

describe('a connection that breaks after the message is written', () => {
  it.each([
    ['reset before the reply', (socket) => void socket.resetAndDestroy(), 'connection_reset'],
    ['closed without a reply', (socket) => void socket.end(), 'connection_reset'],
    ['closed after no more than early hints', (socket) => void socket.end('HTTP/1.1 103 Early\r\n\r\n'), 'connection_reset'],
    ['reset in the middle of the reply', (socket) => void socket.write(HEAD, () => socket.resetAndDestroy()), 'connection_reset'],
    ['closed in the middle of the reply', (socket) => void socket.end(`${HEAD}{"messageName":`), 'connection_reset'],
    [
      'closed before the end that it announced',
      (socket) =>
        void socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{}`),
      'protocol_error',
    ],
    [
      'closed before the last chunk',
      (socket) =>
        void socket.end(
          'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}',
        ),
      'protocol_error',
    ],
  ] as const satisfies readonly (readonly [string, Script, string])[])(
    'because it is %s, is never used to send again',
    async (_, script, reason) => {
      const gateway = await gatewayThat(script);
      const adapter = adapterFor([gateway.url]);
      expect((await send(adapter)).outcome).toMatchObject({ kind: 'failure', reason, written: true });
      expect(gateway.requests).toHaveLength(1);

      gateway.follow(deliver);
      expect((await send(adapter)).outcome.kind).toBe('reply');
      expect(gateway.requests).toHaveLength(2);
      expect(gateway.requests[1]?.connection).not.toBe(1);
    },
  );

  it('because it was kept alive too long, is not sent over again', async () => {
    const gateway = await gatewayThat(deliver);
    const adapter = adapterFor([gateway.url]);
    await send(adapter);
    gateway.follow((socket) => void socket.end());
    expect((await send(adapter)).outcome).toMatchObject({ reason: 'connection_reset', written: true });
    expect(gateway.requests).toHaveLength(2);
  });
});

describe('a connection that holds', () => {
  it('is used again', async () => {
    const gateway = await gatewayThat(deliver);
    const adapter = adapterFor([gateway.url]);
    for (let n = 0; n < 3; n += 1) {
      expect((await send(adapter)).outcome.kind).toBe('reply');
      await nextTurn();
    }
    expect(gateway.requests.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  it('is used again after an answer that is an error', async () => {
    const gateway = await gatewayThat(say('HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\n{}'));
    const adapter = adapterFor([gateway.url]);
    for (let n = 0; n < 2; n += 1) {
      expect((await send(adapter)).outcome).toMatchObject({ reason: 'gateway_error' });
      await nextTurn();
    }
    expect(gateway.requests.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  it('is given up where the body of an answer that is an error does not end, and the status counts at once', async () => {
    const gateway = await gatewayThat(say('HTTP/1.1 429 Busy\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\n{'));
    const adapter = adapterFor([gateway.url]);
    const { outcome, tookMs } = await send(adapter, 30_000);
    expect(outcome).toEqual({
      kind: 'failure',
      reason: 'gateway_busy',
      written: true,
      rejected: true,
      retryAfterMs: 7_000,
      detail: 'HTTP 429',
    });
    expect(tookMs).toBeLessThan(15_000);
    await send(adapter);
    expect(gateway.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('is one of many at once without a warning of Node.js about leaks', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const gateway = await gatewayThat(deliver);
    const adapter = adapterFor([gateway.url], { maxConnections: 30 });
    await Promise.all(Array.from({ length: 30 }, () => send(adapter)));
    await nextTurn();
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('is one of no more than allowed, and the rest waits', async () => {
    const gateway = await gatewayThat(deliver);
    const adapter = adapterFor([gateway.url], { maxConnections: 2 });
    const sends = Array.from({ length: 12 }, (_, n) => send(adapter, 2_000, espRequest({ referenceId: n + 1 })));
    const references = (await Promise.all(sends)).map(({ outcome }) => (outcome.kind === 'reply' ? outcome.reply.referenceId : 0));
    expect(references).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    expect(gateway.requests).toHaveLength(12);
    expect(gateway.connections()).toBe(2);
  });
});

describe('the end of an attempt', () => {
  it.each([
    ['silent', silent],
    ['slow', trickle],
    ['in the middle of its reply', say(HEAD)],
  ] as const)('comes at once while the far end is %s', async (_, script) => {
    const gateway = await gatewayThat(script);
    const controller = new AbortController();
    const sent = adapterFor([gateway.url]).send(espRequest(), 5_000, controller.signal);
    await until(() => gateway.requests.length === 1);
    controller.abort();
    const outcome = await settledThisTick(sent);
    expect(outcome).toEqual({ kind: 'failure', reason: 'timeout', written: true, rejected: false, retryAfterMs: null, detail: 'ABORTED' });
    expect(gateway.requests).toHaveLength(1);
  });

  it('closes the connection, so that the far end knows', async () => {
    let closed = false;
    const gateway = await gatewayThat((socket) => {
      socket.on('close', () => {
        closed = true;
      });
    });
    const controller = new AbortController();
    const sent = adapterFor([gateway.url]).send(espRequest(), 5_000, controller.signal);
    await until(() => gateway.requests.length === 1);
    controller.abort();
    await sent;
    await until(() => closed);
    expect(gateway.requests).toHaveLength(1);
  });

  it('comes at once while it is still connecting, and nothing is written when the connection comes', async () => {
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE, handshakeDelayMs: 100 });
    const adapter = adapterFor([gateway.url], { ca: CERTIFICATE.cert });
    const controller = new AbortController();
    const sent = adapter.send(espRequest(), 1_000, controller.signal);
    controller.abort();
    expect(await settledThisTick(sent)).toMatchObject({ reason: 'timeout', written: false });

    await until(() => gateway.connections() === 1);
    expect((await send(adapter)).outcome.kind).toBe('reply');
    expect(gateway.requests).toHaveLength(1);
  });

  it('comes at once while it waits for a connection, which stays in use', async () => {
    let release = (): void => undefined;
    const gateway = await gatewayThat((socket, request) => {
      release = () => deliver(socket, request);
    });
    const adapter = adapterFor([gateway.url], { maxConnections: 1 });
    const first = send(adapter);
    await until(() => gateway.requests.length === 1);
    const controller = new AbortController();
    const second = adapter.send(espRequest({ referenceId: 8 }), 1_000, controller.signal);
    controller.abort();
    expect(await settledThisTick(second)).toMatchObject({ reason: 'timeout', written: false });

    release();
    expect((await first).outcome.kind).toBe('reply');
    gateway.follow(deliver);
    expect((await send(adapter, 2_000, espRequest({ referenceId: 9 }))).outcome).toMatchObject({ reply: { referenceId: 9 } });
    expect(gateway.requests).toHaveLength(2);
    expect(gateway.connections()).toBe(1);
  });

  it('is told anew to the far end if connecting took some of the time', async () => {
    const gateway = await gatewayThat(deliver, { tls: CERTIFICATE, handshakeDelayMs: 150 });
    const { outcome } = await send(adapterFor([gateway.url], { ca: CERTIFICATE.cert }), 1_000);
    expect(outcome.kind).toBe('reply');
    expect(gateway.requests).toHaveLength(1);
    expect(Number(gateway.requests[0]?.headers['x-deadline-ms'])).toBeLessThanOrEqual(850);
    expect(gateway.connections()).toBe(1);
  });

  it('is told anew if the message had to wait for a connection', async () => {
    let release = (): void => undefined;
    const gateway = await gatewayThat((socket, request) => {
      release = () => deliver(socket, request);
    });
    let nowMs = 0;
    const adapter = adapterFor([gateway.url], { maxConnections: 1 }, () => nowMs);
    const first = send(adapter, 1_000);
    await until(() => gateway.requests.length === 1);
    const second = send(adapter, 1_000);
    gateway.follow(deliver);
    nowMs = 400;
    release();
    await Promise.all([first, second]);
    expect(gateway.requests.map(({ headers }) => headers['x-deadline-ms'])).toEqual(['1000', '600']);
  });

  it.each([
    ['the connection is opened', false, 9],
    ['a connection that was used before is looked at', true, 9],
    ['a connection that was used before is looked at', true, 0.5],
  ])('is told to the millisecond although some passed while %s', async (_, isUsed, passedMs) => {
    const gateway = await gatewayThat(deliver);
    let nowMs = 0;
    const adapter = adapterFor([gateway.url], {}, () => nowMs);
    if (isUsed) await send(adapter);
    const sent = send(adapter, 1_000);
    nowMs += passedMs;
    await sent;
    expect(gateway.requests.at(-1)?.headers['x-deadline-ms']).toBe(String(Math.floor(1_000 - passedMs)));
  });

  it('keeps a message from being written that waited until less than a millisecond was left, and costs no connection', async () => {
    const [gateway, next] = [await gatewayThat(deliver), await gatewayThat(deliver)];
    let nowMs = 0;
    const adapter = adapterFor([gateway.url, next.url], {}, () => nowMs);
    await send(adapter);
    await nextTurn();
    const sent = adapter.send(espRequest(), 1_000, new AbortController().signal);
    nowMs += 999.5;
    expect(await sent).toEqual({
      kind: 'failure',
      reason: 'timeout',
      written: false,
      rejected: false,
      retryAfterMs: null,
      detail: 'OVERDUE',
    });
    await send(adapter);
    expect(gateway.requests.map(({ connection }) => connection)).toEqual([1, 1]);
    expect(next.sockets()).toBe(0);
  });

  it('leaves a message that waits in its place, however late the process is', async () => {
    const waiting: (() => void)[] = [];
    const gateway = await gatewayThat((socket, request) => void waiting.push(() => deliver(socket, request)));
    let nowMs = 0;
    const adapter = adapterFor([gateway.url], { maxConnections: 2 }, () => nowMs);
    const sends = Array.from({ length: 8 }, (_, n) => send(adapter, 10_000, espRequest({ referenceId: n + 1 })));
    for (let answered = 0; answered < sends.length; answered += 1) {
      await until(() => waiting.length > answered);
      nowMs += 50;
      waiting[answered]?.();
    }
    await Promise.all(sends);
    expect(gateway.requests.map(({ body }) => (JSON.parse(body) as { referenceId: number }).referenceId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('closing the gateway adapter', () => {
  it('closes connections that wait for the next message', async () => {
    let closed = false;
    const gateway = await gatewayThat(deliver, {
      onConnection: (socket) => {
        socket.on('close', () => {
          closed = true;
        });
      },
    });
    const adapter = adapterFor([gateway.url]);
    await send(adapter);
    await adapter.close();
    const closedByMs = performance.now() + 10_000;
    await until(() => closed || performance.now() > closedByMs);
    expect(closed).toBe(true);
  });

  it('settles a message on its way and closes its connection', async () => {
    let closed = false;
    const gateway = await gatewayThat((socket) => {
      socket.on('close', () => {
        closed = true;
      });
    });
    const adapter = adapterFor([gateway.url]);
    const sent = send(adapter);
    await until(() => gateway.requests.length === 1);
    await adapter.close();
    expect((await sent).outcome).toMatchObject({ reason: 'connection_reset', written: true, detail: 'CLOSED' });
    await until(() => closed);
  });

  it('settles a message that is still connecting, and closes that too', async () => {
    let closed = false;
    const gateway = await gatewayThat(silent, {
      tls: CERTIFICATE,
      handshakeDelayMs: 60_000,
      onConnection: (socket) => {
        socket.on('close', () => {
          closed = true;
        });
        socket.resume();
      },
    });
    const adapter = adapterFor([gateway.url], { ca: CERTIFICATE.cert, connectTimeoutMs: 30_000 });
    const sent = send(adapter);
    await until(() => gateway.sockets() === 1);
    await adapter.close();
    expect((await sent).outcome).toMatchObject({ reason: 'connection_reset', written: false, detail: 'CLOSED' });
    await until(() => closed);
  });
});

describe('the detail of a failure', () => {
  it.each([
    ['refused', () => Promise.resolve(`http://127.0.0.1:${CLOSED_PORT}/base`)],
    ['unresolved', () => Promise.resolve('http://gateway.invalid/base')],
    ['rubbish', () => gatewayThat(say('rubbish-secret')).then(({ url }) => `${url}/base`)],
    ['status', () => gatewayThat(say('HTTP/1.1 500 rubbish-secret\r\nx: rubbish-secret\r\n\r\n')).then(({ url }) => `${url}/base`)],
    ['JSON', () => gatewayThat(answerJson({ ...replies.delivered, messageName: 'rubbish-secret' })).then(({ url }) => `${url}/base`)],
  ])('never shows the token, the address or words of the far end: %s', async (_, start) => {
    const url = await start();
    const { outcome } = await send(adapterFor([url]), 500);
    const detail = outcome.kind === 'failure' ? outcome.detail : '';
    expect(detail).toMatch(/^[A-Z][A-Z0-9_ ]{3,40}$/);
    for (const secret of [TOKEN, 'rubbish', new URL(url).hostname, new URL(url).port || 'none', 'base'])
      expect(detail).not.toContain(secret);
  });
});

const NOTHING = { method: '', path: '', headers: {}, body: '', connection: 0 };

/** A byte now and then, for ever. */
function trickle(socket: Parameters<Script>[0]): void {
  socket.write(HEAD);
  const timer = setInterval(() => socket.write('x'), 10);
  socket.on('close', () => clearInterval(timer));
}

/** undici takes a connection for free one turn of the event loop after its answer. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a promise settled with by the next turn of the event loop, undefined if it has not. */
function settledThisTick<T>(promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
}
