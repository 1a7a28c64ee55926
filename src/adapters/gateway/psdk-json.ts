import type { EspError, EspFault, EspReply, EspRequest } from '../../probe/esp.ts';
import { APP_TYPE, METHOD, SERVICE } from '../../probe/esp.ts';

/** Text that is the same between the quotes of JSON. */
const PLAIN_TEXT = /^[\w .[\]-]*$/;

/**
 * The `Request3rdServer` of a request as JSON (contract §5). Put together by hand, for it is made for every message, and
 * `JSON.stringify` takes four times as long over the nested object.
 */
export function requestJson({ referenceId, appName, messageText, messageType, visibility, userData }: EspRequest): string {
  const name = appName === null ? '' : `"AppName":${quoted(appName)},`;
  const type = messageType === null ? '' : `,"MessageType":${quoted(messageType)}`;
  const parameters = `{"MessageText":${quoted(messageText)},"Visibility":${quoted(visibility)}${type}}`;
  const request = `{${name}"AppType":"${APP_TYPE}","Service":"${SERVICE}","Method":"${METHOD}","Parameters":${parameters}}`;
  return `{"messageName":"Request3rdServer","referenceId":${referenceId},"request":${request},"userData":${JSON.stringify(userData)}}`;
}

/**
 * The reply in a parsed JSON value, or null if it is not one of the three answers of the contract (§5).
 * Attributes beyond the contract are allowed and not read. Never throws, and reads own properties only.
 */
export function decodeReply(value: unknown): EspReply | null {
  if (!isObject(value)) return null;
  const referenceId = own(value, 'referenceId');
  const userData = own(value, 'userData') ?? null;
  if (typeof referenceId !== 'number' || !Number.isSafeInteger(referenceId)) return null;
  if (userData !== null && !isObject(userData)) return null;

  switch (own(value, 'messageName')) {
    case 'Event3rdServerResponse':
      return { kind: 'response', referenceId, userData };
    case 'Event3rdServerFault':
      return withAnswer(faultIn(value), { referenceId, userData });
    case 'EventError':
      return withAnswer(errorIn(value), { referenceId, userData });
    default:
      return null;
  }
}

/** Tells whether a parsed JSON value is an object, neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property that came with the JSON, undefined where it did not; never one of the prototype's. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function quoted(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}

type JsonObject = Readonly<Record<string, unknown>>;
type AnswerPart = 'referenceId' | 'userData';

function withAnswer<P extends object>(part: P | null, answer: Pick<EspReply, AnswerPart>): (P & Pick<EspReply, AnswerPart>) | null {
  return part === null ? null : { ...answer, ...part };
}

function faultIn(value: JsonObject): Omit<EspFault, AnswerPart> | null {
  const request = own(value, 'request') ?? {};
  if (!isObject(request)) return null;
  const parameters = own(request, 'Parameters') ?? {};
  if (!isObject(parameters)) return null;

  const faultString = own(parameters, 'FaultString');
  return {
    kind: 'fault',
    service: serviceIn(request),
    faultCode: faultCodeIn(parameters),
    faultString: typeof faultString === 'string' ? faultString : null,
  };
}

/** A service of another type than text is an echo too, though of no service that exists: it must not pass for absent. */
function serviceIn(request: JsonObject): string | null {
  const service = own(request, 'Service') ?? null;
  if (service === null) return null;
  return typeof service === 'string' ? service : '';
}

function faultCodeIn(parameters: JsonObject): string | null {
  const faultCode = own(parameters, 'FaultCode');
  if (typeof faultCode === 'number') return String(faultCode);
  return typeof faultCode === 'string' ? faultCode : null;
}

function errorIn(value: JsonObject): Omit<EspError, AnswerPart> | null {
  const errorCode = own(value, 'errorCode');
  const errorMessage = own(value, 'errorMessage') ?? null;
  if (typeof errorCode !== 'number' || !Number.isSafeInteger(errorCode)) return null;
  if (errorMessage !== null && typeof errorMessage !== 'string') return null;
  return { kind: 'error', errorCode, errorMessage };
}
