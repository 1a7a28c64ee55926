import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { FastifyReply } from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ListenerTls } from '../../src/config/config.ts';
import { onCallerGone, sendStatusEarly } from '../../src/http/probe-route.ts';
import type { Answer, ProbeService } from '../../src/resilience/probe-service.ts';
import { askerThat, stubApi } from './stub-api.ts';

const PATH = '/interactions/0006Ka9HFHRR0T2B/probe';
/** Long enough that what comes behind the request is read before the answer goes out. */
const ANSWER_AFTER_MS = 150;

/** Answers after a while, or never, and knows who is gone. */
function slowAsker(afterMs: number | null) {
  const quick = askerThat({});
  const asked: Parameters<ProbeService['ask']>[0][] = [];
  let cancelled = 0;
  const ask: ProbeService['ask'] = (order, signal) => {
    asked.push(order);
    return new Promise<Answer | null>((resolve) => {
      const timer = afterMs === null ? undefined : setTimeout(() => resolve(quick.ask(order, signal)), afterMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        cancelled += 1;
        resolve(null);
      });
    });
  };
  return { ...quick, ask, asked, cancelled: () => cancelled };
}

/** What is promised of bytes on a socket, whatever they go through. @param tls null for plain HTTP. */
export function rawRequests(tls: ListenerTls | null): void {
  async function listening(afterMs: number | null = ANSWER_AFTER_MS) {
    const asker = slowAsker(afterMs);
    const api = await stubApi({ asker, tls });
    await api.server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = api.server.server.address() as AddressInfo;
    return { ...api, asker, port };
  }

  /** A connection that does not close its half when the other side does, and all that came over it. */
  function caller(port: number) {
    const wire = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const socket = tls === null ? wire : connectTls({ socket: wire, rejectUnauthorized: false });
    onTestFinished(() => void wire.destroy());
    let received = '';
    socket.setEncoding('latin1').on('error', () => undefined);
    wire.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    return { socket, wire, ended: once(socket, 'end').then(() => received), received: () => received };
  }

  /** Sends the bytes, closes the sending half if told so, and gives back all that comes until the other side closes. */
  async function exchange(port: number, bytes: string, then: 'half-close' | 'wait' = 'wait'): Promise<string> {
    const { socket, ended } = caller(port);
    socket.write(bytes, 'latin1');
    if (then === 'half-close') socket.end();
    return ended;
  }

  const post = (headers: string, body = '', path = PATH): string => `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;
  const ONE_VERDICT =
    /^HTTP\/1\.1 200 OK\r\n(?:[a-z-]+: [^\r\n]*\r\n)+\r\n(?!.*HTTP\/1\.1)\{"interactionId":"0006Ka9HFHRR0T2B","verdict":"route".*\}$/is;

  describe('a caller who closes his sending half after the request gets the verdict:', () => {
    it.each([
      ['told to close', post('Connection: close\r\nContent-Length: 0\r\n')],
      ['without a word about it', post('Content-Length: 2\r\n', '{}')],
      ['without a body', post('')],
      ['in chunks', post('Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n')],
      ['under HTTP/1.0', `POST ${PATH} HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}`],
    ])('%s', async (_name, bytes) => {
      const { port, asker } = await listening();
      expect(await exchange(port, bytes, 'half-close')).toMatch(ONE_VERDICT);
      expect([asker.asked.length, asker.cancelled()]).toEqual([1, 0]);
    });

    it.each([0, 12, 35, 600])('after %d ms of waiting, as if nothing had been sent early', async (afterMs) => {
      const { port } = await listening(afterMs);
      const whole = await exchange(port, post('Accept: text/plain\r\nContent-Length: 0\r\n'), 'half-close');
      const [head = '', body] = whole.split('\r\n\r\n');
      expect([head.split('\r\n')[0], body]).toEqual(['HTTP/1.1 200 OK', 'route']);
      expect(head.toLowerCase()).toMatch(/\r\nx-request-id: [^\r]+\r\n[\s\S]*\r\ncontent-length: 5\r\n/);
    });

    it('and so do two on one connection', async () => {
      const { port, asker } = await listening();
      const two = post('Content-Length: 0\r\n') + post('Content-Length: 2\r\n', '{}', PATH.replace('0006', '0007'));
      const whole = await exchange(port, two, 'half-close');
      expect(whole.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
      expect(whole.match(/"verdict":"route"/g)).toHaveLength(2);
      expect([asker.asked.length, asker.cancelled()]).toEqual([2, 0]);
    });

    it('and is counted as answered', async () => {
      const { port, exchanges } = await listening();
      await exchange(port, post('Content-Length: 0\r\n'), 'half-close');
      await expect.poll(() => exchanges.map(({ method, code }) => [method, code])).toEqual([['POST', 200]]);
    });
  });

  describe('a caller who hangs up cancels the probe,', () => {
    const hangUps: readonly [string, (socket: Socket, wire: Socket) => void][] = [
      ['at once', (socket) => socket.destroy()],
      ['by a reset', (_socket, wire) => wire.resetAndDestroy()],
      ['after he closed his sending half', (socket) => void socket.end(() => setTimeout(() => socket.destroy(), 50))],
    ];

    it.each(hangUps)('%s', async (_name, hangUp) => {
      const { port, asker, inFlight } = await listening(null);
      const { socket, wire } = caller(port);
      socket.write(post('Connection: close\r\nContent-Length: 0\r\n'));
      await expect.poll(() => asker.asked.length).toBe(1);
      hangUp(socket, wire);
      await expect.poll(() => asker.cancelled()).toBe(1);
      await expect.poll(() => inFlight.count).toBe(0);
    });

    it('also if he closed his sending half with the request', async () => {
      const { port, asker } = await listening(null);
      const { socket } = caller(port);
      socket.end(post('Connection: close\r\n'));
      await expect.poll(() => asker.asked.length).toBe(1);
      await sleep(50);
      socket.destroy();
      await expect.poll(() => asker.cancelled()).toBe(1);
    });

    it('and is not looked for any more once there is an answer', () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const request = new IncomingMessage(new Socket());
      const stop = sendStatusEarly(request.socket, new ServerResponse(request));
      vi.advanceTimersByTime(10_000);
      expect(vi.getTimerCount()).toBe(1);
      stop();
      expect(vi.getTimerCount()).toBe(0);
    });

    it('also if his half was closed before the probe began', async () => {
      const request = new IncomingMessage(new Socket());
      request.socket.push(null);
      await once(request.socket.resume(), 'end');
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const reply = { request: { raw: request }, raw: new ServerResponse(request) };
      const forget = onCallerGone(reply as unknown as FastifyReply, () => undefined);
      expect(vi.getTimerCount()).toBe(1);
      forget();
      expect(vi.getTimerCount()).toBe(0);
    });

    it('with all that wait behind it on the connection', async () => {
      const { port, asker } = await listening(null);
      const { socket } = caller(port);
      socket.write(post('Content-Length: 0\r\n').repeat(3));
      await expect.poll(() => asker.asked.length).toBe(3);
      socket.destroy();
      await expect.poll(() => asker.cancelled()).toBe(3);
    });

    it('and one who only closed his half is not taken for one, however long it takes', async () => {
      const { port, asker } = await listening(2_000);
      const waiting = exchange(port, post('Content-Length: 0\r\n'), 'half-close');
      await sleep(1_000);
      expect(asker.cancelled()).toBe(0);
      expect(await waiting).toMatch(ONE_VERDICT);
    });
  });

  describe('what follows a whole request does not cost it its verdict:', () => {
    const whole = post('Content-Length: 2\r\nContent-Type: application/json\r\n', '{}');
    it.each([
      ['a line break', `${whole}\r\n`, 'half-close'],
      ['a word', `${whole}garbage`, 'wait'],
      ['more JSON', `${whole}{"x":1}`, 'wait'],
      ['a word, and no more', `${whole}garbage`, 'half-close'],
      ['a word behind a request that closes', post('Connection: close\r\nContent-Length: 2\r\n', '{}garbage'), 'wait'],
      ['a word behind chunks', post('Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\nzzz'), 'wait'],
      ['half a request', `${whole}POST /inter`, 'half-close'],
      ['headers without end', `${whole}GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, 'wait'],
      ['another version', `${whole}GET / HTTP/3.0\r\n\r\n`, 'wait'],
      ['a word behind a request that says nothing of a body', post('', 'garbage'), 'wait'],
    ] as const)('%s', async (_name, bytes, then) => {
      const { port, asker, exchanges } = await listening();
      expect(await exchange(port, bytes, then)).toMatch(ONE_VERDICT);
      expect([asker.asked.length, asker.cancelled()]).toEqual([1, 0]);
      await expect.poll(() => exchanges.map(({ code }) => code)).toEqual([200]);
    });

    it('also if it comes later, and again', async () => {
      const { port } = await listening();
      const { socket, ended } = caller(port);
      socket.write(whole);
      for (const bytes of ['gar', 'bage\r\n\r\n', '{}']) {
        await sleep(20);
        socket.write(bytes);
      }
      expect(await ended).toMatch(ONE_VERDICT);
    });

    it('also if it never ends, and so comes too slowly', async () => {
      const { port, server, asker } = await listening();
      let late: Socket | undefined;
      server.server.on(tls === null ? 'connection' : 'secureConnection', (socket: Socket) => {
        late = socket;
      });
      const { socket, ended } = caller(port);
      socket.write(`${whole}POST /`);
      await expect.poll(() => asker.asked.length).toBe(1);
      server.server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), late);
      expect(await ended).toMatch(ONE_VERDICT);
    });

    it('and a second request that is broken is told so, after the first was answered', async () => {
      const { port } = await listening();
      const whole2 = await exchange(port, whole + post('Transfer-Encoding: chunked\r\n', 'zz\r\n'));
      expect(whole2.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
      expect(whole2).toContain('chunks');
    });
  });

  describe('a POST that is refused is told what is wrong with it:', () => {
    const refusals: readonly [string, string, number, RegExp][] = [
      ['mere line feeds', post('Content-Length: 2\r\n', '{}').replaceAll('\r\n', '\n'), 400, /line feed/],
      ['one mere line feed', `POST ${PATH} HTTP/1.1\r\nHost: x\nContent-Length: 2\r\n\r\n{}`, 400, /line feed/],
      ['the last line feed', `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\n{}`, 400, /line feed/],
      ['a mere carriage return', `POST ${PATH} HTTP/1.1\r\nHost: x\rContent-Length: 2\r\n\r\n{}`, 400, /carriage return/],
      ['a folded header', post('Content-Type: application/json;\r\n charset=utf-8\r\nContent-Length: 2\r\n', '{}'), 400, /second line/],
      ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}'), 400, /Content-Length.*twice/],
      ['two lengths alike', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'), 400, /Content-Length.*twice/],
      ['lengths in a list', post('Content-Length: 2, 2\r\n', '{}'), 400, /is not clear.*Content-Length/],
      ['a negative length', post('Content-Length: -2\r\n', '{}'), 400, /Content-Length/],
      ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n'), 400, /Content-Length/],
      ['chunks that are none', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n'), 400, /chunks/],
      ['a space in the URL', post('', '', `${PATH}?target=Chat Server`), 400, /space.*%20/],
      ['a letter in the URL', post('', '', `${PATH}?target=Ch\u00c3\u00a4t`), 400, /percent-encode/],
      ['a path without its slash', post('', '', PATH.slice(1)), 400, /slash/],
      ['a method in small letters', `post ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`, 400, /POST/],
      ['a header without a colon', post('Content-Length\r\n'), 400, /colon/],
      ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400, /TLS/],
      [
        'HTTP/1.0 without a length',
        `POST ${PATH} HTTP/1.0\r\nContent-Type: application/json\r\n\r\n{"isOnline":"0"}`,
        411,
        /Content-Length/,
      ],
      [
        'HTTP/1.0 with a type, without a length or a body',
        `POST ${PATH} HTTP/1.0\r\nContent-Type: text/plain\r\n\r\n`,
        411,
        /Content-Length/,
      ],
      ['HTTP/1.0 with a body, without a length or a type', `POST ${PATH} HTTP/1.0\r\n\r\n{"isOnline":"0"}`, 411, /Content-Length/],
      ['a body that nothing announces', post('Content-Type: application/json\r\n', '{"isOnline":"0"}'), 411, /Content-Length/],
      ['HTTP/2.0 in plain text', `POST ${PATH} HTTP/2.0\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`, 505, /HTTP\/1\.1/],
      ['HTTP/2', `POST ${PATH} HTTP/2\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`, 505, /HTTP\/1\.1/],
      ['HTTP/3.0', `POST ${PATH} HTTP/3.0\r\nHost: x\r\n\r\n`, 505, /HTTP\/1\.1/],
      ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000', 505, /HTTP\/1\.1/],
    ];

    it.each(refusals)('%s', async (_name, bytes, status, detail) => {
      const { port, exchanges, knownExchanges, asker } = await listening(null);
      const whole = await exchange(port, bytes);
      expect(asker.asked).toEqual([]);
      const [head = '', body = ''] = whole.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head.toLowerCase()).toContain('content-type: application/problem+json');
      const field = /Content-Length/.test(detail.source) ? expect.stringMatching(/^(content-length|transfer-encoding)$/) : null;
      expect(JSON.parse(body)).toMatchObject({ status, detail: expect.stringMatching(detail), field });
      await expect.poll(() => exchanges.filter(({ problem }) => problem !== null).length).toBe(1);
      const [{ route, method, code } = {}] = exchanges.filter(({ problem }) => problem !== null);
      expect(knownExchanges).toContainEqual({ route, method, code });
    });

    it.each(['/livez', '/nowhere', '/docs/static/x.css'])('HTTP/2.0, of whatever it asks for: %s', async (path) => {
      const { port, exchanges, knownExchanges } = await listening();
      expect(await exchange(port, `GET ${path} HTTP/2.0\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 505 /);
      await expect.poll(() => exchanges.length).toBe(1);
      const [{ route, method, code } = {}] = exchanges;
      expect(knownExchanges).toContainEqual({ route, method, code });
    });

    it('also if more of it comes after the refusal', async () => {
      const { port } = await listening();
      const { socket, ended } = caller(port);
      socket.write(`POST ${PATH} HTTP/1.1\nHost: x\n`);
      await sleep(50);
      socket.write('Content-Length: 2\n\n{}');
      expect(await ended).toMatch(/^HTTP\/1\.1 400 (?!.*HTTP\/1\.1)/s);
    });

    it('and a body that nothing announced, if it comes late, cancels the probe that had begun without it', async () => {
      const { port, asker } = await listening(null);
      const { socket, ended } = caller(port);
      socket.write(post('Content-Type: application/json\r\n'));
      await expect.poll(() => asker.asked.length).toBe(1);
      socket.write('{"chatServerAppName":"ChatServer_1"}');
      expect(await ended).toMatch(/^HTTP\/1\.1 411 /);
      socket.destroy();
      await expect.poll(() => asker.cancelled()).toBe(1);
    });
  });

  describe('a CONNECT is refused with 405, and the connection closed,', () => {
    const tunnels = [
      ['to a host', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'],
      ['to ourselves', `CONNECT 127.0.0.1:8080 HTTP/1.1\r\nHost: x\r\n\r\n\u0016\u0003\u0001\u0002`],
      ['to a path', `CONNECT ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`],
      ['under HTTP/1.0', 'CONNECT example.org:443 HTTP/1.0\r\n\r\n'],
    ] as const;

    it.each(tunnels)('%s', async (_name, bytes) => {
      const { port, exchanges, knownExchanges, asker } = await listening();
      const [head = '', body = ''] = (await exchange(port, bytes)).split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 405 [\s\S]*^allow: GET, HEAD, POST\r[\s\S]*^connection: close$/m);
      expect(JSON.parse(body)).toMatchObject({
        type: 'urn:chat-probe:problem:method_not_allowed',
        detail: expect.stringContaining('tunnel'),
      });
      expect(asker.asked).toEqual([]);
      const [{ route, method, code } = {}] = exchanges;
      expect(method).toBe('CONNECT');
      expect(knownExchanges).toContainEqual({ route, method, code });
    });

    it('after the answers to what came before it on the connection', async () => {
      const { port } = await listening();
      const whole = await exchange(port, post('Content-Length: 0\r\n').repeat(2) + tunnels[0][1]);
      expect(whole.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 405']);
    });
  });

  it.each([
    ['HTTP/1.0', `POST ${PATH} HTTP/1.0\r\n\r\n`],
    ['HTTP/1.1', post('Content-Type: application/json\r\nConnection: close\r\n')],
  ])('a POST under %s without a length, after which nothing comes, gets its verdict', async (_name, bytes) => {
    const { port } = await listening();
    expect(await exchange(port, bytes)).toMatch(ONE_VERDICT);
  });

  describe('a target in absolute form', () => {
    it('is found', async () => {
      const { port } = await listening(0);
      expect(await exchange(port, post('Connection: close\r\n', '', `http://proxy.example:8080${PATH}`))).toMatch(ONE_VERDICT);
    });

    it.each([
      ['GET', PATH, 'POST'],
      ['GET', `${PATH}?x=http://y//z/`, 'POST'],
      ['DELETE', `/${PATH}/`, 'POST'],
      ['POST', '/livez', 'GET, HEAD'],
    ])('is a 405 by the wrong method, %s %s', async (method, path, allow) => {
      const { port } = await listening(0);
      const whole = await exchange(port, `${method} HTTP://x:1${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(whole.toLowerCase()).toMatch(/^http\/1\.1 405 /);
      expect(whole).toMatch(new RegExp(`^allow: ${allow}\r$`, 'm'));
    });
  });

  it.each([
    ['QUERY', ''],
    ['DELETE', 'Content-Type: application/json\r\nContent-Length: 4\r\n'],
  ])('a wrong method is the first thing that a %s hears of', async (method, headers) => {
    const { port } = await listening(0);
    const bytes = `${method} ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n${headers === '' ? '' : '<a/>'}`;
    expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: POST\r\n/s);
  });

  it('no header is lost, however many there are before it', async () => {
    const { port, asker } = await listening(0);
    const headers = `${'x:y\r\n'.repeat(1_200)}Connection: close\r\nContent-Type: application/json\r\nContent-Length: 24\r\n`;
    expect(await exchange(port, post(headers, '{"chatServerAppName":17}'))).toMatch(ONE_VERDICT);
    expect(asker.asked[0]?.chatServer).toBe('17');
  });

  it('and their size is bounded all the same', async () => {
    const { port, asker } = await listening(0);
    expect(await exchange(port, post('x:y\r\n'.repeat(9_000)))).toMatch(/^HTTP\/1\.1 431 /);
    expect(asker.asked).toEqual([]);
  });

  describe('a caller whose body ends before its time is told so:', () => {
    it.each([
      ['a length that counts too many', post('Content-Length: 30\r\n', '{"isOnline":"0"}')],
      ['a last chunk that is missing', post('Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n')],
      ['half a chunk', post('Transfer-Encoding: chunked\r\n', '20\r\n{}')],
    ])('%s', async (_name, bytes) => {
      const { port, asker, exchanges } = await listening(null);
      const [head = '', body = ''] = (await exchange(port, bytes, 'half-close')).split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(body)).toMatchObject({ field: 'body', detail: expect.stringMatching(/ended before the body/) });
      expect([asker.asked, exchanges]).toEqual([[], []]);
    });

    it('after the verdict of a request that was whole', async () => {
      const { port, asker } = await listening();
      const whole = await exchange(port, post('Content-Length: 0\r\n') + post('Content-Length: 30\r\n', '{"isOnline":"0"}'), 'half-close');
      expect(whole.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
      expect([asker.asked.length, asker.cancelled()]).toEqual([1, 0]);
    });

    it('but not one who had not even sent its head', async () => {
      const { port, exchanges } = await listening(null);
      expect(await exchange(port, 'POST /interactions/x/probe HTTP/1.1\r\nHost', 'half-close')).toBe('');
      expect(exchanges).toEqual([]);
    });
  });
}
