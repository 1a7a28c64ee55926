import type { SendOutcome } from './adapter.ts';
import { type EspError, type EspFault, type EspReply, type EspRequest, SERVICE } from './esp.ts';
import { type AttemptReason, REASONS, type Reason } from './reasons.ts';
import type { TargetRules } from './target.ts';

/** One send and what it came to. */
export interface Attempt {
  /** 1 for the first. */
  readonly n: number;
  /** Milliseconds from the start of the probe. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly reason: Reason;
  readonly faultCode: string | null;
  readonly faultString: string | null;
  readonly errorCode: number | null;
  readonly errorMessage: string | null;
  /** True if a byte of the message left us. */
  readonly written: boolean;
  /** True if the far end's answer proves that it passed nothing on. */
  readonly rejected: boolean;
  /** How long the far end asked us to stay away, null if it did not say. */
  readonly retryAfterMs: number | null;
  /** For the log: what exactly failed, null for an answer of Interaction Server. */
  readonly detail: string | null;
  /** For traces alone: the URL that was asked; see `SendOutcome`. */
  readonly sentTo?: string | undefined;
}

/** Whether its message stands in the chat's transcript for all that we know: delivered, or written and neither answered nor rejected. */
export function mayStandInTranscript({ reason, written, rejected }: Attempt): boolean {
  return reason === 'delivered' || (written && !rejected && REASONS[reason].origin !== 'reply');
}

const SESSION_NOT_FOUND_CODE = '100';
const NOT_FOUND_CODE = 1;
const NOT_FOUND_MESSAGE = /^not found by/i;

/**
 * Reads what a send came to. Only two answers prove anything against a chat; the rest is unknown.
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
  if (isAmbiguous(reply, idKeys)) return 'protocol_error';
  if (reply.kind === 'response') return 'delivered';
  if (reply.kind === 'error') return isChatServerNotFound(reply) ? 'chat_server_not_found' : 'error_unrecognised';
  if (!isSessionNotFound(reply)) return 'fault_unrecognised';

  // Asked by type, Interaction Server may have picked a Chat Server that never had the session.
  if (request.appName === null && !rules.singleChatServer) return 'session_not_found_by_type';
  // The server was down and came back empty; another may have taken the session over.
  if (rules.ha && mayHaveMoved) return 'session_may_have_moved';
  return 'session_not_found';
}

/** Whether it answers this message: no id of another chat stands anywhere in it. */
function answers(reply: EspReply, request: EspRequest, idKeys: readonly string[]): boolean {
  if (reply.referenceId !== request.referenceId) return false;
  const echoed = idsIn([reply.userData, reply.request], idKeys);
  if (echoed.length === 0) return true;
  // User data of the caller may hold such keys further down; echoed, they are no other chat's. A gateway may turn an id of digits into a
  // number, or back.
  const sent = idsIn([request.userData], idKeys);
  const ours = new Set(sent.flatMap((id) => (typeof id === 'number' ? [id, String(id)] : [id])));
  const isOurs = (id: unknown): boolean => ours.has(id) || (Number.isSafeInteger(id) && ours.has(String(id)));
  // What is nested under such a key is looked into by itself.
  return echoed.every((id) => id === null || (isTree(id) ? sent.some(isTree) : isOurs(id)));
}

/** What stands under a key that carries an id, at any depth. No recursion: adapters need not bound it. */
function idsIn(roots: readonly unknown[], idKeys: readonly string[]): readonly unknown[] {
  const ids: unknown[] = [];
  const open = roots.filter(isTree);
  for (const tree of open) {
    for (const [key, value] of Object.entries(tree)) {
      if (isIdKey(key, idKeys)) ids.push(value);
      if (isTree(value)) open.push(value);
    }
  }
  return ids;
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether nobody can say which id, or whose fault, it speaks of. */
function isAmbiguous(reply: EspReply, idKeys: readonly string[]): boolean {
  if (reply.repeatedKeys?.some((key) => isIdKey(key, idKeys)) === true) return true;
  return reply.kind === 'fault' && reply.service !== null && reply.service !== SERVICE;
}

/** Whether a user-data key carries the interaction id, in any case: nobody says whether case matters to Chat Server. */
export function isIdKey(key: string, idKeys: readonly string[]): boolean {
  return idKeys.includes(key) || idKeys.some((idKey) => idKey.toLowerCase() === key.toLowerCase());
}

function isSessionNotFound(fault: EspFault): boolean {
  return fault.faultCode === SESSION_NOT_FOUND_CODE;
}

function isChatServerNotFound(error: EspError): boolean {
  return error.errorCode === NOT_FOUND_CODE && error.errorMessage !== null && saysNotFound(error.errorMessage);
}

/** Whether the text of an error says that no such Chat Server is connected. */
export function saysNotFound(message: string): boolean {
  return NOT_FOUND_MESSAGE.test(message);
}
