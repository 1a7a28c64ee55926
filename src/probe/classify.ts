import type { SendOutcome } from './adapter.ts';
import type { EspError, EspFault, EspReply, EspRequest } from './esp.ts';
import { SERVICE } from './esp.ts';
import type { AttemptReason } from './reasons.ts';
import type { TargetRules } from './target.ts';

const SESSION_NOT_FOUND_CODE = '100';
const NOT_FOUND_CODE = 1;
const NOT_FOUND_MESSAGE = /^not found by/i;

/**
 * Reads what a send came to. Only two answers prove anything against a chat; the rest is unknown
 * (contract §2, rules 2 to 4).
 *
 * @param idKeys user-data keys that carry the interaction id.
 * @param mayHaveMoved whether the Chat Server was seen down so recently that its sessions may live elsewhere by now.
 */
export function classify(
  request: EspRequest,
  idKeys: readonly string[],
  outcome: SendOutcome,
  rules: TargetRules,
  mayHaveMoved: boolean,
): AttemptReason {
  if (outcome.kind === 'failure') return outcome.reason;
  const { reply } = outcome;
  if (!answers(reply, request, idKeys)) return 'reply_mismatch';
  if (reply.kind === 'response') return 'delivered';
  if (reply.kind === 'error') return isChatServerNotFound(reply) ? 'chat_server_not_found' : 'error_unrecognised';
  if (!isSessionNotFound(reply)) return 'fault_unrecognised';

  // Asked by type, Interaction Server may have picked a Chat Server that never had the session.
  if (request.appName === null && !rules.singleChatServer) return 'session_not_found_by_type';
  // The server was down and came back empty; another may have taken the session over.
  if (rules.ha && mayHaveMoved) return 'session_may_have_moved';
  return 'session_not_found';
}

function answers(reply: EspReply, request: EspRequest, idKeys: readonly string[]): boolean {
  if (reply.referenceId !== request.referenceId) return false;
  const { userData } = reply;
  if (userData === null) return true;
  const isOurs = (value: unknown): boolean => idKeys.some((idKey) => isSameId(value, request.userData[idKey]));
  return Object.entries(userData).every(([key, value]) => !isIdKey(key, idKeys) || isOurs(value));
}

/** Whether a user-data key carries the interaction id, in any case: nobody says whether case matters to Chat Server. */
export function isIdKey(key: string, idKeys: readonly string[]): boolean {
  return idKeys.includes(key) || idKeys.some((idKey) => idKey.toLowerCase() === key.toLowerCase());
}

/** A gateway may turn an id of digits into a number; anything else that is present must be the very id. */
function isSameId(echoed: unknown, sent: unknown): boolean {
  return echoed === null || echoed === sent || (typeof echoed === 'number' && String(echoed) === sent);
}

function isSessionNotFound(fault: EspFault): boolean {
  return fault.faultCode === SESSION_NOT_FOUND_CODE && (fault.service === null || fault.service === SERVICE);
}

function isChatServerNotFound(error: EspError): boolean {
  return error.errorCode === NOT_FOUND_CODE && error.errorMessage !== null && NOT_FOUND_MESSAGE.test(error.errorMessage);
}
