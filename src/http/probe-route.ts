import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bounds } from '../config/config.ts';
import { createCancelController } from '../probe/cancel-signal.ts';
import { type AtEndOfTurn, createEndOfTurn } from '../probe/end-of-turn.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import type { RequestHeaders } from '../probe/trace-context.ts';
import type { ServiceObserver, ShedCause } from '../resilience/events.ts';
import type { Answer } from '../resilience/probe-service.ts';
import { type Query, readQuery } from './form.ts';
import { bytesHeldFor, type InFlight } from './load-shedding.ts';
import { probeAnswer } from './probe-answer.ts';
import { readProbeRequest } from './probe-input.ts';
import { type Directory, type OrderedProbe, orderFor } from './probe-lookup.ts';
import { probeRouteSchema } from './probe-route-schema.ts';
import { asciiJson, sendProblem } from './problems.ts';
import type { Body } from './request-body.ts';
import { freshId, headBytes } from './request-head.ts';
import { sendErrorOrFault, sendFault, sendVerdict } from './verdict-reply.ts';

/** What the probe route works with. */
export interface ProbeRouteParts extends Directory {
  readonly bounds: Bounds;
  readonly inFlight: InFlight;
  /** Why a new probe is answered at once without sending, null where it is not. @param heldBytes what would be kept for the caller. */
  readonly declines: (probe: OrderedProbe, heldBytes: number) => 'draining' | ShedCause | null;
  readonly observe: ServiceObserver;
  /** Where a new probe stands in a trace, by the headers of its request; undefined if in none. */
  readonly traceOf: (headers: RequestHeaders) => ProbeOrder['trace'];
}

/**
 * `POST /interactions/:id/probe`. A well-formed probe always gets a 200 verdict, our own trouble included: an error
 * status could make a workflow stop a healthy chat (docs/genesys.md, "The callers").
 */
export function registerProbeRoute(app: FastifyInstance, parts: ProbeRouteParts): void {
  const answering: AnsweringParts = { ...parts, atEndOfTurn: createEndOfTurn() };
  app.route<Shape>({
    method: 'POST',
    url: '/interactions/:id/probe',
    schema: probeRouteSchema(parts.bounds),
    // The schema documents; `readProbeRequest` checks, with mercy for what workflows send.
    validatorCompiler: () => () => true,
    serializerCompiler: () => asciiJson,
    errorHandler: (error, request, reply) => sendErrorOrFault(parts, error, request, reply),
    handler: (request, reply) => answerProbe(answering, request, reply),
  });
}

type AnsweringParts = ProbeRouteParts & { readonly atEndOfTurn: AtEndOfTurn };

interface Shape {
  readonly Params: { readonly id: string };
  readonly Querystring: Query;
  readonly Body: Body | null | undefined;
}

function answerProbe(parts: AnsweringParts, request: FastifyRequest<Shape>, reply: FastifyReply): void {
  const query = readQuery(request.query);
  if (!query.ok) return void sendProblem(reply, query.problem);
  const asked = readProbeRequest(request.params.id, query.value, request.body ?? null, parts.bounds);
  if (!asked.ok) return void sendProblem(reply, asked.problem);
  const { id: requestId, caller, headers } = request;
  const found = orderFor(asked.value, parts, { probeId: freshId(), requestId, caller, trace: parts.traceOf(headers) });
  if (!found.ok) return void sendProblem(reply, found.problem);
  const { debug } = asked.value;
  const { order, service } = found.value;

  const heldBytes = bytesHeldFor(order.userData, headBytes(request.raw));
  const declined = parts.declines(found.value, heldBytes);
  // What is needed of it is in the order, and thousands of callers may wait for a minute.
  request.body = null;
  if (declined === null) return void askAndAnswer(parts, found.value, heldBytes, debug, request, reply);
  if (declined !== 'draining') parts.observe({ type: 'probe_shed', target: order.target.name, because: declined });
  sendAnswer(parts, order, service.decline(order, declined === 'draining' ? declined : 'overloaded'), debug, reply);
}

/** No async function: thousands of callers may wait here at once, and the frame of each would cost half a kilobyte. */
function askAndAnswer(
  parts: AnsweringParts,
  { order, service }: OrderedProbe,
  heldBytes: number,
  debug: boolean,
  request: FastifyRequest<Shape>,
  reply: FastifyReply,
): void {
  const controller = createCancelController();
  const hangUp = (): void => controller.abort();
  const caller = { controller, target: order.target.name, heldBytes };
  const place = parts.inFlight.enter(caller);
  const forgetCaller = onCallerGone(reply, hangUp);
  const settle = (send: () => void): void =>
    parts.atEndOfTurn(() => {
      forgetCaller();
      parts.inFlight.leave(caller, place);
      try {
        send();
      } catch (fault) {
        sendFault(parts, fault, request, reply);
      }
    });
  const broken = (fault: unknown): void => settle(() => sendFault(parts, fault, request, reply));
  try {
    service.ask(order, controller.signal).then(
      // Without an answer the caller is gone, so nobody reads this; the reply must still be settled.
      (answer) => settle(() => (answer === null ? void reply.code(499).send() : sendAnswer(parts, order, answer, debug, reply))),
      broken,
    );
  } catch (fault) {
    broken(fault);
  }
}

function sendAnswer(parts: ProbeRouteParts, order: ProbeOrder, answer: Answer, debug: boolean, reply: FastifyReply): void {
  parts.observe({ type: 'request_answered', target: order.target.name, verdict: answer.verdict, servedBy: answer.servedBy });
  sendVerdict(reply, answer.verdict, () => probeAnswer(order, answer, debug));
}

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
