import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { isObject, type JsonObject, type RepeatedKey, repeatedKeys } from '../json/json-object.ts';
import { characterSet, decoderFor, UTF_8 } from './character-sets.ts';
import { escapedInUtf8, MAX_FIELDS, moreThanMost, parseForm, TOO_MANY_FIELDS, whyNoForm } from './form.ts';
import { BodyRefused, type Checked, passed, type Refusal, refused, sendProblem } from './problems.ts';
import { hasLength, headerLines, isBefore11, saysItsType, UNANNOUNCED } from './request-head.ts';

/** What a body says. */
export interface Body {
  readonly fields: object;
  /** True for a form, which knows of no values but text. */
  readonly isFlat: boolean;
  /** Keys of JSON that came twice in one object: only the last value of each is left. */
  readonly repeated: readonly RepeatedKey[];
}

const WORDS_FOR_NOTHING = new Set(['', 'undefined', 'null']);
const LONGEST_WORD_FOR_NOTHING = 'undefined'.length;

/** False for what workflows send when a variable is not set: nothing, an empty string, or the words `undefined` and `null`. */
export function isGiven(value: unknown): boolean {
  if (typeof value === 'string') return value.length > LONGEST_WORD_FOR_NOTHING || !WORDS_FOR_NOTHING.has(value.toLowerCase());
  return value !== undefined && value !== null;
}

/**
 * Reads bodies by what they are; an empty one is null, whatever its content type says. Fastify goes by the content type, in whose name
 * many clients send something else, refuses those that it cannot make out, and takes every body for UTF-8: so it is not shown it.
 */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, reply, done) => {
    // Not deleted: an object that has lost a key is slower to read from then on.
    if (request.headers['content-type'] !== undefined) request.headers['content-type'] = undefined;
    if (hasLength(request.raw)) return done();
    if (isBefore11(request.raw) && saysItsType(request.raw)) return void sendProblem(reply, UNANNOUNCED);
    // A body that nothing announces shows as a request that cannot be read. If it is here already, nothing is to be sent for this one.
    setImmediate(() => {
      if (request.raw.socket.writable !== false) done();
    });
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = readBody(request.raw, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    if (body.ok) done(null, body.value);
    else done(new BodyRefused(body.problem), undefined);
  });
}

/** For a workflow's author. */
const WHAT_TO_SEND = 'Send a JSON object under application/json, name=value&name=value under application/x-www-form-urlencoded, or no body';

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
  if (against === null) {
    const tooMany = moreThanMost(text, 'body');
    return (
      tooMany ??
      passed({ fields: parseForm(decoder.isUnicode ? text : escapedInUtf8(trimmed(bytes), decoder)), isFlat: true, repeated: [] })
    );
  }
  const code = label.value.claims === 'nothing' ? 'unsupported_media_type' : 'invalid_body';
  return refused(code, 'body', `neither a JSON object nor a form: ${against}. ${WHAT_TO_SEND}`);
}

/** Without white space around it, in a character set that has ASCII in it. */
function trimmed(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte > 0x20);
  return bytes.subarray(start, bytes.findLastIndex((byte) => byte > 0x20) + 1);
}

/** What a content type says of a body. It is a hint: many clients label JSON as a form, so what the body is decides. */
interface BodyLabel {
  /** Whether a body that is neither JSON nor a form is at odds with it. */
  readonly claims: 'json or form' | 'nothing';
  readonly characterSet: string;
}

const JSON_TYPE = /^(?:application|text)\/(?:x-)?(?:json|javascript)$|\/[^/]+\+json$/;
const FORM_TYPE = /(?:^|\/)(?:x-)?(?:www-)?form(?:-urlencoded)?$/;
/** Types that would fit anything. So does what is no type at all, which is what a word without a slash is. */
const ANY_TYPE = new Set(['text/plain', 'application/octet-stream', 'binary/octet-stream', '*/*', 'text/*', 'application/*']);

/** Splits at commas or semicolons, but not within quotes. */
const MEMBERS = /(?:"[^"]*"?|[^",])+/g;
const PARTS = /(?:"[^"]*"?|[^";])+/g;
/** More than any client writes. */
const MOST_WORDS = 64;
/** What most clients say. To take it apart would cost them as much as all the rest of reading a body. */
const PLAIN_JSON = 'application/json';
const SAYS_JSON = passed<BodyLabel>({ claims: 'json or form', characterSet: UTF_8 });

const PARAMETER = /^[\w-]+\s*=/;
const CHARSET = /^charset\s*=/;

/**
 * Reads the content type of a request, on however many lines it came and however it is written. The same said twice is said once;
 * where it contradicts itself, nobody can know what was sent.
 *
 * @param lines as they came.
 */
export function readLabel(lines: readonly string[]): Checked<BodyLabel> {
  if (lines.length === 1 && lines[0] === PLAIN_JSON) return SAYS_JSON;
  const members = lines.flatMap((line) => line.toLowerCase().match(MEMBERS) ?? []).map(wordsOf);
  // Each could be a character set, and to find that out takes time.
  if (members.flat().length > MOST_WORDS) return refused('invalid_body', 'content-type', `more than ${MOST_WORDS} words in a content type`);
  const types = new Set(members.flatMap(([first = '']) => (PARAMETER.test(first) || !isGiven(first) ? [] : [first])));
  const sets = new Set(members.flatMap((words) => words.flatMap(characterSetIn)));
  if (types.size > 1) return refused('invalid_body', 'content-type', 'the content type is given more than once, with different values');
  if (sets.size > 1) return refused('invalid_body', 'content-type', 'the character set is given more than once, with different values');
  const [type = ''] = types;
  const [named = characterSet('')] = sets;
  if (named === null) return refused('unsupported_media_type', 'body', 'this character set is not known here: send UTF-8');
  if (JSON_TYPE.test(type) || FORM_TYPE.test(type)) return passed({ claims: 'json or form', characterSet: named });
  if (ANY_TYPE.has(type) || !type.includes('/')) return passed({ claims: 'nothing', characterSet: named });
  return refused('unsupported_media_type', 'body', `bodies of this type are not read. ${WHAT_TO_SEND}`);
}

/** Type and parameters of one label, between semicolons or, where one was forgotten, mere spaces. Quotes mean nothing in either. */
function wordsOf(label: string): readonly string[] {
  const [type = '', ...parameters] = (label.match(PARTS) ?? []).map((part) => part.replace(/["']/g, '').trim());
  return [...type.split(/\s+/), ...parameters];
}

/** None, or one: null if nobody knows it. A mere name counts too, as in `application/json; utf-8`. */
function characterSetIn(word: string, at: number): readonly (string | null)[] {
  if (CHARSET.test(word)) return [characterSet(word.slice(word.indexOf('=') + 1).trim())];
  const mere = at === 0 || word === '' ? null : characterSet(word);
  return mere === null ? [] : [mere];
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

/** User data may have a quarter of these. */
export const MAX_LEVELS = 64;

/** `__proto__` becomes a plain key here, harmless until somebody assigns it; user data refuses it. */
function readJson(text: string): Checked<Body> {
  try {
    const fields: unknown = JSON.parse(text);
    if (isObject(fields)) {
      const repeated = repeatedKeys(text, MAX_LEVELS, MAX_FIELDS);
      return repeated === null ? tooMuch(fields) : passed({ fields, isFlat: false, repeated });
    }
  } catch {
    // As below: there is nothing to add to it.
  }
  return refused('invalid_body', 'body', 'begins as JSON does, with {, and is none: let a JSON library write it');
}

/** @param fields of more than may be sent, in number or in depth. */
function tooMuch(fields: JsonObject): Refusal {
  const deep = Object.keys(fields).find((name) => isDeep(fields[name]));
  if (deep === undefined) return refused('too_large', 'body', TOO_MANY_FIELDS);
  return refused('invalid_field', deep.slice(0, 64), `nested deeper than ${MAX_LEVELS} levels`);
}

/** Whether it does not fit into a body that may have so many levels. Takes nothing of the call stack. */
function isDeep(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; depth < MAX_LEVELS && level.length > 0; depth += 1)
    level = level.flatMap((one): unknown[] => Object.values(one)).filter(isContainer);
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
