import type { FastifyReply } from 'fastify';
import { sendStatusEarly } from './early-status.ts';

/**
 * Calls back if the caller hangs up before the function that it returns is called, which must be done once the answer, a 200, is given.
 *
 * Not `request.signal`: on Fastify 5.12 it aborts as soon as a POST body has been read (fastify/fastify#6725). And not the response: it
 * does not hear of the end of its connection while it waits behind another that was asked for first. Nor does the end of what the caller
 * sends say it: Jetty, told to close the connection, closes its half of it right after the request.
 */
export function onCallerGone({ request, raw: response }: FastifyReply, callback: () => void): () => void {
  const { socket } = request.raw;
  let stop = (): void => undefined;
  const onEnd = (): void => {
    stop = sendStatusEarly(socket, response);
  };
  const forget = (): void => {
    stop();
    socket.off('close', onClose).off('end', onEnd);
  };
  const onClose = (): void => {
    forget();
    callback();
  };
  // Each request that waits on one connection listens.
  socket.setMaxListeners(0);
  socket.on('close', onClose);
  if (socket.readableEnded) onEnd();
  else socket.on('end', onEnd);
  return forget;
}
