import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bounds } from '../config/config.ts';
import { createCancelController } from '../probe/cancel-signal.ts';
import { isInteractionId } from '../probe/interaction-id.ts';
import type { ProbeObserver, ProbeOrder } from '../probe/probe-order.ts';
import type { Answer } from '../resilience/probe-service.ts';
import { onCallerGone } from './caller-gone.ts';
import type { InFlight } from './load-shedding.ts';
import { faultAnswer, probeAnswer } from './probe-answer.ts';
import { readProbeRequest } from './probe-input.ts';
import { type Directory, type OrderedProbe, orderFor } from './probe-lookup.ts';
import { probeRouteSchema } from './probe-route-schema.ts';
import { asciiJson, callersMistake, sendProblem } from './problems.ts';
import type { Body } from './request-body.ts';
import { freshId, wantsPlainText } from './request-head.ts';

/** What the probe route works with. */
export interface ProbeRouteParts extends Directory {
  readonly bounds: Bounds;
  readonly inFlight: InFlight;
  /** Why new probes are answered at once without sending, null while they are not. */
  readonly declines: () => 'overloaded' | 'draining' | null;
  readonly observe: ProbeObserver;
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
    errorHandler: (error, request, reply) => answerError(parts, error, request, reply),
    handler: (request, reply) => answerProbe(answering, request, reply),
  });
}

interface AnsweringParts extends ProbeRouteParts {
  readonly atEndOfTurn: AtEndOfTurn;
}

interface Shape {
  readonly Params: { readonly id: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
  readonly Body: Body | null | undefined;
}

function answerProbe(parts: AnsweringParts, request: FastifyRequest<Shape>, reply: FastifyReply): void {
  const asked = readProbeRequest(request.params.id, request.query, request.body ?? null, parts.bounds);
  if (!asked.ok) return void sendProblem(reply, asked.problem);
  const found = orderFor(asked.value, parts, freshId(), request.id);
  if (!found.ok) return void sendProblem(reply, found.problem);
  const { debug } = asked.value;

  const declined = parts.declines();
  if (declined === null) askAndAnswer(parts, found.value, debug, request, reply);
  else sendAnswer(parts, found.value.order, found.value.service.decline(found.value.order, declined), debug, reply);
}

/** No async function: thousands of callers may wait here at once, and the frame of each would cost half a kilobyte. */
function askAndAnswer(
  parts: AnsweringParts,
  { order, service }: OrderedProbe,
  debug: boolean,
  request: FastifyRequest<Shape>,
  reply: FastifyReply,
): void {
  const controller = createCancelController();
  const hangUp = (): void => controller.abort();
  const place = parts.inFlight.enter(controller);
  const forgetCaller = onCallerGone(reply, hangUp);
  const settle = (send: () => void): void =>
    parts.atEndOfTurn(() => {
      forgetCaller();
      parts.inFlight.leave(place);
      try {
        send();
      } catch (fault) {
        answerFault(parts, fault, request, reply);
      }
    });
  const broken = (fault: unknown): void => settle(() => answerFault(parts, fault, request, reply));
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
  reply.code(200).header('cache-control', 'no-store');
  if (wantsPlainText(reply.request.headers.accept)) reply.type('text/plain; charset=utf-8').send(answer.verdict);
  // As text: what is sent as an object is looked up by status and type before it is written.
  else reply.type('application/json; charset=utf-8').send(asciiJson(probeAnswer(order, answer, debug)));
}

/** What is thrown on the way in ends here: the caller's mistakes as problems, ours as a verdict that routes. */
function answerError(parts: ProbeRouteParts, error: FastifyError, request: FastifyRequest<Shape>, reply: FastifyReply): void {
  const mistake = callersMistake(error);
  if (mistake === null) answerFault(parts, error, request, reply);
  else void sendProblem(reply, mistake);
}

function answerFault(parts: ProbeRouteParts, fault: unknown, request: FastifyRequest<Shape>, reply: FastifyReply): void {
  parts.observe({ type: 'fault', requestId: request.id, fault });
  reply.code(200).header('cache-control', 'no-store');
  if (wantsPlainText(request.headers.accept)) return void reply.type('text/plain; charset=utf-8').send('route');
  const { id } = request.params;
  const answer = faultAnswer(request.id, isInteractionId(id) ? id : null, isAllSimulated(parts));
  reply.type('application/json; charset=utf-8').send(asciiJson(answer));
}

/** Which target it was is not known: the answer is called made up only where none could have given a real one. */
function isAllSimulated({ targets }: Directory): boolean {
  return [...targets.values()].every(({ target }) => target.adapter.isSimulated());
}

/**
 * Calls back once everything that came in with this turn of the event loop has been handled: those who asked one right after the
 * other, in the order in which they asked. The callback must not throw.
 */
export type AtEndOfTurn = (callback: () => void) => void;

/** So many have all the gain of it. A crowd of thousands that is answered at once must not keep everything else waiting. */
const MOST_IN_A_ROW = 64;

/**
 * For answers that are ready, so that those of one turn are written together. A write wakes whoever reads at the other end; the next
 * one, if it comes before they have gone back to sleep, costs half. Under load that is a quarter of the processor time of a probe
 * (bench/README.md).
 */
export function createEndOfTurn(): AtEndOfTurn {
  let waiting: (() => void)[] = [];
  const end = (): void => {
    const called = waiting.length > MOST_IN_A_ROW ? waiting.splice(0, MOST_IN_A_ROW) : waiting;
    if (called === waiting) waiting = [];
    else setImmediate(end);
    for (const callback of called) callback();
  };
  return (callback) => {
    if (waiting.length === 0) setImmediate(end);
    waiting.push(callback);
  };
}
