import { isObject, type JsonObject, repeatedKeys } from '../../src/json/json-object.ts';
import { METHOD, SERVICE } from '../../src/probe/esp.ts';
import { espAnswerIn, written } from './esp-answer.ts';
import type { EspMessage } from './esp-message.ts';
import type { Exchange } from './exchange.ts';

/** The service looks no deeper. */
const MOST_LEVELS = 64;

/** Keys that the service reads, by where they stand. */
const TOP_KEYS = ['messageName', 'referenceId', 'request', 'userData', 'errorCode', 'errorMessage', 'errorDescription'];
const REQUEST_KEYS = ['Service', 'Method', 'Parameters'];

/**
 * What makes a reply one that can be read in two ways, whatever it says; null if nothing does. Of what is no reply it tells nothing.
 *
 * @param idKeys user-data keys that carry the id.
 */
export function readingProblem(exchange: Exchange, message: EspMessage, idKeys: readonly string[]): string | null {
  return (
    keyProblem(exchange) ??
    nestedIdProblem(exchange, message, idKeys) ??
    echoProblem(exchange) ??
    faultCodeProblem(exchange) ??
    errorProblem(exchange)
  );
}

/** No key may come twice, even where the service would not look: which of the two counts, every reader decides for himself. */
export function keyProblem(exchange: Exchange): string | null {
  const answer = espAnswerIn(exchange);
  if (answer === null || exchange.kind === 'broken') return null;
  const repeated = repeatedKeys(exchange.body, MOST_LEVELS);
  if (repeated === null) return `the reply is nested deeper than ${MOST_LEVELS} levels`;
  const [first] = repeated;
  if (first !== undefined) return `the key ${first.path.join('.')} comes twice in one object`;
  const other = inOtherCase(answer.reply, TOP_KEYS) ?? inOtherCase(answer.request, REQUEST_KEYS);
  return other === undefined ? null : `the key ${JSON.stringify(other)} is one of the contract's but for its case`;
}

/** Ids below the top of the user data, or in the request as it is echoed; those at the top are `userDataProblem`'s. */
export function nestedIdProblem(exchange: Exchange, message: EspMessage, idKeys: readonly string[]): string | null {
  const answer = espAnswerIn(exchange);
  if (answer === null) return null;
  const nested = isObject(answer.userData) ? Object.values(answer.userData) : [];
  const ours = idKeys.map((key) => message.userData[key]);
  const other = entriesBelow([...nested, answer.request]).find(
    ([key, id]) => id !== null && isOneOf(key, idKeys) && !ours.some((one) => one === id),
  );
  return other === undefined ? null : `below the top of the reply ${other[0]} is ${written(other[1])}, not the id that was sent`;
}

/** What is echoed is what was sent, or nothing. */
export function echoProblem(exchange: Exchange): string | null {
  const { service, method } = espAnswerIn(exchange) ?? {};
  if ((service ?? SERVICE) !== SERVICE) return `request.Service is ${written(service)}, not ${JSON.stringify(SERVICE)}, which was sent`;
  return (method ?? METHOD) === METHOD ? null : `request.Method is ${written(method)}, not ${JSON.stringify(METHOD)}, which was sent`;
}

/** A fault code that the service cannot read, or would not look for. */
export function faultCodeProblem(exchange: Exchange): string | null {
  const answer = espAnswerIn(exchange);
  if (answer === null) return null;
  const { reply, request, parameters, faultCode = null } = answer;
  const isReadable = typeof faultCode === 'number' || (typeof faultCode === 'string' && faultCode.trim() !== '');
  if (faultCode !== null && !isReadable) return `request.Parameters.FaultCode is ${written(faultCode)}, which is no code`;
  const [beside] = ['Parameters', 'parameters'].map((key) => reply[key]).filter(isObject);
  const elsewhere = [reply, request, beside ?? {}].flatMap((place) => Object.entries(place));
  const misspelt = Object.entries(parameters).filter(([key]) => key !== 'FaultCode');
  const stray = [...elsewhere, ...misspelt].find(([key, code]) => code !== null && isOneOf(key, ['FaultCode']));
  return stray === undefined ? null : `the fault code ${written(stray[1])} stands elsewhere than at request.Parameters.FaultCode`;
}

/** An error of Interaction Server that the service cannot read. */
export function errorProblem(exchange: Exchange): string | null {
  const answer = espAnswerIn(exchange);
  if (answer?.messageName !== 'EventError') return null;
  const { errorCode, errorMessage, errorDescription } = answer;
  const isCode = Number.isSafeInteger(errorCode) || (typeof errorCode === 'string' && /^(0|-?[1-9]\d{0,15})$/.test(errorCode));
  if (!isCode) return `errorCode is ${written(errorCode)}, which is no whole number`;
  const texts = [errorMessage, errorDescription].map((text) => text ?? '').filter((text) => text !== '');
  const odd = texts.find((text) => typeof text !== 'string');
  if (odd !== undefined) return `the error's text is ${written(odd)}, which is no text`;
  const says = new Set(texts.map((text) => /^not found by/i.test(String(text))));
  return says.size < 2
    ? null
    : `errorMessage is ${written(errorMessage)} and errorDescription ${written(errorDescription)}: one of them is not true`;
}

function inOtherCase(object: JsonObject, names: readonly string[]): string | undefined {
  return Object.keys(object).find((key) => object[key] !== null && !names.includes(key) && isOneOf(key, names));
}

/** In any case. */
function isOneOf(key: string, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === key.toLowerCase());
}

/** What is in these objects and lists, at any depth. */
function entriesBelow(roots: readonly unknown[]): readonly (readonly [string, unknown])[] {
  const entries: (readonly [string, unknown])[] = [];
  const open = [...roots];
  for (const value of open) {
    if (typeof value !== 'object' || value === null) continue;
    for (const entry of Object.entries(value)) {
      entries.push(entry);
      open.push(entry[1]);
    }
  }
  return entries;
}
