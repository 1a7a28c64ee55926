import type { SendOutcome } from '../../src/probe/adapter.ts';
import type { EspReply, EspRequest } from '../../src/probe/esp.ts';

/** One attempt as it went over the wire, whatever the prober made of it. */
export interface WireAttempt {
  /** In ms since the world began. */
  readonly atMs: number;
  readonly request: EspRequest;
  /** Null until it has settled, and then when. */
  settledAtMs: number | null;
  outcome: SendOutcome | null;
}

/** What a reply says (docs/gateway.md, "Replies"). `nothing`: no reply, or one to another message. */
export type WireWord = 'delivered' | 'session_not_found' | 'chat_server_not_found' | 'unrecognised' | 'nothing';

/**
 * Reads the reply of one attempt. Deliberately not by the prober's own `classify`: a judge that asks the accused learns
 * nothing.
 */
export function wordOf({ request, outcome }: WireAttempt): WireWord {
  if (outcome === null || outcome.kind === 'failure' || !isAnswerTo(request, outcome.reply)) return 'nothing';
  const { reply } = outcome;
  if (reply.kind === 'response') return 'delivered';
  if (reply.kind === 'fault') {
    const isChat = reply.service === null || reply.service === 'Chat';
    return reply.faultCode === '100' && isChat ? 'session_not_found' : 'unrecognised';
  }
  const isNotFound = (reply.errorMessage ?? '').toLowerCase().startsWith('not found by');
  return reply.errorCode === 1 && isNotFound ? 'chat_server_not_found' : 'unrecognised';
}

function isAnswerTo({ referenceId, userData }: EspRequest, reply: EspReply): boolean {
  const echoed = reply.userData ?? {};
  const isForeign = ['InteractionId', 'Id'].some((key) => (echoed[key] ?? null) !== null && String(echoed[key]) !== String(userData[key]));
  return reply.referenceId === referenceId && !isForeign;
}
