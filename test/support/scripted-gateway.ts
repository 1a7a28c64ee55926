import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Certificate } from './self-signed-certificate.ts';

/** One whole request as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 1 for the first connection. */
  readonly connection: number;
}

/** What the far end does with a request: write anything, or nothing, to the socket. */
export type Script = (socket: Socket, request: SeenRequest) => void;

export interface ScriptedGateway {
  /** Base URL without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Every request that came whole, in order. */
  readonly requests: readonly SeenRequest[];
  /** Connections that were ready for a request, TLS included. */
  connections(): number;
  /** TCP connections. */
  sockets(): number;
  follow(script: Script): void;
  close(): Promise<void>;
}

export interface ScriptedGatewayOptions {
  readonly tls?: Certificate & TlsOptions;
  /** PEM of the authority whose certificates clients must show. */
  readonly clientCa?: string;
  /** Milliseconds that a client waits for its TLS handshake. */
  readonly handshakeDelayMs?: number;
  /** Sees each TCP connection before anything else does. */
  readonly onConnection?: (socket: Socket) => void;
  /** True for one that lives for long: `requests` stays empty. */
  readonly forgetful?: boolean;
}

/** A far end without manners of its own: it reads requests from raw sockets and does what the script says. Port 0, loopback. */
export async function startScriptedGateway(script: Script, options: ScriptedGatewayOptions = {}): Promise<ScriptedGateway> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const handshakes = new Set<NodeJS.Timeout>();
  let current = script;
  let connections = 0;
  let accepted = 0;
  const serve = (socket: Socket): void => {
    connections += 1;
    const connection = connections;
    readRequests(socket, connection, (request) => {
      if (options.forgetful !== true) requests.push(request);
      current(socket, request);
    });
  };
  const tlsServer = options.tls === undefined ? null : createTlsServer({ ...options.tls, ...askingFor(options.clientCa) }, serve);
  tlsServer?.on('tlsClientError', () => undefined);
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    options.onConnection?.(socket);
    if (tlsServer === null) serve(socket);
    else handshakes.add(setTimeout(() => tlsServer.emit('connection', socket), options.handshakeDelayMs ?? 0));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tlsServer === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    sockets: () => accepted,
    follow(next) {
      current = next;
    },
    async close() {
      for (const handshake of handshakes) clearTimeout(handshake);
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Nobody listens there: one that was free a moment ago may be another test's by now. */
export const CLOSED_PORT = 1;

/** Never answers. */
export const silent: Script = () => undefined;

/** Writes these words, whatever they are, and leaves the connection open. */
export function say(words: string | Buffer): Script {
  return (socket) => void socket.write(words);
}

/** Answers with this status, headers (a `content-length` is added) and body. */
export function answer(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): Script {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return (socket) =>
    void socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`), Buffer.from(body)]));
}

/** Answers 200 with a value as the contract's JSON. */
export function answerJson(value: unknown): Script {
  return answer(200, { 'content-type': 'application/json' }, JSON.stringify(value));
}

/** Answers each message as delivered, with its own reference id. */
export const deliver: Script = (socket, request) => {
  const { referenceId } = JSON.parse(request.body) as { referenceId: number };
  answerJson({ messageName: 'Event3rdServerResponse', referenceId })(socket, request);
};

function readRequests(socket: Socket, connection: number, onRequest: (request: SeenRequest) => void): void {
  let pending = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      const [start = '', ...lines] = pending.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
      );
      const length = Number(headers['content-length'] ?? 0);
      if (pending.length < end + 4 + length) return;
      const [method = '', path = ''] = start.split(' ');
      const body = Buffer.from(pending.slice(end + 4, end + 4 + length), 'latin1').toString('utf8');
      pending = pending.slice(end + 4 + length);
      onRequest({ method, path, headers, body, connection });
    }
  });
}

function askingFor(clientCa: string | undefined) {
  return clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
}
