import type { FastifyInstance, FastifyReply } from 'fastify';
import type { EvidenceQueries } from '../evidence/fleet-evidence.ts';
import { INTERACTION_ID_RULE, isInteractionId } from '../probe/probe-order.ts';
import type { Coverage } from '../resilience/events.ts';
import { cursorOf, readPage, readTruth } from './evidence-input.ts';
import { EVIDENCE_ROUTES } from './evidence-schema.ts';
import type { Query } from './form.ts';
import type { Directory } from './probe-lookup.ts';
import { asciiJson, sendProblem } from './problems.ts';
import type { Body } from './request-body.ts';

/** What the routes for evidence work with. */
export interface EvidenceRouteParts extends Pick<Directory, 'targets'> {
  readonly evidence: EvidenceQueries;
  /** Names those who can read each other's cursors: this run of the service, or all that share evidence. */
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
  const isTarget = async (target: string): Promise<boolean> =>
    targets.has(target) || (await evidence.list({ ...anyOf, target }, null, 1)).found.records.length > 0;
  app.route<{ Querystring: Query }>({
    ...READ,
    url: '/probes',
    schema: EVIDENCE_ROUTES.list,
    async handler(request, reply) {
      const page = readPage(request.query, epoch);
      if (!page.ok) return sendProblem(reply, page.problem);
      const { filter, before, limit } = page.value;
      if (filter.target !== null && !(await isTarget(filter.target))) return sendProblem(reply, UNKNOWN_TARGET);
      const { coverage, found } = await evidence.list(filter, before, limit);
      return send(reply, { probes: found.records, cursor: found.next === null ? null : cursorOf(found.next, epoch), coverage });
    },
  });
  app.route<{ Params: { readonly id: string } }>({
    ...READ,
    url: '/interactions/:id/probes',
    schema: EVIDENCE_ROUTES.ofInteraction,
    async handler(request, reply) {
      const { id } = request.params;
      if (!isInteractionId(id)) return sendProblem(reply, { code: 'invalid_id', detail: `must be ${INTERACTION_ID_RULE}`, field: 'id' });
      const { coverage, found } = await evidence.ofInteraction(id);
      return send(reply, { interactionId: id, probes: found, coverage });
    },
  });
  app.route<OfProbe>({
    ...READ,
    url: '/probes/:probeId',
    schema: EVIDENCE_ROUTES.find,
    async handler(request, reply) {
      const { coverage, found } = await evidence.find(request.params.probeId);
      return found === null ? sendUnknown(reply, coverage) : send(reply, { ...found, coverage });
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
    async handler(request, reply) {
      const truth = readTruth(request.query, request.body ?? null);
      if (!truth.ok) return sendProblem(reply, truth.problem);
      const { coverage, found } = await evidence.judge(request.params.probeId, truth.value);
      if (found === null) return sendUnknown(reply, coverage);
      const { probeId, interactionId, answered } = found.record;
      return send(reply, { probeId, interactionId, verdict: answered, truth: truth.value, changed: found.changed, coverage });
    },
  });
}

/** The schema documents; what is asked for is checked with mercy, and what is answered is written as it is. */
const AS_TOLD = { validatorCompiler: () => () => true, serializerCompiler: () => asciiJson };
const READ = { ...AS_TOLD, method: 'GET', exposeHeadRoute: false } as const;

function send(reply: FastifyReply, answer: object): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(asciiJson(answer));
}

const UNKNOWN_TARGET = { code: 'invalid_field', field: 'target', detail: 'no target of this name is configured' } as const;

const NOT_KEPT = {
  fleet: 'no probe of this id is kept, or not any more',
  instance: 'no probe of this id is kept by this instance, or not any more; others were not asked',
} as const satisfies Record<Coverage, string>;

function sendUnknown(reply: FastifyReply, coverage: Coverage): FastifyReply {
  return sendProblem(reply, { code: 'unknown_probe', detail: NOT_KEPT[coverage], field: 'probeId' });
}
