import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { asciiJson } from './ascii-json.ts';
import type { HttpExchange } from './exchanges.ts';
import { UNMATCHED } from './exchanges.ts';
import type { Problem } from './problems.ts';
import { PROBLEM_CONTENT_TYPE, problemDocument, STATUS_OF } from './problems.ts';

/** The caller went away, in the middle of a request perhaps. */
const LEFT: ReadonlySet<string> = new Set(['ECONNRESET', 'HPE_INVALID_EOF_STATE']);

/**
 * Answers what is not even HTTP, too slow or too long in its headers, in the same form as every other refusal.
 *
 * @returns the exchange, for those who listen; null if nobody was left to answer.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): HttpExchange | null {
  if (LEFT.has(error.code ?? '') || socket.destroyed || !socket.writable) {
    socket.destroy();
    return null;
  }
  const problem = problemOf(error.code);
  const status = STATUS_OF[problem.code];
  const body = asciiJson(problemDocument(problem));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
  return { route: UNMATCHED, method: 'other', code: status, durationMs: 0, requestId: randomUUID(), problem };
}

function problemOf(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { code: 'too_slow', detail: 'the request took too long to arrive', field: null };
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'headers_too_large', detail: 'shorten the URL or the headers', field: null };
  return { code: 'invalid_url', detail: 'this is not an HTTP/1.1 request', field: null };
}
