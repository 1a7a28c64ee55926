import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { readLabel, WHAT_TO_SEND } from './body-label.ts';
import { decoderFor } from './character-sets.ts';
import { escapedInUtf8, parseForm, whyNoForm } from './form.ts';
import { parseBody } from './json-repeats.ts';
import { hasLength, headerLines, isBefore11, saysItsType, UNANNOUNCED } from './message-head.ts';
import type { Checked, Problem } from './problems.ts';
import { passed, refused, sendProblem } from './problems.ts';
import { type Body, isGiven } from './request-fields.ts';

/** Largest body: room for user data at its limit, escaped, and whatever else a workflow sends along. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A body that is refused, on its way through Fastify. */
export class BodyRefused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/**
 * Reads bodies by what they are; an empty one is null, whatever its content type says. Fastify goes by the content type, in whose name
 * many clients send something else, refuses those that it cannot make out, and takes every body for UTF-8: so it is not shown it.
 */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, reply, done) => {
    delete request.headers['content-type'];
    if (hasLength(request.raw)) return done();
    if (isBefore11(request.raw) && saysItsType(request.raw)) return void sendProblem(reply, UNANNOUNCED);
    // A body that nothing announces shows as a request that cannot be read. If it is here already, nothing is to be sent for this one.
    setImmediate(() => {
      if (request.raw.socket.writable !== false) done();
    });
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = readBody(request.raw, Buffer.from(bytes));
    if (body.ok) done(null, body.value);
    else done(new BodyRefused(body.problem), undefined);
  });
}

function readBody(request: IncomingMessage, bytes: Buffer): Checked<Body | null> {
  if (bytes.length === 0) return passed(null);
  const encoding = headerLines(request, 'content-encoding').join().trim().toLowerCase();
  if (isGiven(encoding) && encoding !== 'identity')
    return refused('unsupported_media_type', 'body', 'compressed bodies are not read: send it as it is');
  const label = readLabel(headerLines(request, 'content-type'));
  if (!label.ok) return label;
  const decoder = decoderFor(bytes, label.value.characterSet);
  const text = decoder.decode(bytes).trim();
  if (!isGiven(text)) return passed(null);
  if (text.startsWith('{')) return readJson(text);
  if (isEncodedTwice(text)) return refused('invalid_body', 'body', ENCODED_TWICE);
  const against = whyNoForm(text);
  if (against === null)
    return passed({ fields: parseForm(decoder.isUnicode ? text : escapedInUtf8(trimmed(bytes), decoder)), isFlat: true });
  const code = label.value.claims === 'nothing' ? 'unsupported_media_type' : 'invalid_body';
  return refused(code, 'body', `neither a JSON object nor a form: ${against}. ${WHAT_TO_SEND}`);
}

/** Without white space around it, in a character set that has ASCII in it. */
function trimmed(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte > 0x20);
  return bytes.subarray(start, bytes.findLastIndex((byte) => byte > 0x20) + 1);
}

const ENCODED_TWICE =
  'this is JSON encoded twice: a JSON string that holds the object as text. Send the object itself: an HTTP client that is given ' +
  'an object for JSON must not be given text that json.dumps or JSON.stringify has already written';

/** However often: text that is a JSON string, and holds JSON's object. */
function isEncodedTwice(text: string): boolean {
  let inner: unknown = text;
  while (typeof inner === 'string' && inner.trim().startsWith('"')) {
    try {
      inner = JSON.parse(inner);
    } catch {
      return false;
    }
  }
  return typeof inner === 'string' && inner !== text && inner.trim().startsWith('{');
}

/** `__proto__` becomes a plain key here, harmless until somebody assigns it; user data refuses it. */
function readJson(text: string): Checked<Body> {
  try {
    return passed({ fields: parseBody(text), isFlat: false });
  } catch {
    return refused('invalid_body', 'body', 'begins as JSON does, with {, and is none: let a JSON library write it');
  }
}
