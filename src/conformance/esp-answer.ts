import type { Exchange } from './exchange.ts';

/** The attributes of a reply as they came, unchecked: each check judges those that its promise is about. */
export interface EspAnswer {
  readonly messageName: unknown;
  readonly referenceId: unknown;
  readonly service: unknown;
  readonly faultCode: unknown;
  readonly errorCode: unknown;
  readonly errorMessage: unknown;
  readonly userData: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

/** What a reply says, whatever else is odd about it; null where it is none of these three. */
export type Saying = 'delivered' | 'session_not_found' | 'server_not_found';

/** The reply in an answer with status 200 and an object of JSON, null in any other. Heeds no header; never throws. */
export function espAnswerIn(exchange: Exchange): EspAnswer | null {
  if (exchange.kind === 'broken' || exchange.status !== 200) return null;
  const reply = fieldsIn(exchange.body);
  if (reply === null) return null;
  const request = inner(reply, 'request');
  return {
    messageName: own(reply, 'messageName'),
    referenceId: own(reply, 'referenceId'),
    service: own(request, 'Service'),
    faultCode: own(inner(request, 'Parameters'), 'FaultCode'),
    errorCode: own(reply, 'errorCode'),
    errorMessage: own(reply, 'errorMessage'),
    userData: own(reply, 'userData'),
  };
}

/** Reads a reply as the service does (contract §2): a fault code may be a number, and its service may be missing; no list passes for a text. */
export function sayingOf(exchange: Exchange): Saying | null {
  const reply = espAnswerIn(exchange);
  if (reply?.messageName === 'Event3rdServerResponse') return 'delivered';
  if (reply?.messageName === 'Event3rdServerFault')
    return (reply.faultCode === '100' || reply.faultCode === 100) && (reply.service ?? 'Chat') === 'Chat' ? 'session_not_found' : null;
  if (reply?.messageName === 'EventError')
    return reply.errorCode === 1 && typeof reply.errorMessage === 'string' && /^not found by/i.test(reply.errorMessage)
      ? 'server_not_found'
      : null;
  return null;
}

/** What came, in a few words. */
export function inWords(exchange: Exchange): string {
  if (exchange.kind === 'broken') return exchange.because;
  if (exchange.status !== 200) return `HTTP ${exchange.status}`;
  const { messageName, faultCode, errorCode, errorMessage } = espAnswerIn(exchange) ?? {};
  if (messageName === undefined) return `HTTP 200 with ${written(exchange.body)}`;
  const details = Object.entries({ FaultCode: faultCode, errorCode, errorMessage }).filter(([, value]) => value !== undefined);
  return ['HTTP 200 with', written(messageName), ...details.map(([name, value]) => `${name} ${written(value)}`)].join(' ');
}

/** A value from the far end, as it would stand in JSON. */
export function written(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value !== null ? 'an object or a list' : String(value);
}

/** An object of JSON, null for any other text. */
export function fieldsIn(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function inner(fields: Fields, name: string): Fields {
  const value = own(fields, name);
  return isFields(value) ? value : {};
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Tells whether a value from JSON is an object, neither null nor a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
