import type { Bounds } from '../config/config.ts';
import { isObject } from '../json/json-object.ts';
import type { UserData } from '../probe/esp.ts';
import { INTERACTION_ID_RULE, isEmptyValue, isInteractionId } from '../probe/interaction-id.ts';
import type { GivenFields } from './given-fields.ts';
import { givenFields, lookUp } from './given-fields.ts';
import type { Checked } from './problems.ts';
import { passed, refused } from './problems.ts';
import { type Body, isGiven, valuesOf } from './request-fields.ts';
import { checkUserData } from './user-data.ts';
import { wholeNumber } from './whole-number.ts';

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
const OFFLINE = new Set(['0', 'false']);
const GARBLED_NAME =
  'has control characters, or bytes that are no UTF-8: send UTF-8, or name the character set as in Content-Type: ...; charset=iso-8859-1';
/** Control characters, and what a decoder puts where it could not decode. */
const GARBLED = /[\p{Cc}\uFFFD]/u;

/**
 * Reads a probe request from what was decoded already. The body wins over the query, field by field.
 *
 * @param body null if there was none.
 */
export function readProbeRequest(id: unknown, query: object, body: Body | null, bounds: Bounds): Checked<ProbeRequest> {
  if (!isInteractionId(id)) return refused('invalid_id', 'id', isEmptyValue(id) ? EMPTY_VARIABLE : NOT_AN_ID);
  const given = givenFields(query, body);
  return given.ok ? checkFields(id, given.value, bounds) : given;
}

function checkFields(interactionId: string, given: GivenFields, bounds: Bounds): Checked<ProbeRequest> {
  const userData = checkUserData(given.userData);
  if (!userData.ok) return userData;
  const target = word(given.target, 'target');
  if (!target.ok) return target;
  const policy = word(given.policy, 'policy');
  if (!policy.ok) return policy;
  const rawUserData = isObject(given.userData) ? given.userData : {};
  const chatServer = chatServerOf(given.chatServerAppName, rawUserData);
  if (!chatServer.ok) return chatServer;
  const deadlineMs = within(bounds.deadlineMs, given.deadlineMs, 'deadlineMs');
  if (!deadlineMs.ok) return deadlineMs;
  const attempts = within(bounds.attempts, given.attempts, 'attempts');
  if (!attempts.ok) return attempts;
  return passed({
    interactionId,
    target: target.value,
    policy: policy.value,
    chatServer: chatServer.value,
    isOffline: areAllOffline([...given.isOnline, ...valuesOf('IsOnline', rawUserData, false)]),
    userData: userData.value,
    deadlineMs: deadlineMs.value,
    attempts: attempts.value,
    debug: String(given.debug).toLowerCase() === 'true',
  });
}

/** Only a plain 0 or false closes a chat, and only if nothing else is said beside it: then the probe itself will tell. */
function areAllOffline(values: readonly unknown[]): boolean {
  const said = values.map((value) => (typeof value === 'object' ? '{}' : String(value).trim().toLowerCase())).filter(isGiven);
  return said.length > 0 && said.every((word) => OFFLINE.has(word));
}

/** A name that arrived garbled is refused: Interaction Server would not find it, which reads as a Chat Server that is down. */
function word(value: unknown, field: string): Checked<string | null> {
  if (value === undefined) return passed(null);
  if (typeof value !== 'string' && typeof value !== 'number') return refused('invalid_field', field, 'must be a string');
  const text = String(value).trim();
  if (GARBLED.test(text)) return refused('invalid_field', field, GARBLED_NAME);
  return passed(isGiven(text) ? text : null);
}

/** User data as it came: what was made of a list there is no name. */
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

function within([least, most]: readonly [number, number], value: unknown, field: string): Checked<number | null> {
  if (value === undefined) return passed(null);
  const number = wholeNumber(value);
  if (number >= least && number <= most) return passed(number);
  return refused('out_of_bounds', field, `must be a whole number from ${least} to ${most}`);
}
