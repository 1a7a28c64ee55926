import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isInteractionId } from '../../probe/probe-order.ts';
import { mustBeOwn, mustNotBeForeign } from '../cross-site.ts';
import { parseForm, type Query } from '../form.ts';
import { release } from '../guard-route.ts';
import { DEFAULT_TARGET } from '../probe-lookup.ts';
import { type Checked, PROBLEMS, type Problem, passed } from '../problems.ts';
import type { Body } from '../request-body.ts';
import { onBrowserGone } from './browser-gone.ts';
import { askByForm, type FormProbeParts, textOf } from './form-probe.ts';
import { minuteOfDay } from './moments.ts';
import { registerAssets } from './status-assets.ts';
import { type StatusSources, statusData } from './status-data.ts';
import { type Asked, statusPage } from './status-page.ts';
import { createStatusStreams, type StreamParts } from './status-stream.ts';

/** What the page `/status` is made from. */
export interface StatusRouteParts extends StatusSources, FormProbeParts, Pick<StreamParts, 'clock' | 'random' | 'maxStreams'> {}

interface Shape {
  readonly Querystring: Query;
  readonly Body: Body | null | undefined;
}

const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const SEE_OTHER = 303;
const NO_CONTENT = 204;
/** No document of an API, since people read it; nor is any rate made of it, so that its exchanges need not be counted from zero. */
const FOR_PEOPLE = { hide: true, response: {} };
const AS_IT_IS = { validatorCompiler: () => () => true, serializerCompiler: () => String, exposeHeadRoute: false };

/** `/status`, the page, with what it loads, its stream and its forms. For operators. */
export function registerStatusRoutes(app: FastifyInstance, parts: StatusRouteParts): void {
  const assets = registerAssets(app);
  const streams = createStatusStreams({
    ...parts,
    data: (target) => statusData(parts, target),
    isLeaving: parts.operations.isDraining,
  });
  app.addHook('preClose', async () => streams.close());
  const show = async (reply: FastifyReply, code: number, target: string | null, asked: Asked): Promise<FastifyReply> => {
    const page = statusPage(await statusData(parts, target), asked, assets);
    return asPage(reply).code(code).send(page.text);
  };
  const showProblem = (reply: FastifyReply, problem: Problem): Promise<FastifyReply> => {
    const field = problem.field === null ? '' : `${problem.field}: `;
    const notice = { isGood: false, text: `Not done. ${field}${problem.detail}.` };
    return show(reply, PROBLEMS[problem.code].status, null, { id: null, found: null, notice });
  };

  app.route<Shape>({
    ...AS_IT_IS,
    method: 'GET',
    url: '/status',
    schema: FOR_PEOPLE,
    async handler(request, reply) {
      const target = shownTarget(request, parts);
      const asked = await lookUp(request, parts);
      return show(reply, asked.id !== null && asked.found === null ? PROBLEMS.invalid_id.status : 200, target, asked);
    },
  });
  app.route<Shape>({
    ...AS_IT_IS,
    method: 'GET',
    url: '/status/events',
    preHandler: mustNotBeForeign,
    schema: FOR_PEOPLE,
    handler: (request, reply) => openStream(request, reply, () => streams.open(reply.raw, shownTarget(request, parts))),
  });
  app.route<Shape>({
    ...AS_IT_IS,
    method: 'POST',
    url: '/status/guard',
    preHandler: mustBeOwn,
    schema: FOR_PEOPLE,
    async handler({ query, body }, reply) {
      const released = releaseByForm(parts.targets, query, body ?? null);
      return released.ok ? backTo(reply, { released: released.value }, 'guard') : showProblem(reply, released.problem);
    },
  });
  app.route<Shape>({
    ...AS_IT_IS,
    method: 'POST',
    url: '/status/probe',
    preHandler: mustBeOwn,
    schema: FOR_PEOPLE,
    async handler(request, reply) {
      const asked = await askByForm(parts, request, reply);
      return asked.ok ? backTo(reply, { id: asked.value }, 'look-up') : showProblem(reply, asked.problem);
    },
  });
}

/** @returns the target whose guard is released. */
function releaseByForm(targets: StatusSources['targets'], query: Query, body: Body | null): Checked<string> {
  const named = textOf(body, 'target');
  if (!named.ok) return named;
  const target = named.value ?? DEFAULT_TARGET;
  const released = release(targets, target, query, body);
  return released.ok ? passed(target) : released;
}

/** Another site must neither frame it nor learn where somebody came from; nobody keeps it. */
function asPage(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', CONTENT_POLICY)
    .header('referrer-policy', 'same-origin')
    .header('x-frame-options', 'DENY')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8');
}

/** So that to load the page again does nothing again. */
function backTo(reply: FastifyReply, query: Readonly<Record<string, string>>, place: string): FastifyReply {
  const location = `/status?${new URLSearchParams(query).toString()}#${place}`;
  return reply.code(SEE_OTHER).header('location', location).header('cache-control', 'no-store').send();
}

/** Null, for all of them, where none of the configured ones is named. */
function shownTarget({ query }: FastifyRequest<Shape>, { targets }: StatusSources): string | null {
  const [name = ''] = parseForm(query.text)['target'] ?? [];
  return targets.has(name) ? name : null;
}

async function lookUp({ query }: FastifyRequest<Shape>, { evidence, targets, history, nowMs }: StatusSources): Promise<Asked> {
  const { id: ids = [], released: [released = ''] = [] } = parseForm(query.text);
  const id = ids[0]?.trim() ?? '';
  const since = history.outages(released).find(({ kind, endedAtMs }) => kind === 'release' && endedAtMs === null)?.startedAtMs ?? nowMs();
  const notice = targets.has(released)
    ? { isGood: true, text: `The guard of ${released} is released since ${minuteOfDay(since)} UTC: its stops pass.` }
    : null;
  if (id === '') return { id: null, found: null, notice };
  return { id, found: isInteractionId(id) ? await evidence.ofInteraction(id) : null, notice };
}

/** 204 tells a browser that there is nothing more to come: it does not try again by itself. */
function openStream(request: FastifyRequest<Shape>, reply: FastifyReply, open: () => boolean): FastifyReply {
  const { raw } = reply;
  raw.setHeader('x-request-id', request.id);
  raw.setHeader('x-content-type-options', 'nosniff');
  raw.setHeader('cache-control', 'no-store');
  // Nginx would gather it up; and once it ends, the connection is of no further use.
  raw.setHeader('x-accel-buffering', 'no');
  raw.setHeader('connection', 'close');
  raw.setHeader('content-type', 'text/event-stream; charset=utf-8');
  raw.statusCode = 200;
  if (open()) {
    onBrowserGone(reply, () => void raw.destroy());
    return reply.hijack();
  }
  raw.removeHeader('content-type');
  return reply.code(NO_CONTENT).send();
}
