import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createCancelController } from '../probe/cancel-signal.ts';
import type { Observation } from '../probe/observation.ts';
import { PATTERN_NAMES } from '../probe/observation.ts';
import type { ObservedAnswer } from '../resilience/observed-probe.ts';
import type { KnownExchange } from './exchanges.ts';
import { type Query, readQuery } from './form.ts';
import { bytesHeldFor } from './load-shedding.ts';
import { readObservationRequest } from './observation-input.ts';
import { OBSERVED_TEXTS_SCHEMA, observationRouteSchema } from './observation-schema.ts';
import { probeAnswer } from './probe-answer.ts';
import { type ConfiguredTarget, type Directory, type OrderedProbe, orderFor } from './probe-lookup.ts';
import type { ProbeRouteParts } from './probe-route.ts';
import { asciiJson, type Refusal, refused, sendProblem } from './problems.ts';
import type { Body } from './request-body.ts';
import { freshId, headBytes } from './request-head.ts';
import { sendErrorOrFault, sendFault, sendVerdict } from './verdict-reply.ts';

const OBSERVATION_ROUTES = { observe: '/interactions/:id/observations', texts: '/targets/:target/observed-texts' } as const;

/** Those that can be counted: of these routes none, where no workflow sends by itself. Everybody scrapes the page of metrics. */
export function exchangesInUse(known: readonly KnownExchange[], targets: Directory['targets']): readonly KnownExchange[] {
  if ([...targets.values()].some(sendsByItself)) return known;
  const unused: readonly string[] = Object.values(OBSERVATION_ROUTES);
  return known.filter(({ route }) => !unused.includes(route));
}

interface Shape {
  readonly Params: { readonly id: string };
  readonly Querystring: Query;
  readonly Body: Body | null | undefined;
}

/** What this route's answers have beside a probe's. */
const NOT_AGAIN = { askAgainAfterMs: null };

/**
 * `POST /interactions/:id/observations`, for targets whose workflows send by themselves. Like a probe it always gets a 200 verdict if it is
 * well formed; and since nothing is sent, it gets it at once.
 */
export function registerObservationRoute(app: FastifyInstance, parts: ProbeRouteParts): void {
  app.route<Shape>({
    method: 'POST',
    url: OBSERVATION_ROUTES.observe,
    schema: observationRouteSchema(parts.bounds),
    validatorCompiler: () => () => true,
    serializerCompiler: () => asciiJson,
    errorHandler: (error, request, reply) => sendErrorOrFault(parts, error, request, reply, NOT_AGAIN),
    handler: (request, reply) => answerObservation(parts, request, reply),
  });
}

function answerObservation(parts: ProbeRouteParts, request: FastifyRequest<Shape>, reply: FastifyReply): void {
  const query = readQuery(request.query);
  if (!query.ok) return void sendProblem(reply, query.problem);
  const told = readObservationRequest(request.params.id, query.value, request.body ?? null, parts.bounds);
  if (!told.ok) return void sendProblem(reply, told.problem);
  const { asked, observation } = told.value;
  const { id: requestId, caller, headers } = request;
  const found = orderFor(asked, parts, { probeId: freshId(), requestId, caller, trace: parts.traceOf(headers) });
  if (!found.ok) return void sendProblem(reply, found.problem);
  const { order } = found.value;
  if (!sendsByItself(order)) return void sendProblem(reply, SENDS_FOR_IT.problem);
  void answerFor(parts, found.value, observation, headBytes(request.raw))
    .then((answered) => send(parts, found.value, answered, asked.debug, reply))
    .catch((fault: unknown) => sendFault(parts, fault, request, reply, NOT_AGAIN));
}

/** Nothing here waits for anybody: what may be the way of a probe ends at once as well, since nothing is sent. */
async function answerFor(
  parts: ProbeRouteParts,
  ordered: OrderedProbe,
  observation: Observation | null,
  bytes: number,
): Promise<ObservedAnswer> {
  const { order, service } = ordered;
  const declined = parts.declines(ordered, bytesHeldFor(order.userData, bytes));
  if (declined === null && observation !== null) return service.observe(order, observation);
  if (declined === null) {
    const closed = await service.ask(order, createCancelController().signal);
    return { answer: closed ?? service.decline(order, 'draining'), ...NOT_AGAIN };
  }
  if (declined !== 'draining') parts.observe({ type: 'probe_shed', target: order.target.name, because: declined });
  return { answer: service.decline(order, declined === 'draining' ? declined : 'overloaded'), ...NOT_AGAIN };
}

function send(parts: ProbeRouteParts, { order }: OrderedProbe, told: ObservedAnswer, debug: boolean, reply: FastifyReply): void {
  const { answer, askAgainAfterMs } = told;
  parts.observe({ type: 'request_answered', target: order.target.name, verdict: answer.verdict, servedBy: answer.servedBy });
  sendVerdict(reply, answer.verdict, () => {
    const again = askAgainAfterMs === null ? null : Math.ceil(askAgainAfterMs);
    const { attemptLog, ...told } = probeAnswer(order, answer, debug);
    return { ...told, askAgainAfterMs: again, ...(attemptLog === undefined ? {} : { attemptLog }) };
  });
}

function sendsByItself({ target }: Pick<ConfiguredTarget, 'target'>): boolean {
  return target.rules.patterns !== undefined;
}

const SENDS_FOR_IT: Refusal = refused(
  'unknown_target',
  'target',
  'this target is not of adapter workflow: it sends by itself, so ask for a probe',
);

/** `GET /targets/:target/observed-texts`: what an operator is to confirm. */
export function registerObservedTextsRoute(app: FastifyInstance, { targets }: Pick<Directory, 'targets'>): void {
  app.route<{ Params: { readonly target: string } }>({
    method: 'GET',
    url: OBSERVATION_ROUTES.texts,
    exposeHeadRoute: false,
    schema: OBSERVED_TEXTS_SCHEMA,
    validatorCompiler: () => () => true,
    serializerCompiler: () => asciiJson,
    handler(request, reply) {
      const configured = targets.get(request.params.target);
      if (configured === undefined)
        return sendProblem(reply, { code: 'unknown_target', detail: 'no target of this name is configured', field: 'target' });
      if (!sendsByItself(configured)) return sendProblem(reply, SENDS_FOR_IT.problem);
      const { observedTexts } = configured.service;
      const { patterns } = configured.target.rules;
      const texts = observedTexts.list().map(({ firstSeenMs, lastSeenMs, ...text }) => {
        return { ...text, firstSeenMs: Math.round(firstSeenMs), lastSeenMs: Math.round(lastSeenMs) };
      });
      const confirmed = Object.fromEntries(PATTERN_NAMES.map((name) => [name, (patterns?.[name] ?? []).length > 0]));
      reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
      return reply.send(asciiJson({ target: request.params.target, confirmed, texts, forgotten: observedTexts.forgotten }));
    },
  });
}
