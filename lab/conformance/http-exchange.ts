import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../src/probe/clock.ts';
import type { Connection } from './connection.ts';
import type { Broken, Call, Exchange, Header, Pace } from './exchange.ts';
import { gate } from './gate.ts';
import { printable } from './printable.ts';

/** Where a request goes and what it is bound by. */
export interface ExchangeParts {
  readonly base: URL;
  readonly connection: Connection;
  readonly clock: Clock;
  /** Longest that the exchange may take, from connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly secrets: readonly string[];
}

/** More than any check asks about; a gateway that sends without end must not fill the memory. */
const MOST_BYTES = 1024 * 1024;

/** Makes one request, once. Resolves within the time-out, whatever the gateway does; never rejects. */
export function httpExchange(parts: ExchangeParts, call: Call): Promise<Exchange> {
  return new Promise((resolve) => new RunningExchange(parts, call, resolve).start());
}

/** One request and its answer, with the bytes of both; settles once. */
class RunningExchange {
  readonly #parts: ExchangeParts;
  readonly #call: Call;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #request: ClientRequest;
  readonly #startedAtMs: number;
  readonly #sent: Buffer[] = [];
  readonly #received: Buffer[] = [];
  readonly #interim: number[] = [];
  readonly #connected = gate();
  readonly #settled = gate();
  readonly #tap = (chunk: Buffer): void => this.#receive(chunk);
  #cancelTimeout: () => void = () => undefined;
  #receivedBytes = 0;
  #socket: Socket | null = null;
  #isFirstUse = true;

  constructor(parts: ExchangeParts, call: Call, resolve: (exchange: Exchange) => void) {
    const { base, connection, clock } = parts;
    this.#parts = parts;
    this.#call = call;
    this.#resolve = resolve;
    this.#startedAtMs = clock.nowMs();
    const path = base.pathname.replace(/\/+$/, '') + call.path;
    const headers = headersOf(base, call);
    // Given as a list, the headers go out as they are and no others with them, so that what is shown is what was sent.
    const options = { agent: connection.agent, method: call.method, path, headers: headers.flat(), port: base.port };
    const open = base.protocol === 'https:' ? httpsRequest : httpRequest;
    this.#request = open({ ...options, hostname: base.hostname.replace(/^\[|\]$/g, '') });
    this.#sent.push(Buffer.from(`${call.method} ${path} HTTP/1.1\r\n${headers.map((pair) => `${pair.join(': ')}\r\n`).join('')}\r\n`));
  }

  start(): void {
    const { clock, timeoutMs } = this.#parts;
    this.#cancelTimeout = clock.schedule(timeoutMs, () => this.#break('silent', `no whole answer within ${Math.round(timeoutMs)} ms`));
    this.#request.on('socket', (socket) => this.#watch(socket));
    this.#request.on('information', ({ statusCode }) => this.#interim.push(statusCode));
    this.#request.on('response', (response) => this.#read(response));
    this.#request.on('error', (fault) => this.#break('closed', wordsFor(fault)));
    void this.#write();
  }

  #watch(socket: Socket): void {
    this.#socket = socket;
    this.#isFirstUse = this.#parts.connection.isFirstUse(socket);
    if (this.#isFirstUse) socket.once(this.#parts.base.protocol === 'https:' ? 'secureConnect' : 'connect', this.#connected.open);
    else this.#connected.open();
    socket.on('data', this.#tap);
  }

  async #write(): Promise<void> {
    const body = Buffer.from(this.#call.body ?? '');
    const { pace } = this.#call;
    if (pace !== null) await this.#writeInPieces(body, pace);
    else if (body.length > 0) void this.#writePart(body);
    if (!this.#settled.isOpen()) this.#request.end();
  }

  /** What waits in this process has not been sent: so each piece waits until the one before it has left, the first for the connection. */
  async #writeInPieces(body: Buffer, { pieces, before }: Pace): Promise<void> {
    // The head goes first: it starts the clock of X-Deadline-Ms.
    this.#request.flushHeaders();
    let goesOn = await this.#goesOnAfter(this.#connected.opened);
    for (let piece = 0; goesOn && piece < pieces; piece += 1) {
      if (!(await this.#goesOnAfter(before(piece)))) return;
      const part = body.subarray(Math.floor((body.length * piece) / pieces), Math.floor((body.length * (piece + 1)) / pieces));
      if (part.length > 0) goesOn = await this.#goesOnAfter(this.#writePart(part));
    }
  }

  /** Resolves once the part was handed to the system, and never if it could not be: then the exchange ends. */
  #writePart(part: Buffer): Promise<void> {
    this.#sent.push(part);
    return new Promise((resolve) => this.#request.write(part, (fault) => (fault ? undefined : resolve())));
  }

  /** Waits for a step; resolves with false, and at once, when the exchange has ended. */
  async #goesOnAfter(step: Promise<void>): Promise<boolean> {
    await Promise.race([step, this.#settled.opened]);
    return !this.#settled.isOpen();
  }

  #receive(chunk: Buffer): void {
    this.#receivedBytes += chunk.byteLength;
    this.#received.push(chunk);
    if (this.#receivedBytes > MOST_BYTES)
      this.#break('closed', `the answer is longer than ${MOST_BYTES} bytes, and was not read to its end`);
  }

  #read(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', (fault) => this.#break('closed', wordsFor(fault)));
    response.on('end', () => {
      const body = Buffer.concat(chunks);
      const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
      this.#settle({
        ...this.#trace(),
        kind: 'answered',
        status: response.statusCode ?? 0,
        interim: this.#interim,
        headers,
        body: body.toString('utf8'),
        bodyBytes: body.length,
      });
      // It may have answered before the request was whole; the rest is of no interest then.
      if (!this.#request.writableFinished) this.#parts.connection.close();
    });
  }

  #break(how: Broken['how'], because: string): void {
    this.#settle({ ...this.#trace(), kind: 'broken', how, because });
    this.#request.destroy();
  }

  #trace(): Pick<Exchange, 'sent' | 'received' | 'elapsedMs' | 'isFirstUse'> {
    const { clock, secrets } = this.#parts;
    return {
      sent: this.#connected.isOpen() ? printable(Buffer.concat(this.#sent), secrets) : '',
      received: printable(Buffer.concat(this.#received), secrets),
      elapsedMs: clock.nowMs() - this.#startedAtMs,
      isFirstUse: this.#isFirstUse,
    };
  }

  #settle(exchange: Exchange): void {
    if (this.#settled.isOpen()) return;
    this.#settled.open();
    this.#cancelTimeout();
    this.#socket?.off('data', this.#tap);
    this.#resolve(exchange);
  }
}

function headersOf(base: URL, { headers, body }: Call): readonly Header[] {
  const length: readonly Header[] = body === null ? [] : [['content-length', String(Buffer.byteLength(body))]];
  return [['host', base.host], ['connection', 'keep-alive'], ['accept', 'application/json'], ...headers, ...length];
}

/** The system's code where there is one: messages carry addresses. */
function wordsFor(fault: Error): string {
  const code = 'code' in fault ? String(fault.code) : fault.message;
  return code === 'ECONNREFUSED' ? 'the connection was refused (ECONNREFUSED)' : `the connection ended without a whole answer (${code})`;
}
