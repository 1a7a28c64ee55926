import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { asciiJson } from './ascii-json.ts';
import type { HttpExchange } from './exchanges.ts';
import { UNMATCHED } from './exchanges.ts';
import { maySkipLength, UNANNOUNCED } from './message-head.ts';
import { type ClientError, problemOf } from './parse-errors.ts';
import type { Problem } from './problems.ts';
import { PROBLEM_CONTENT_TYPE, problemDocument, STATUS_OF } from './problems.ts';

/** Nobody is there any more. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
/** The caller closed the connection, or his half of it, in the middle of a request. */
const LEFT = 'HPE_INVALID_EOF_STATE';
/** So long what a refused caller still sends is read and thrown away: closed before, the connection would be reset, and the refusal with it. */
const LAST_WORDS_MS = 1_000;

const NO_TUNNEL: Problem = {
  code: 'method_not_allowed',
  detail: 'this is no proxy, and opens no tunnel: send the request itself',
  field: null,
};

type Latest = ServerResponse & { readonly req: IncomingMessage };

/** Answers what is not even HTTP, too slow or too long in its headers, in the same form as every other refusal. */
export interface ClientErrors {
  readonly answer: (error: ClientError, socket: Socket) => void;
  /** Must hear of every request, to know whose answer is still to come. */
  watch(app: FastifyInstance): void;
}

/** @param tell hears of each that was answered. */
export function createClientErrors(tell: (exchange: HttpExchange) => void): ClientErrors {
  const latest = new WeakMap<Socket, Latest>();
  const refuse = (socket: Socket, problem: Problem, method = 'other'): void => {
    if (!socket.writable) return;
    socket.end(messageOf(problem));
    const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
    socket.once('close', () => clearTimeout(timer)).resume();
    tell({ route: UNMATCHED, method, code: STATUS_OF[problem.code], durationMs: 0, requestId: randomUUID(), problem });
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
      else if (code === LEFT) socket.destroy();
      else if (isOpen && !isWhole && before.socket === null) before.once('socket', () => refuse(socket, problemOf(error)));
      else refuse(socket, isOpen && isWhole ? UNANNOUNCED : problemOf(error));
    },
  };
}

function messageOf(problem: Problem): string {
  const status = STATUS_OF[problem.code];
  const body = asciiJson(problemDocument(problem));
  const allow = problem === NO_TUNNEL ? 'allow: GET, HEAD, POST\r\n' : '';
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${allow}content-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
