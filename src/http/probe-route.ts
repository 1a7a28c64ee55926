import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bounds } from '../config/config.ts';
import type { Answer, Asker } from '../outage/answer.ts';
import type { ProbeObserver } from '../probe/events.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import { asciiJson } from './ascii-json.ts';
import { onCallerGone } from './caller-gone.ts';
import { callersMistake } from './fastify-errors.ts';
import { freshId } from './fresh-id.ts';
import type { InFlight } from './in-flight.ts';
import { faultAnswer, probeAnswer } from './probe-answer.ts';
import type { Directory } from './probe-lookup.ts';
import { orderFor } from './probe-lookup.ts';
import type { ProbeRequest } from './probe-request.ts';
import { isInteractionId, readProbeRequest } from './probe-request.ts';
import { probeRouteSchema } from './probe-route-schema.ts';
import { sendProblem } from './problems.ts';
import { hasForm } from './request-fields.ts';
import { wantsPlainText } from './wants-plain-text.ts';

/** What the probe route works with. */
export interface ProbeRouteParts extends Directory {
  readonly bounds: Bounds;
  readonly asker: Asker;
  readonly inFlight: InFlight;
  /** Why new probes are answered at once without sending, null while they are not. */
  readonly refusal: () => 'overloaded' | 'draining' | null;
  readonly observe: ProbeObserver;
}

/**
 * `POST /interactions/:id/probe`. A well-formed probe always gets a 200 verdict, our own trouble included: an error
 * status could make a workflow stop a healthy chat (docs/genesys.md, "The callers").
 */
export function registerProbeRoute(app: FastifyInstance, parts: ProbeRouteParts): void {
  app.route<Shape>({
    method: 'POST',
    url: '/interactions/:id/probe',
    schema: probeRouteSchema(parts.bounds),
    // The schema documents; `readProbeRequest` checks, with mercy for what workflows send.
    validatorCompiler: () => () => true,
    serializerCompiler: () => asciiJson,
    errorHandler: (error, request, reply) => void answerError(parts, error, request, reply),
    handler: (request, reply) => answerProbe(parts, request, reply),
  });
}

interface Shape {
  readonly Params: { readonly id: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
}

async function answerProbe(parts: ProbeRouteParts, request: FastifyRequest<Shape>, reply: FastifyReply): Promise<FastifyReply> {
  const asked = readProbeRequest(request.params.id, request.query, request.body ?? null, hasForm(request), parts.bounds);
  if (!asked.ok) return sendProblem(reply, asked.problem);
  const order = orderFor(asked.value, parts, freshId(), request.id);
  if (!order.ok) return sendProblem(reply, order.problem);

  const refusal = parts.refusal();
  if (refusal !== null) return sendAnswer(parts, asked.value, order.value, parts.asker.decline(order.value, refusal), reply);
  const { controller, leave } = parts.inFlight.enter();
  const stopListening = onCallerGone(request, () => controller.abort());
  try {
    const answer = await parts.asker.ask(order.value, controller.signal);
    // The caller is gone, so nobody reads this; the reply must still be settled.
    if (answer === null) return reply.code(499).send();
    return sendAnswer(parts, asked.value, order.value, answer, reply);
  } finally {
    stopListening();
    leave();
  }
}

function sendAnswer(parts: ProbeRouteParts, asked: ProbeRequest, order: ProbeOrder, answer: Answer, reply: FastifyReply): FastifyReply {
  parts.observe({ type: 'request_answered', target: order.target.name, verdict: answer.verdict, servedBy: answer.servedBy });
  reply.code(200).header('cache-control', 'no-store');
  if (wantsPlainText(reply.request.headers.accept)) return reply.type('text/plain; charset=utf-8').send(answer.verdict);
  // As text: what is sent as an object is looked up by status and type before it is written.
  return reply.type('application/json; charset=utf-8').send(asciiJson(probeAnswer(order, answer, asked.debug)));
}

/** Everything thrown on the way ends here: the caller's mistakes as problems, ours as a verdict that routes. */
function answerError(parts: ProbeRouteParts, error: FastifyError, request: FastifyRequest<Shape>, reply: FastifyReply): FastifyReply {
  const mistake = callersMistake(error);
  if (mistake !== null) return sendProblem(reply, mistake);
  parts.observe({ type: 'fault', requestId: request.id, fault: error });
  reply.code(200).header('cache-control', 'no-store');
  if (wantsPlainText(request.headers.accept)) return reply.type('text/plain; charset=utf-8').send('route');
  const { id } = request.params;
  return reply.type('application/json; charset=utf-8').send(faultAnswer(request.id, isInteractionId(id) ? id : null));
}
