import { isObject, own, repeatedKeys } from '../json/json-object.ts';
import type { AdapterHealth, SendOutcome } from '../probe/adapter.ts';
import type { TransportReason } from '../probe/reasons.ts';
import type { HttpAnswer } from './exchange.ts';
import { jsonBody } from './json-body.ts';
import { decodeReply } from './psdk-reply.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * With these a gateway refuses a message instead of sending it. Any other status may come after the message was
 * sent: 5xx and redirects, and 408 too, which proxies use for an answer that came too late.
 */
const REJECTIONS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 415, 422, 429]);

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
