import type { FastifyRequest } from 'fastify';

/**
 * Calls back if the caller hangs up before `forgetCaller` is called, which must be done once the answer is given.
 *
 * Not `request.signal`: on Fastify 5.12 it aborts as soon as a POST body has been read (fastify/fastify#6725). And not the response: it
 * does not hear of the end of its connection while it waits behind another that was asked for first.
 */
export function onCallerGone(request: FastifyRequest, callback: () => void): void {
  const { socket } = request.raw;
  // Each request that waits on one connection listens.
  socket.setMaxListeners(0);
  socket.on('close', callback);
}

export function forgetCaller(request: FastifyRequest, callback: () => void): void {
  request.raw.socket.off('close', callback);
}
