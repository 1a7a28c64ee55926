import { isObject } from '../../src/json/json-object.ts';
import { espAnswerIn, inWords, written } from './esp-answer.ts';
import type { EspMessage } from './esp-message.ts';
import type { Answered, Exchange } from './exchange.ts';
import { readingProblem } from './one-reading.ts';

/** The service reads no more of an answer. */
const MOST_REPLY_BYTES = 64 * 1024;

/**
 * What is wrong with the form of the reply to a message, whatever it says; null if nothing is. Only an answer with status
 * 200 has that form, so of any other it tells nothing.
 *
 * @param idKeys user-data keys that carry the id.
 */
export function formProblem(exchange: Exchange, message: EspMessage, idKeys: readonly string[]): string | null {
  return (
    interimProblem(exchange) ??
    encodingProblem(exchange) ??
    typeProblem(exchange) ??
    sizeProblem(exchange) ??
    referenceIdProblem(exchange, message) ??
    userDataProblem(exchange, message, idKeys) ??
    readingProblem(exchange, message, idKeys)
  );
}

export function interimProblem(exchange: Exchange): string | null {
  const [first] = replyIn(exchange)?.interim ?? [];
  return first === undefined ? null : `an HTTP ${first} came before the answer`;
}

export function typeProblem(exchange: Exchange): string | null {
  const type = replyIn(exchange)?.headers['content-type'] ?? '';
  const isJson = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type);
  return replyIn(exchange) === null || isJson ? null : `the content-type is ${JSON.stringify(type)}`;
}

export function encodingProblem(exchange: Exchange): string | null {
  const encoding = replyIn(exchange)?.headers['content-encoding'] ?? 'identity';
  return encoding.toLowerCase() === 'identity' ? null : `the content-encoding is ${JSON.stringify(encoding)}; none was asked for`;
}

export function sizeProblem(exchange: Exchange): string | null {
  const { bodyBytes = 0 } = replyIn(exchange) ?? {};
  return bodyBytes <= MOST_REPLY_BYTES ? null : `the reply has ${bodyBytes} bytes`;
}

/** An id that is left out is as bad as a wrong one: it is all that tells one reply from another. */
export function referenceIdProblem(exchange: Exchange, { referenceId }: Pick<EspMessage, 'referenceId'>): string | null {
  if (replyIn(exchange) === null) return null;
  const answer = espAnswerIn(exchange);
  if (answer?.referenceId === referenceId) return null;
  const instead = answer?.messageName === undefined ? inWords(exchange) : written(answer.referenceId);
  return `expected referenceId ${referenceId}, got ${instead}`;
}

/** A reply may leave user data out, and the ids in it, but not carry others. */
export function userDataProblem(exchange: Exchange, message: EspMessage, idKeys: readonly string[]): string | null {
  const { userData = null } = espAnswerIn(exchange) ?? {};
  if (userData === null) return null;
  if (!isObject(userData)) return `userData is ${written(userData)}, which is no object`;
  const ours = new Map(idKeys.map((key) => [key.toLowerCase(), message.userData[key]]));
  const other = Object.keys(userData).find((key) => ours.has(key.toLowerCase()) && userData[key] !== ours.get(key.toLowerCase()));
  return other === undefined ? null : `userData.${other} is ${written(userData[other])}, not the id that was sent`;
}

function replyIn(exchange: Exchange): Answered | null {
  return exchange.kind === 'answered' && exchange.status === 200 ? exchange : null;
}
