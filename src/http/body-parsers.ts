import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { parseForm } from './form.ts';
import { parseBody } from './json-repeats.ts';

/** Largest body: room for user data at its limit, escaped, and whatever else a workflow sends along. */
export const MAX_BODY_BYTES = 64 * 1024;

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: FastifyError };

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;
const BYTE_ORDER_MARK = '\uFEFF';
const READABLE = /^application\/(json|x-www-form-urlencoded)\s*(;|$)/i;
/** Of whatever else there may be: only its length matters. */
const UNREADABLE = 'application/octet-stream';

/**
 * Reads JSON, forms and empty bodies; an empty body is null, whatever its content type says. Fastify's own parsers refuse an empty
 * JSON body, read plain text, and take every body for UTF-8.
 */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, _reply, done) => {
    const { 'content-length': length, 'content-type': type, 'transfer-encoding': chunked } = request.headers;
    // Nothing follows, so it does not matter what it is said to be: without a type Fastify does not look.
    if (chunked === undefined && (length === undefined || length === '0')) delete request.headers['content-type'];
    // Fastify gives up on a type that it cannot make out before it knows whether anything follows.
    else if (type !== undefined && !READABLE.test(type)) request.headers['content-type'] = UNREADABLE;
    done();
  });
  const parse = (contentType: string, read: (text: string) => Read): void => {
    app.addContentTypeParser(contentType, { parseAs: 'buffer' }, (request, bytes, done) => {
      const result = readBody(request, Buffer.from(bytes), read);
      if (result.ok) done(null, result.value);
      else done(result.error, undefined);
    });
  };
  parse('application/json', readJson);
  parse('application/x-www-form-urlencoded', (text) => ({ ok: true, value: parseForm(text) }));
  parse('*', () => refusal('unsupported media type', 415));
}

function readBody(request: FastifyRequest, bytes: Buffer, read: (text: string) => Read): Read {
  if (bytes.length === 0) return { ok: true, value: null };
  const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') return refusal('compressed body', 415);
  const text = textIn(bytes, CHARSET.exec(type)?.[1]);
  return text === null ? refusal('unknown character set', 415) : read(text);
}

/** Null if there is no such character set. Bytes that are none of its text become U+FFFD. */
function textIn(bytes: Buffer, charset = 'utf-8'): string | null {
  if (charset.toLowerCase() === 'utf-8') {
    const text = bytes.toString('utf8');
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return null;
  }
}

/** `__proto__` becomes a plain key here, harmless until somebody assigns it; user data refuses it. */
function readJson(text: string): Read {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: null };
  try {
    return { ok: true, value: parseBody(trimmed) };
  } catch {
    return refusal('invalid JSON', 400);
  }
}

function refusal(message: string, statusCode: number): Read {
  return { ok: false, error: Object.assign(new Error(message), { statusCode, code: 'BODY_NOT_READ', name: 'BodyError' }) };
}
