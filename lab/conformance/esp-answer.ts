import { isObject, type JsonObject, own } from '../../src/json/json-object.ts';
import { SERVICE } from '../../src/probe/esp.ts';
import type { Exchange } from './exchange.ts';

/** The attributes of a reply as they came, unchecked: each check judges those that its promise is about. */
export interface EspAnswer {
  /** The whole of it, and its parts; empty where there are none. */
  readonly reply: JsonObject;
  readonly request: JsonObject;
  readonly parameters: JsonObject;
  readonly messageName: unknown;
  readonly referenceId: unknown;
  readonly service: unknown;
  readonly method: unknown;
  readonly faultCode: unknown;
  readonly errorCode: unknown;
  readonly errorMessage: unknown;
  readonly errorDescription: unknown;
  readonly userData: unknown;
}

/** What a reply says, whatever else is odd about it; null where it is none of these three. */
export type ReplyKind = 'delivered' | 'session_not_found' | 'server_not_found';

/** The reply in an answer with status 200 and an object of JSON, null in any other. Heeds no header; never throws. */
export function espAnswerIn(exchange: Exchange): EspAnswer | null {
  if (exchange.kind === 'broken' || exchange.status !== 200) return null;
  const reply = fieldsIn(exchange.body);
  if (reply === null) return null;
  const request = inner(reply, 'request');
  const parameters = inner(request, 'Parameters');
  return {
    reply,
    request,
    parameters,
    messageName: own(reply, 'messageName'),
    referenceId: own(reply, 'referenceId'),
    service: own(request, 'Service'),
    method: own(request, 'Method'),
    faultCode: own(parameters, 'FaultCode'),
    errorCode: own(reply, 'errorCode'),
    errorMessage: own(reply, 'errorMessage'),
    errorDescription: own(reply, 'errorDescription'),
    userData: own(reply, 'userData'),
  };
}

/**
 * Reads a reply as the service does: a code may be number or text, a response with a fault's code is that fault, an
 * error's text may have either of its names, and its service may be missing; no list passes for a text.
 */
export function replyKindOf(exchange: Exchange): ReplyKind | null {
  const reply = espAnswerIn(exchange);
  if (reply === null) return null;
  const { messageName, service, faultCode, errorCode, errorMessage, errorDescription } = reply;
  if (messageName === 'EventError')
    return (errorCode === 1 || errorCode === '1') &&
      [errorMessage, errorDescription].some((text) => typeof text === 'string' && /^not found by/i.test(text))
      ? 'server_not_found'
      : null;
  if (messageName === 'Event3rdServerResponse' && (faultCode ?? null) === null) return 'delivered';
  if (messageName !== 'Event3rdServerFault' && messageName !== 'Event3rdServerResponse') return null;
  return (service ?? SERVICE) === SERVICE && (faultCode === '100' || faultCode === 100) ? 'session_not_found' : null;
}

/** What came, in a few words. */
export function inWords(exchange: Exchange): string {
  if (exchange.kind === 'broken') return exchange.because;
  if (exchange.status !== 200) return `HTTP ${exchange.status}`;
  const { messageName, faultCode, errorCode, errorMessage, errorDescription } = espAnswerIn(exchange) ?? {};
  if (messageName === undefined) return `HTTP 200 with ${written(exchange.body)}`;
  const details = Object.entries({ FaultCode: faultCode, errorCode, errorMessage, errorDescription }).filter(
    ([, value]) => value !== undefined,
  );
  return ['HTTP 200 with', written(messageName), ...details.map(([name, value]) => `${name} ${written(value)}`)].join(' ');
}

/** A value from the far end, as it would stand in JSON. */
export function written(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value !== null ? 'an object or a list' : String(value);
}

/** An object of JSON, null for any other text. */
export function fieldsIn(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function inner(object: JsonObject, name: string): JsonObject {
  const value = own(object, name);
  return isObject(value) ? value : {};
}
