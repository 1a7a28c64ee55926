import type { EspReply, EspRequest } from '../../src/probe/esp.ts';
import type { SeenSend } from './view.ts';

/**
 * What came back for one message, read anew from docs/genesys.md ("The answers") and not with the product's own reader, which
 * is under test: `not_here` is fault 100, `server_down` is "Not found by ...", `nothing` is silence, a failure on the way, or the
 * answer to another message.
 */
export type Heard = 'delivered' | 'not_here' | 'server_down' | 'other_fault' | 'other_error' | 'nothing';

/** Nothing if the service was done with the message before, or was told to end it. */
export function heardOf({ passage, to, cut }: Pick<SeenSend, 'passage' | 'to' | 'cut'>): Heard {
  const { request, outcome, cameAtMs, trouble } = passage;
  // It is told long after it was told to end: in the same moment only where the process hung, and then after the attempt was given up.
  if (trouble === 'dawdles') return 'nothing';
  if (cut || to === null || outcome?.kind !== 'reply' || cameAtMs === null || cameAtMs > to.atMs) return 'nothing';
  return isToThisMessage(request, outcome.reply) ? wordFor(outcome.reply) : 'nothing';
}

function wordFor(reply: EspReply): Heard {
  switch (reply.kind) {
    case 'response':
      return 'delivered';
    case 'fault':
      return reply.faultCode === '100' && (reply.service ?? 'Chat') === 'Chat' ? 'not_here' : 'other_fault';
    case 'error':
      return reply.errorCode === 1 && (reply.errorMessage ?? '').startsWith('Not found by') ? 'server_down' : 'other_error';
  }
}

function isToThisMessage({ referenceId, userData }: EspRequest, reply: EspReply): boolean {
  const echoed = reply.userData?.['InteractionId'] ?? null;
  return reply.referenceId === referenceId && (echoed === null || echoed === userData['InteractionId']);
}
