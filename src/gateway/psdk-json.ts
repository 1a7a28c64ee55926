import { isObject, type JsonObject, type JsonPath, own, type RepeatedKey } from '../json/json-object.ts';
import { saysNotFound } from '../probe/attempt.ts';
import { APP_TYPE, type EspReply, type EspRequest, METHOD, SERVICE } from '../probe/esp.ts';

/**
 * Stands in every answer of the simulator's network face, so that the service knows its verdicts for made up. In lower case, as headers
 * are looked up. A real gateway must never send it.
 */
export const SIMULATOR_HEADER = 'x-chat-probe-simulator';

/** Text that is the same between the quotes of JSON. */
const PLAIN_TEXT = /^[\w .[\]-]*$/;

/**
 * The `Request3rdServer` of a request as JSON. Put together by hand, for it is made for every message, and
 * `JSON.stringify` takes four times as long over the nested object.
 */
export function requestJson({ referenceId, appName, messageText, messageType, visibility, userData }: EspRequest): string {
  const name = appName === null ? '' : `"AppName":${quoted(appName)},`;
  const type = messageType === null ? '' : `,"MessageType":${quoted(messageType)}`;
  const parameters = `{"MessageText":${quoted(messageText)},"Visibility":${quoted(visibility)}${type}}`;
  const request = `{${name}"AppType":"${APP_TYPE}","Service":"${SERVICE}","Method":"${METHOD}","Parameters":${parameters}}`;
  return `{"messageName":"Request3rdServer","referenceId":${referenceId},"request":${request},"userData":${JSON.stringify(userData)}}`;
}

function quoted(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * Why a reply cannot be read, or not in one way only. `NOT_ESP`: not one of the three answers of the contract. The others name what
 * can be read in two ways, or in none (docs/gateway.md, "Read in one way").
 */
export const UNREADABLE = [
  'NOT_ESP',
  'REPEATED_KEY',
  'KEY_CASE',
  'TWO_KINDS',
  'SERVICE_OR_METHOD',
  'FAULT_CODE',
  'ERROR_CODE',
  'ERROR_MESSAGE',
] as const;
export type Unreadable = (typeof UNREADABLE)[number];

const TOP_KEYS = keys('messageName', 'referenceId', 'request', 'userData', 'errorCode', 'errorMessage', 'errorDescription');
const REQUEST_KEYS = keys('Service', 'Method', 'Parameters');

/** How a number looks as text, if there is but one way to write it. */
const WHOLE_NUMBER = /^(0|-?[1-9]\d{0,15})$/;

/**
 * The reply in a parsed JSON value. It can be read in one way only, or it is none: proof rests on it. Attributes
 * beyond the contract are allowed and not read; null counts as absent. Never throws, and reads own properties only.
 *
 * @param repeated the keys that came more than once in one object, of which the value has the last.
 */
export function decodeReply(value: unknown, repeated: readonly RepeatedKey[]): EspReply | Unreadable {
  if (!isObject(value)) return 'NOT_ESP';
  const parts = partsOf(value);
  if (parts === null) return 'NOT_ESP';
  if (repeated.some(matters)) return 'REPEATED_KEY';
  if (hasOtherCase(value, TOP_KEYS) || hasOtherCase(parts.request, REQUEST_KEYS)) return 'KEY_CASE';
  // Whoever wrote a fault code elsewhere than where it belongs meant something by it.
  if (holdsFaultCode(value, parts.parameters)) return 'FAULT_CODE';
  if (!echoes(parts.request, 'Service', SERVICE) || !echoes(parts.request, 'Method', METHOD)) return 'SERVICE_OR_METHOD';
  switch (own(value, 'messageName')) {
    case 'Event3rdServerResponse':
      return faultOr('response', value, parts, repeated);
    case 'Event3rdServerFault':
      return faultOr('fault', value, parts, repeated);
    case 'EventError':
      return errorIn(value, parts, repeated);
    default:
      return 'NOT_ESP';
  }
}

/** Objects are empty where there are none. */
interface Parts {
  readonly referenceId: number;
  readonly userData: JsonObject | null;
  readonly request: JsonObject;
  readonly parameters: JsonObject;
}

const NOTHING: JsonObject = {};

/** Null if one of them is of another type than it must be. */
function partsOf(value: JsonObject): Parts | null {
  const referenceId = own(value, 'referenceId');
  const userData = own(value, 'userData') ?? null;
  const request = own(value, 'request') ?? NOTHING;
  if (typeof referenceId !== 'number' || !Number.isSafeInteger(referenceId)) return null;
  if ((userData !== null && !isObject(userData)) || !isObject(request)) return null;
  const parameters = own(request, 'Parameters') ?? NOTHING;
  return isObject(parameters) ? { referenceId, userData, request, parameters } : null;
}

/** The protocol's paper puts a fault's code among a response's parameters (docs/genesys.md, "The answers"): such a response is that fault. */
function faultOr(kind: 'fault' | 'response', value: JsonObject, parts: Parts, repeated: readonly RepeatedKey[]): EspReply | Unreadable {
  // Zero is what a type without an error may be written with.
  if ((own(value, 'errorCode') ?? 0) !== 0) return 'TWO_KINDS';
  const code = own(parts.parameters, 'FaultCode') ?? null;
  const faultCode = faultCodeOf(code);
  if (code !== null && faultCode === null) return 'FAULT_CODE';
  if (kind === 'response' && faultCode === null) return { kind, ...answer(parts, repeated) };
  const service = (own(parts.request, 'Service') ?? null) === null ? null : SERVICE;
  const faultString = own(parts.parameters, 'FaultString');
  return {
    kind: 'fault',
    ...answer(parts, repeated),
    service,
    faultCode,
    faultString: typeof faultString === 'string' ? faultString : null,
  };
}

function errorIn(value: JsonObject, parts: Parts, repeated: readonly RepeatedKey[]): EspReply | Unreadable {
  if ((own(parts.parameters, 'FaultCode') ?? null) !== null) return 'TWO_KINDS';
  const errorCode = wholeNumberOf(own(value, 'errorCode'));
  if (errorCode === null) return 'ERROR_CODE';
  // Two errors of this name are known, with two names for their text (docs/genesys.md, "The answers"). An empty text says nothing.
  const texts = ['errorMessage', 'errorDescription'].map((name) => own(value, name) ?? '').filter((text) => text !== '');
  const given = texts.filter((text) => typeof text === 'string');
  if (given.length < texts.length || new Set(given.map(saysNotFound)).size > 1) return 'ERROR_MESSAGE';
  return { kind: 'error', ...answer(parts, repeated), errorCode, errorMessage: given[0] ?? null };
}

/** What any reply has: where it belongs, and all in which the id of a chat may stand. */
function answer({ referenceId, userData, request }: Parts, repeated: readonly RepeatedKey[]) {
  const repeatedKeys = repeated.flatMap(({ path }) => (mayHoldIds(path) ? path.slice(-1) : []));
  return { referenceId, userData, ...(request === NOTHING ? {} : { request }), ...(repeatedKeys.length === 0 ? {} : { repeatedKeys }) };
}

/** An echo of another type than text is one too, though of nothing that we sent: it must not pass for absent. */
function echoes(request: JsonObject, name: string, sent: string): boolean {
  return (own(request, name) ?? sent) === sent;
}

/** Null where there is none that can be read: a text that is not blank, or a whole number. */
function faultCodeOf(code: unknown): string | null {
  if (Number.isSafeInteger(code)) return String(code);
  return typeof code === 'string' && code.trim() !== '' ? code : null;
}

function wholeNumberOf(value: unknown): number | null {
  const number = typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

/** A key that is one of those read here but for its case, so that a reader who does not heed case would read it. */
function hasOtherCase(object: JsonObject, { exact, lower }: Keys): boolean {
  return Object.keys(object).some((key) => !exact.has(key) && lower.has(key.toLowerCase()) && object[key] !== null);
}

/** At any depth, but in user data, which may hold what it likes under that name. @param parameters where it belongs. */
function holdsFaultCode(value: unknown, parameters: JsonObject): boolean {
  if (Array.isArray(value)) return value.some((inner) => holdsFaultCode(inner, parameters));
  if (!isObject(value)) return false;
  return Object.keys(value).some((key) => {
    if (value[key] === null || key.toLowerCase() === 'userdata' || (value === parameters && key === 'FaultCode')) return false;
    return isFaultCode(key) || holdsFaultCode(value[key], parameters);
  });
}

function isFaultCode(key: string): boolean {
  return key.toLowerCase() === 'faultcode';
}

/** Whether what was lost with the first of them could have said something else. */
function matters({ path, holdsMore }: RepeatedKey): boolean {
  const [first = '', second] = path;
  const last = path.at(-1) ?? '';
  // A fault code or the id of a chat may be lost with it.
  if (holdsMore) return true;
  if (second === undefined) return TOP_KEYS.lower.has(first.toLowerCase()) || isFaultCode(first);
  if (path.length === 2 && first === 'request' && REQUEST_KEYS.lower.has(last.toLowerCase())) return true;
  // User data may hold what it likes under that name.
  return first !== 'userData' && isFaultCode(last);
}

function mayHoldIds([first]: JsonPath): boolean {
  return first === 'userData' || first === 'request';
}

interface Keys {
  readonly exact: ReadonlySet<string>;
  readonly lower: ReadonlySet<string>;
}

function keys(...names: readonly string[]): Keys {
  return { exact: new Set(names), lower: new Set(names.map((name) => name.toLowerCase())) };
}
