import type { FastifyReply } from 'fastify';

/**
 * Calls back once if the browser is gone before the function that it returns is called. Unlike other callers a browser never closes only
 * its own half of a connection; and since this listener allows that to all, its end would show with the second write only.
 */
export function onBrowserGone({ request, raw }: FastifyReply, callback: () => void): () => void {
  const { socket } = request.raw;
  const gone = (): void => {
    forget();
    callback();
  };
  const forget = (): void => {
    socket.off('end', gone);
    raw.off('close', gone);
  };
  if (socket.readableEnded) callback();
  else {
    socket.once('end', gone);
    raw.once('close', gone);
  }
  return forget;
}
