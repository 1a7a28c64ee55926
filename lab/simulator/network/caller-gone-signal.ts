import type { FastifyReply } from 'fastify';

/**
 * A signal that aborts if the caller hangs up before we have answered.
 *
 * Not `request.signal`: on Fastify 5 it aborts as soon as a POST body has been read (fastify/fastify#6725). The response
 * side closes early only if the caller really left.
 */
export function callerGoneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
