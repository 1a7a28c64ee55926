import type { FastifyReply } from 'fastify';

/**
 * Calls back if the caller hangs up before we have answered.
 *
 * Not `request.signal`: on Fastify 5.12 it aborts as soon as a POST body has been read (fastify/fastify#6725). The
 * response side closes early only if the caller really left.
 */
export function onCallerGone(reply: FastifyReply, callback: () => void): void {
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) callback();
  });
}
