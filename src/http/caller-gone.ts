import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

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

/** How every verdict begins, as Node.js writes it. */
const STATUS_LINE = 'HTTP/1.1 200 OK\r\n';
/** When the next of its characters is sent. A connection that is gone takes one, and breaks with the second. */
const LOOKS_AFTER_MS = [10, 20, 70, 400, 500, 1_000];
/** From then on; enough for the longest policy. */
const LATER_LOOKS_AFTER_MS = 5_000;

/**
 * Finds out whether a caller who sends nothing more still listens. One who has closed his sending half and one who has hung up look
 * alike, until something is sent: so the first line of the answer, which is known, goes out character by character.
 *
 * @param response of which nothing was sent, and which will be a 200.
 * @returns ends it. What is out of the answer by then is not sent again.
 */
export function sendStatusEarly(socket: Socket, response: ServerResponse): () => void {
  let sent = 0;
  let looks = 0;
  let write = (_text: string): void => undefined;
  let timer: NodeJS.Timeout;
  const look = (): void => {
    // Behind the answer to another request on the same connection its turn has not come.
    if (response.socket !== null && sent < STATUS_LINE.length) {
      if (sent === 0) write = leaveOutOfNextWrite(socket, () => sent);
      write(STATUS_LINE.charAt(sent));
      sent += 1;
    }
    looks += 1;
    wait();
  };
  const wait = (): void => {
    timer = setTimeout(look, LOOKS_AFTER_MS[looks] ?? LATER_LOOKS_AFTER_MS);
  };
  wait();
  return () => clearTimeout(timer);
}

type Written = (error?: Error | null) => void;

/** @returns writes before it. */
function leaveOutOfNextWrite(socket: Socket, count: () => number): (text: string) => void {
  const write = socket.write.bind(socket);
  socket.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Written, callback?: Written): boolean => {
    Reflect.deleteProperty(socket, 'write');
    if (typeof chunk !== 'string' || !chunk.startsWith(STATUS_LINE)) {
      socket.destroy(new Error('an answer that is no 200 cannot follow the beginning of one'));
      return false;
    }
    const rest = chunk.slice(count());
    return typeof encoding === 'function' ? write(rest, encoding) : write(rest, encoding, callback);
  };
  return write;
}
