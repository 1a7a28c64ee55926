import formbody from '@fastify/formbody';
import type { FastifyError, FastifyInstance } from 'fastify';

/** Largest body: room for user data at its limit, escaped, and whatever else a workflow sends along. */
export const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads JSON, forms and empty bodies; an empty body is null, with or without a content type. Fastify's own parsers
 * refuse an empty JSON body and read plain text.
 */
export async function registerBodyParsers(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, _reply, done) => {
    const { 'content-encoding': encoding = 'identity', 'content-length': length, 'transfer-encoding': chunked } = request.headers;
    // Nothing follows, so it does not matter what it is said to be: without a type Fastify does not look.
    if (chunked === undefined && (length === undefined || length === '0')) delete request.headers['content-type'];
    done(encoding.toLowerCase() === 'identity' ? undefined : clientError('compressed body', 415));
  });
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    const parsed = parseJson(String(text));
    if (parsed.ok) done(null, parsed.value);
    else done(clientError('invalid JSON', 400), undefined);
  });
  await app.register(formbody, { bodyLimit: MAX_BODY_BYTES });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => {
    if (text.length === 0) done(null, null);
    else done(clientError('unsupported media type', 415), undefined);
  });
}

/** `__proto__` becomes a plain key here, harmless until somebody assigns it; user data refuses it. */
function parseJson(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  // Trimming takes a byte order mark away too.
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(trimmed) };
  } catch {
    return { ok: false };
  }
}

function clientError(message: string, statusCode: number): FastifyError {
  return Object.assign(new Error(message), { statusCode, code: 'BODY_NOT_READ', name: 'BodyError' });
}
