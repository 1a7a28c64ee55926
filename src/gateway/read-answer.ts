import { isUtf8 } from 'node:buffer';
import { isObject, own, repeatedKeys } from '../json/json-object.ts';
import type { AdapterHealth, SendOutcome } from '../probe/adapter.ts';
import type { TransportReason } from '../probe/reasons.ts';
import type { HttpAnswer } from './exchange.ts';
import { decodeReply } from './psdk-json.ts';

/**
 * With these a gateway, or a proxy before it, refuses a message instead of sending it. Any other status may come after the message was
 * sent: 5xx and redirects; 408 and 499 too, which proxies use for an answer that came too late, and 406, 409, 410 and 412 of some gateway.
 */
const REJECTIONS: ReadonlySet<number> = new Set([
  ...[400, 401, 402, 403, 404, 405, 407, 411, 413, 414, 415, 417],
  ...[421, 422, 426, 428, 429, 431, 451],
]);

/** User data may be nested 16 levels deep, and be echoed a few levels down. */
const MOST_LEVELS = 64;

/**
 * What the answer to a message means. Never throws.
 *
 * @param wallNowMs milliseconds since 1970, for a `Retry-After` that is a date.
 */
export function readAnswer(answer: HttpAnswer, wallNowMs: number): SendOutcome {
  const { status, headers } = answer;
  if (status !== 200) {
    const retryAfter = mayAskToWait(status) ? retryAfterMs(headers['retry-after'], wallNowMs) : null;
    return { ...failure(reasonOfStatus(status), `HTTP ${status}`), rejected: REJECTIONS.has(status), retryAfterMs: retryAfter };
  }
  const body = jsonBody(answer);
  if (!body.ok) return failure('protocol_error', body.detail);
  const repeated = repeatedKeys(body.text, MOST_LEVELS);
  if (repeated === null) return failure('protocol_error', 'TOO_DEEP');
  const reply = decodeReply(body.value, repeated);
  return typeof reply === 'string' ? failure('protocol_error', reply) : { kind: 'reply', reply };
}

/** What the answer of `{base}/health` means; whatever is not one of the two answers tells nothing. */
export function readHealth(answer: HttpAnswer): AdapterHealth {
  if (answer.status === 503) return 'disconnected';
  if (answer.status !== 200) return 'unknown';
  const body = jsonBody(answer);
  return body.ok && isObject(body.value) && own(body.value, 'interactionServer') === 'connected' ? 'connected' : 'unknown';
}

function reasonOfStatus(status: number): TransportReason {
  if (status === 401 || status === 403) return 'gateway_auth';
  if (status === 429) return 'gateway_busy';
  if (status >= 400 && status < 500) return 'gateway_misrouted';
  if (status >= 500 && status < 600) return 'gateway_error';
  // 2xx without a message, and redirects: following one could carry the token to a stranger.
  return 'protocol_error';
}

function mayAskToWait(status: number): boolean {
  return status === 429 || status === 503;
}

/** An answer proves that the message was written. */
function failure(reason: TransportReason, detail: string) {
  return { kind: 'failure', reason, written: true, rejected: false, retryAfterMs: null, detail } as const;
}

const BYTE_ORDER_MARK = '\uFEFF';

/** What a body came to: its text and the value parsed from it, or a code for what is wrong with it. */
export type JsonBody =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly detail: string };

/** Reads a body that must be plain JSON in UTF-8 and say so. Never throws. */
export function jsonBody(answer: HttpAnswer): JsonBody {
  if (!isJsonType(answer.headers['content-type'])) return { ok: false, detail: 'CONTENT_TYPE' };
  if (!isIdentity(answer.headers['content-encoding'])) return { ok: false, detail: 'CONTENT_ENCODING' };
  const text = utf8(answer.body);
  if (text === null) return { ok: false, detail: 'NOT_UTF8' };
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch {
    return { ok: false, detail: 'NOT_JSON' };
  }
}

function isJsonType(header: unknown): boolean {
  if (header === 'application/json') return true;
  if (typeof header !== 'string') return false;
  const [type, ...parameters] = header.toLowerCase().split(';');
  const charsets = parameters.map((parameter) => parameter.trim()).filter((parameter) => parameter.startsWith('charset='));
  return type?.trim() === 'application/json' && charsets.every((charset) => /^charset=("utf-8"|utf-8)$/.test(charset));
}

/** We ask for no compression, so a compressed body is somebody else's. */
function isIdentity(header: unknown): boolean {
  return header === undefined || (typeof header === 'string' && header.trim().toLowerCase() === 'identity');
}

function utf8(body: Uint8Array): string | null {
  if (!isUtf8(body)) return null;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Longest stay-away that is believed: a chat that waits an hour is lost anyway. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const SECONDS = /^\d+$/;
/** The one form of date that HTTP lets a sender write (RFC 9110, section 5.6.7). */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds to stay away, from a `Retry-After` header (RFC 9110, section 10.2.3): 0 to `MAX_RETRY_AFTER_MS`, null if there
 * is none that makes sense.
 *
 * @param wallNowMs milliseconds since 1970, to read dates by.
 */
export function retryAfterMs(header: unknown, wallNowMs: number): number | null {
  if (typeof header !== 'string') return null;
  const text = header.trim();
  if (SECONDS.test(text)) return Math.min(Number(text) * 1_000, MAX_RETRY_AFTER_MS);
  if (!HTTP_DATE.test(text)) return null;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.min(Math.max(0, dateMs - wallNowMs), MAX_RETRY_AFTER_MS);
}
