import { Type } from 'typebox';
import type { Bounds } from '../config/config.ts';
import { isObject, type JsonObject } from '../json/json-object.ts';
import type { UserData, UserDataValue } from '../probe/esp.ts';
import { INTERACTION_ID_RULE, isEmptyValue, isInteractionId } from '../probe/probe-order.ts';
import { type Checked, passed, refused } from './problems.ts';
import { type Body, isGiven } from './request-body.ts';
import { cameTwice, knownFields, mayHaveLost, namesOf, readFields, valuesOf } from './request-fields.ts';

/** The fields of a probe request, each as the document tells it. Reading is kinder than these schemas: see `readProbeRequest`. */
const FIELDS = {
  target: () =>
    Type.String({ default: 'default', description: 'Name of a configured target; never a URL or host.', examples: ['default'] }),
  policy: () => Type.String({ description: "Name of a configured retry policy; else the target's.", examples: ['ha'] }),
  chatServerAppName: () =>
    Type.String({
      description: "The interaction's `ChatServerAppName`; else `userData.ChatServerAppName`. Always send it where it is known.",
    }),
  isOnline: () =>
    Type.String({
      description:
        "The interaction's `IsOnline`. `0` or `false`: answered `stop` without sending; anything else is ignored, and so are values that contradict each other, in body, query and `userData.IsOnline` alike.",
    }),
  deadlineMs: ({ deadlineMs: [minimum, maximum] }: Bounds) =>
    Type.Integer({ minimum, maximum, description: "Longest that the probe may take, instead of the policy's.", examples: [5_000] }),
  attempts: ({ attempts: [minimum, maximum] }: Bounds) =>
    Type.Integer({ minimum, maximum, description: "Most messages to send, instead of the policy's.", examples: [2] }),
  debug: () => Type.Boolean({ default: false, description: '`true` adds `attemptLog` to the answer.', examples: [true] }),
  userData: () =>
    Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          'Forwarded in the message, at most 16 KiB as JSON; strings, numbers and nested objects. `null` is left out, `true` and `false` become 1 and 0, a list the text of its JSON. The id keys always win over it.',
        examples: [{ ServiceType: 'default', ChatServerAppName: 'ChatServer_1' }],
      },
    ),
};

export const FIELD_NAMES = namesOf(FIELDS);
/** Holds an object, which a form or a query cannot tell. */
const NESTED = 'userData';

/** All fields, for the document: those of JSON, and those of forms and queries. */
export function probeFields(bounds: Bounds) {
  const documented = (names: readonly (keyof typeof FIELDS)[]) =>
    Object.fromEntries(names.map((name) => [name, Type.Optional(FIELDS[name](bounds))]));
  return { inJson: documented(FIELD_NAMES), inText: documented(FIELD_NAMES.filter((name) => name !== NESTED)) };
}

/** Of `isOnline` every value counts: see `isOffline`. */
const KNOWN = knownFields(FIELD_NAMES, { nested: NESTED, ofMany: 'isOnline' });

/** What a caller asks. The names in it may still be unknown. */
export interface ProbeRequest {
  readonly interactionId: string;
  /** Null where the caller leaves it to the configuration. */
  readonly target: string | null;
  readonly policy: string | null;
  /** With the field that it came in. */
  readonly chatServer: { readonly name: string; readonly field: string } | null;
  readonly isOffline: boolean;
  readonly userData: UserData;
  /** Within the bounds; null for the policy's own. */
  readonly deadlineMs: number | null;
  readonly attempts: number | null;
  readonly debug: boolean;
}

const NOT_AN_ID = `an interaction id is ${INTERACTION_ID_RULE}`;
const EMPTY_VARIABLE =
  'this is no interaction id but what an empty variable turns into: see where the workflow takes the id from, and whether it is set by then';
const GARBLED_NAME =
  'has control or invisible characters, or bytes that are no UTF-8: send UTF-8, or name the character set as in Content-Type: ...; charset=iso-8859-1';
/**
 * Control characters, halves of characters, and what a decoder puts where it could not decode; and what nobody sees but a copied name may
 * have in it: direction, byte order, where a line may end. Not what joins letters or chooses their form: some scripts need it.
 */
const GARBLED = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFF9-\uFFFD]|(?![\p{Join_Control}\p{Variation_Selector}])\p{Default_Ignorable_Code_Point}/u;
/** What nearly all names are made of: it takes a tenth of the time to see that. */
const PLAIN_ASCII = /^[ -~]*$/;
const OFFLINE = new Set(['0', 'false']);

/**
 * Reads a probe request from what was decoded already. The body wins over the query, field by field.
 *
 * @param body null if there was none.
 */
export function readProbeRequest(id: unknown, query: object, body: Body | null, bounds: Bounds): Checked<ProbeRequest> {
  if (!isInteractionId(id)) return refused('invalid_id', 'id', isEmptyValue(id) ? EMPTY_VARIABLE : NOT_AN_ID);
  const fields = readFields(KNOWN, query, body);
  if (!fields.ok) return fields;
  const given = fields.value;
  const userData = checkUserData(given.userData);
  if (!userData.ok) return userData;
  const target = word(given.target, 'target');
  if (!target.ok) return target;
  const policy = word(given.policy, 'policy');
  if (!policy.ok) return policy;
  // As it came: what was made of a list there is no name.
  const rawUserData = isObject(given.userData) ? given.userData : {};
  if (body !== null && cameTwice(body, ['userData', 'ChatServerAppName']))
    return refused('invalid_field', 'userData.ChatServerAppName', 'given more than once');
  const chatServer = chatServerOf(given.chatServerAppName, rawUserData);
  if (!chatServer.ok) return chatServer;
  const deadlineMs = within(bounds.deadlineMs, given.deadlineMs, 'deadlineMs');
  if (!deadlineMs.ok) return deadlineMs;
  const attempts = within(bounds.attempts, given.attempts, 'attempts');
  if (!attempts.ok) return attempts;
  return passed({
    interactionId: id,
    target: target.value,
    policy: policy.value,
    chatServer: chatServer.value,
    isOffline: isOffline(query, body, rawUserData),
    userData: userData.value,
    deadlineMs: deadlineMs.value,
    attempts: attempts.value,
    debug: String(given.debug).toLowerCase() === 'true',
  });
}

/**
 * Whether the session is closed already. Only a plain 0 or false says so, and only if nothing else is said beside it, in query, body or user
 * data, since none may win over another: a wrong stop cuts off a customer. Where they contradict each other the probe itself will tell.
 */
function isOffline(query: object, body: Body | null, userData: object): boolean {
  const inBody = body === null ? [] : valuesOf('isOnline', body.fields, body.isFlat);
  const values = [...valuesOf('isOnline', query, true), ...inBody, ...valuesOf('isOnline', userData, false)];
  const said = values.map((value) => (typeof value === 'object' ? '{}' : String(value).trim().toLowerCase())).filter(isGiven);
  return said.length > 0 && said.every((each) => OFFLINE.has(each)) && !(body !== null && mayHaveLost('isOnline', body));
}

/** The field wins over the user data. */
function chatServerOf(value: unknown, userData: object): Checked<ProbeRequest['chatServer']> {
  const places = [
    ['chatServerAppName', value],
    ['userData.ChatServerAppName', lookUp(userData, 'ChatServerAppName')],
  ] as const;
  for (const [field, given] of places) {
    const name = word(isGiven(given) ? given : undefined, field);
    if (!name.ok) return name;
    if (name.value !== null) return passed({ name: name.value, field });
  }
  return passed(null);
}

/** Looks a key up without regard to case, its exact spelling first. */
function lookUp(source: object, key: string): unknown {
  const entries = Object.entries(source);
  const exact = entries.find(([name]) => name === key) ?? entries.find(([name]) => name.toLowerCase() === key.toLowerCase());
  return exact?.[1];
}

/** A name with undecodable characters is refused: no server could match it, which reads as a Chat Server that is down. */
function word(value: unknown, field: string): Checked<string | null> {
  if (value === undefined) return passed(null);
  if (typeof value !== 'string' && typeof value !== 'number') return refused('invalid_field', field, 'must be a string');
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return refused('invalid_field', field, 'too large for a number, so that it has lost digits: send a string');
  const text = String(value).trim();
  if (!PLAIN_ASCII.test(text) && GARBLED.test(text)) return refused('invalid_field', field, GARBLED_NAME);
  return passed(isGiven(text) ? apart(text) : null);
}

/** The same text on its own: one that was cut out of a body, as V8 does it, keeps the whole body for as long as it is kept. */
function apart(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function within([least, most]: readonly [number, number], value: unknown, field: string): Checked<number | null> {
  if (value === undefined) return passed(null);
  const number = wholeNumber(value);
  if (number >= least && number <= most) return passed(number);
  return refused('out_of_bounds', field, `must be a whole number from ${least} to ${most}`);
}

/** Workflow engines may print whole numbers with a fraction of zeros. */
const WHOLE_NUMBER = /^\d{1,15}(\.0+)?$/;

/** The whole number that is given, as a number or as text; NaN for anything else. */
export function wholeNumber(value: unknown): number {
  const isWhole = (typeof value === 'string' || typeof value === 'number') && WHOLE_NUMBER.test(String(value));
  return isWhole ? Number(value) : Number.NaN;
}

/** Largest user data, as JSON in UTF-8, as it was given. It travels with every attempt. */
export const MAX_USER_DATA_BYTES = 16 * 1024;
/** Deepest nesting; user data of interactions is flat or nearly so. */
const MAX_DEPTH = 16;

const NO_USER_DATA: UserData = {};

/**
 * Makes of what the caller wants forwarded what user data can carry: strings, numbers and nested objects. `null` is left out, a flag
 * becomes 1 or 0, a list the text of its JSON. Names the path of what still does not fit.
 */
export function checkUserData(value: unknown): Checked<UserData> {
  if (value === undefined) return passed(NO_USER_DATA);
  if (!isObject(value)) return refused('invalid_field', 'userData', 'must be an object');
  const checked = checkObject(value, 'userData', 1);
  if (checked.ok && Buffer.byteLength(JSON.stringify(value)) > MAX_USER_DATA_BYTES) {
    return refused('too_large', 'userData', `larger than ${MAX_USER_DATA_BYTES} bytes as JSON`);
  }
  return checked;
}

function checkObject(value: JsonObject, path: string, depth: number): Checked<UserData> {
  const entries: [string, UserDataValue][] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null && key !== '__proto__') continue;
    const checked = checkValue(inner, key, path, depth);
    if (!checked.ok) return checked;
    entries.push([key, checked.value]);
  }
  return passed(Object.fromEntries(entries));
}

function checkValue(value: unknown, key: string, parent: string, depth: number): Checked<UserDataValue> {
  const path = `${parent}.${key.slice(0, 64)}`;
  if (key === '__proto__') return refused('invalid_field', path, 'this key is not allowed');
  if (typeof value === 'string') return passed(value);
  if (typeof value === 'boolean') return passed(value ? 1 : 0);
  // Beyond these a number has lost digits before we see it: an id would be another's.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return refused('invalid_field', path, 'too large for a number: send a string');
  if (typeof value === 'number') return passed(value);
  if (depth === MAX_DEPTH) return refused('invalid_field', 'userData', `nested deeper than ${MAX_DEPTH} levels`);
  if (isObject(value)) return checkObject(value, path, depth + 1);
  if (Array.isArray(value)) return checkList(value, path, depth + 1);
  return refused('invalid_field', path, 'must be a string, a number, true or false, an object or a list');
}

/** What stands in it becomes part of a text, as it is; only what was lost on the way here, or must not be, is refused. */
function checkList(value: readonly unknown[], path: string, depth: number): Checked<string> {
  for (const [index, inner] of value.entries()) {
    if (inner === null) continue;
    const checked = checkValue(inner, String(index), path, depth);
    if (!checked.ok) return checked;
  }
  return passed(JSON.stringify(value));
}
