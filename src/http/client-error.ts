import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { HttpExchange } from './exchanges.ts';
import { UNMATCHED } from './exchanges.ts';
import type { Problem } from './problems.ts';
import { asciiJson, PROBLEM_CONTENT_TYPE, PROBLEMS, problemDocument, sendProblem } from './problems.ts';
import { maySkipLength, UNANNOUNCED } from './request-head.ts';

/** Nobody is there any more. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
/** The caller closed the connection, or his half of it, in the middle of a request. */
const LEFT = 'HPE_INVALID_EOF_STATE';
/** So long what a refused caller still sends is read and thrown away: closed before, the connection would be reset, and the refusal with it. */
const LAST_WORDS_MS = 1_000;

const SPOKEN_HERE = 'HTTP/1.1 is spoken here, and HTTP/1.0; HTTP/2 is not';

const NO_TUNNEL: Problem = {
  code: 'method_not_allowed',
  detail: 'this is no proxy, and opens no tunnel: send the request itself',
  field: null,
};

/** What Node.js says of bytes that it cannot read, with those that came last. */
interface ClientError extends Error {
  readonly code?: string;
  /** In the words of its parser. */
  readonly reason?: string;
  readonly rawPacket?: unknown;
}

type Latest = ServerResponse & { readonly req: IncomingMessage };

/** Answers what is not even HTTP, too slow or too long in its headers, in the same form as every other refusal. */
export interface ClientErrors {
  readonly answer: (error: ClientError, socket: Socket) => void;
  /** Must hear of every request, to know whose answer is still to come. */
  watch(app: FastifyInstance): void;
  /** Whether nothing has come on this connection after the request that this answers. */
  isLast(socket: Socket, response: ServerResponse): boolean;
}

/** @param tell hears of each that was answered. */
export function createClientErrors(tell: (exchange: HttpExchange) => void): ClientErrors {
  const latest = new WeakMap<Socket, Latest>();
  const refuse = (socket: Socket, problem: Problem, method = 'other'): void => {
    if (endWith(socket, problem))
      tell({
        route: UNMATCHED,
        method,
        code: PROBLEMS[problem.code].status,
        durationMs: 0,
        requestId: randomUUID(),
        caller: null,
        problem,
      });
  };
  return {
    watch(app) {
      app.server.on('request', (request: IncomingMessage, response: Latest) => latest.set(request.socket, response));
      // Node.js has no answer to it, and would close the connection in the middle of an answer before it.
      app.server.on('connect', ({ method }: IncomingMessage, stream: Duplex) => {
        if (!(stream instanceof Socket)) return void stream.destroy();
        const before = latest.get(stream);
        stream.on('error', () => stream.destroy());
        if (before === undefined || before.writableFinished) refuse(stream, NO_TUNNEL, method);
        else before.once('close', () => refuse(stream, NO_TUNNEL, method));
      });
      app.addHook('onResponse', ({ raw: { socket } }, { raw: response }, done) => {
        // Connections stay open for long; what was answered on them need not.
        if (latest.get(socket) === response) latest.delete(socket);
        done();
      });
    },
    isLast(socket, response) {
      const newest = latest.get(socket);
      return newest === undefined || newest === response;
    },
    answer(error, socket) {
      const code = error.code ?? '';
      if (GONE.has(code) || socket.destroyed) return void socket.destroy();
      if (!socket.writable) return;
      const before = latest.get(socket);
      const isOpen = before !== undefined && !before.writableFinished;
      const isWhole = before?.req.complete === true;
      if (isOpen && isWhole && !maySkipLength(before.req)) {
        // What follows a whole request must not cost it its verdict. After that nobody could tell where the next one begins.
        before.shouldKeepAlive = false;
      } else if (before?.writableEnded === true && !before.shouldKeepAlive) return;
      else if (code === LEFT && !isOpen) socket.destroy();
      else {
        const problem = isOpen && isWhole ? UNANNOUNCED : problemOf(error);
        // He may have closed his half alone. Nobody else is told: most who leave in the middle hang up.
        const tellHim = () => (code === LEFT ? endWith : refuse)(socket, problem);
        if (isOpen && !isWhole && before.socket === null) before.once('socket', tellHim);
        else tellHim();
      }
    },
  };
}

/** @returns false if nothing can be written any more. */
function endWith(socket: Socket, problem: Problem): boolean {
  if (!socket.writable) return false;
  socket.end(messageOf(problem));
  const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
  socket.once('close', () => clearTimeout(timer)).resume();
  return true;
}

/** Node.js reads `HTTP/2.0` in plain text as if it were HTTP/1.1. */
export function refuseOtherVersions(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.raw.httpVersionMajor <= 1) return done();
    sendProblem(reply.header('connection', 'close'), { code: 'unsupported_version', detail: SPOKEN_HERE, field: null });
  });
}

function messageOf(problem: Problem): string {
  const status = PROBLEMS[problem.code].status;
  const body = asciiJson(problemDocument(problem));
  const allow = problem === NO_TUNNEL ? 'allow: GET, HEAD, POST\r\n' : '';
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${allow}content-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}

const FIRST_LINE = /^[^\n]*/;
const VERSION = / HTTP\/(\d[\d.]*)\r?$/;
const TLS_HANDSHAKE = 0x16;
const CUT_SHORT = 'the connection ended before the body did: Content-Length counts more bytes than were sent, or the last chunk is missing';

/** What was wrong with a request that cannot be read, for whoever has to mend the client. */
function problemOf(error: ClientError): Problem {
  const { code = '' } = error;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { code: 'too_slow', detail: 'the request took too long to arrive', field: null };
  if (code === LEFT) return { code: 'invalid_body', detail: CUT_SHORT, field: 'body' };
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'headers_too_large', detail: 'shorten the URL or the headers', field: null };
  const packet = error.rawPacket instanceof Uint8Array ? Buffer.from(error.rawPacket) : Buffer.alloc(0);
  const head = headIn(packet);
  const version = VERSION.exec(FIRST_LINE.exec(head)?.[0] ?? '')?.[1];
  if (version !== undefined && !/^(?:0\.9|1\.[01])$/.test(version))
    return { code: 'unsupported_version', detail: SPOKEN_HERE, field: null };
  const inWords = packet[0] === TLS_HANDSHAKE ? 'TLS is not spoken here: send plain HTTP' : causeIn(head, code);
  const reason = error.reason === undefined ? '' : ` (${error.reason})`;
  return { code: 'invalid_url', detail: `${inWords ?? 'this is not an HTTP/1.1 request'}${reason}`, field: fieldOf(code) };
}

/** Of a request whose head came in several packets, what came last. */
function headIn(packet: Buffer): string {
  const text = packet.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return end === -1 ? text : text.slice(0, end);
}

/** By what stands there first: the codes of the parser differ between versions of Node.js. */
function causeIn(head: string, code: string): string | null {
  if (/(?:^|[^\r])\n/.test(head)) return 'a line of the head ends with a mere line feed: end it with carriage return and line feed';
  if (/\r(?!\n|$)/.test(head)) return 'a mere carriage return stands in the head: end lines with carriage return and line feed';
  if (/\n[ \t]/.test(head)) return 'a header goes on in a second line: write it in one';
  if ((head.match(/^content-length[ \t]*:/gim) ?? []).length > 1) return 'Content-Length is given twice';
  if (code === 'HPE_UNEXPECTED_CONTENT_LENGTH' || code === 'HPE_INVALID_CONTENT_LENGTH' || code === 'HPE_INVALID_TRANSFER_ENCODING')
    return 'the length of the body is not clear: send one Content-Length, in digits, or Transfer-Encoding: chunked alone';
  if (/CHUNK/.test(code) || code === 'HPE_STRICT') return 'the chunks of the body cannot be read';
  const line = FIRST_LINE.exec(head)?.[0] ?? '';
  if (/[\u0080-\u00ff]/.test(line)) return 'the URL has characters beyond ASCII: percent-encode them';
  if (/^[A-Z]+ \S+ .* HTTP\//.test(line)) return 'the URL has a space in it: write %20';
  if (/^[A-Z]+ [^/ *]\S* HTTP\//.test(line)) return 'the path must begin with a slash';
  if (/^[a-z]+ /.test(line)) return 'the method is written in capitals: POST';
  if (code === 'HPE_INVALID_HEADER_TOKEN') return 'a header is not a name, a colon and a value';
  return null;
}

function fieldOf(code: string): string | null {
  if (/CONTENT_LENGTH/.test(code)) return 'content-length';
  return /TRANSFER_ENCODING/.test(code) ? 'transfer-encoding' : null;
}
