import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Evidence } from '../evidence/evidence.ts';
import { INTERACTION_ID_RULE, isInteractionId } from '../probe/probe-order.ts';
import { cursorOf, readPage, readTruth } from './evidence-input.ts';
import { EVIDENCE_ROUTES } from './evidence-schema.ts';
import type { Query } from './form.ts';
import type { Directory } from './probe-lookup.ts';
import { asciiJson, sendProblem } from './problems.ts';
import type { Body } from './request-body.ts';

/** What the routes for evidence work with. */
export interface EvidenceRouteParts extends Pick<Directory, 'targets'> {
  readonly evidence: Omit<Evidence, 'observe' | 'forget'>;
  /** Names this run of the service, for cursors. */
  readonly epoch: string;
}

interface OfProbe {
  readonly Params: { readonly probeId: string };
  readonly Querystring: Query;
  readonly Body: Body | null | undefined;
}

/** For whoever asks why a chat was stopped, on behalf of an operator. */
export function registerEvidenceRoutes(app: FastifyInstance, { targets, evidence, epoch }: EvidenceRouteParts): void {
  const anyOf = { verdict: null, reason: null, chatServer: null, sinceMs: null };
  /** One that was taken away is asked for as long as something is kept of it. */
  const isTarget = (target: string): boolean => targets.has(target) || evidence.list({ ...anyOf, target }, null, 1).records.length > 0;
  app.route<{ Querystring: Query }>({
    ...READ,
    url: '/probes',
    schema: EVIDENCE_ROUTES.list,
    handler(request, reply) {
      const page = readPage(request.query, isTarget, epoch);
      if (!page.ok) return sendProblem(reply, page.problem);
      const { filter, before, limit } = page.value;
      const { records, next } = evidence.list(filter, before, limit);
      return send(reply, { probes: records, cursor: next === null ? null : cursorOf(next, epoch) });
    },
  });
  app.route<{ Params: { readonly id: string } }>({
    ...READ,
    url: '/interactions/:id/probes',
    schema: EVIDENCE_ROUTES.ofInteraction,
    handler(request, reply) {
      const { id } = request.params;
      if (!isInteractionId(id)) return sendProblem(reply, { code: 'invalid_id', detail: `must be ${INTERACTION_ID_RULE}`, field: 'id' });
      return send(reply, { interactionId: id, probes: evidence.ofInteraction(id) });
    },
  });
  app.route<OfProbe>({
    ...READ,
    url: '/probes/:probeId',
    schema: EVIDENCE_ROUTES.find,
    handler(request, reply) {
      const record = evidence.find(request.params.probeId);
      return record === null ? sendUnknown(reply) : send(reply, record);
    },
  });
}

/** `POST /probes/:probeId/feedback`. Apart from the others: it is called by desktops and workflows, not by operators. */
export function registerFeedbackRoute(app: FastifyInstance, { evidence }: Pick<EvidenceRouteParts, 'evidence'>): void {
  app.route<OfProbe>({
    ...AS_TOLD,
    method: 'POST',
    url: '/probes/:probeId/feedback',
    schema: EVIDENCE_ROUTES.feedback,
    handler(request, reply) {
      const truth = readTruth(request.query, request.body ?? null);
      if (!truth.ok) return sendProblem(reply, truth.problem);
      const feedback = evidence.judge(request.params.probeId, truth.value);
      if (feedback === null) return sendUnknown(reply);
      const { probeId, interactionId, answered } = feedback.record;
      return send(reply, { probeId, interactionId, verdict: answered, truth: truth.value, changed: feedback.changed });
    },
  });
}

/** The schema documents; what is asked for is checked with mercy, and what is answered is written as it is. */
const AS_TOLD = { validatorCompiler: () => () => true, serializerCompiler: () => asciiJson };
const READ = { ...AS_TOLD, method: 'GET', exposeHeadRoute: false } as const;

function send(reply: FastifyReply, answer: object): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(asciiJson(answer));
}

function sendUnknown(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, { code: 'unknown_probe', detail: 'no probe of this id is kept here, or not any more', field: 'probeId' });
}
