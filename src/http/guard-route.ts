import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { GUARD_STATES } from '../resilience/events.ts';
import { type Query, readQuery } from './form.ts';
import { wholeNumber } from './probe-input.ts';
import type { Directory, TargetService } from './probe-lookup.ts';
import { type Checked, COMMON_PROBLEMS, passed, problemResponse, refused, SECURITY, sendProblem } from './problems.ts';
import type { Body } from './request-body.ts';
import { knownFields, namesOf, readFields } from './request-fields.ts';

/** How long stops pass unless told otherwise. */
export const RELEASE_MINUTES = 10;
export const MIN_RELEASE_MINUTES = 1;
/** A day: whoever wants to do without the guard for longer configures it so. */
export const MAX_RELEASE_MINUTES = 1_440;

const FIELDS = {
  minutes: Type.Optional(
    Type.Integer({
      minimum: MIN_RELEASE_MINUTES,
      maximum: MAX_RELEASE_MINUTES,
      default: RELEASE_MINUTES,
      description: 'How long stops pass.',
      examples: [30],
    }),
  ),
};

const MINUTE_MS = 60_000;

const KNOWN = knownFields(namesOf(FIELDS), { nested: null, ofMany: null });

const Released = Type.Object(
  {
    target: Type.String({ description: 'The target that was named.', examples: ['default'] }),
    guard: Type.Enum([...GUARD_STATES], { type: 'string', description: 'How its guard stands now.', examples: ['released'] }),
    releasedForMs: Type.Integer({ minimum: 0, description: 'Milliseconds until it watches again.', examples: [600_000] }),
  },
  { description: 'Stops pass.' },
);

/** What the document says of the route. The parameters are told, not enforced; `minutesOf` checks, and names what it refuses. */
const guardRouteSchema = {
  operationId: 'releaseGuard',
  tags: ['guard'],
  summary: 'Let stops pass although there are many.',
  description:
    'Stops that the guard of the target withholds, because there are too many of them or no message was delivered yet, are answered again for so many minutes; then it watches on. For an operator who has seen that the chats are really dead. Asked again, it starts anew. Input as for a probe: JSON, a form or the query.',
  security: SECURITY,
  params: Type.Object({ target: Type.String({ description: 'Name of a configured target.', examples: ['default'] }) }),
  querystring: Type.Object(FIELDS),
  body: {
    description: 'Optional; may be empty.',
    content: {
      'application/json': { schema: Type.Object(FIELDS, { examples: [{ minutes: 30 }] }) },
      'application/x-www-form-urlencoded': { schema: Type.Object(FIELDS) },
    },
  },
  response: {
    ...COMMON_PROBLEMS,
    200: { description: 'Stops pass.', content: { 'application/json': { schema: Released } } },
    400: problemResponse('`invalid_url`, `invalid_body` or `invalid_field`.'),
    404: problemResponse('`unknown_target`.'),
    413: problemResponse('`too_large`: body over 64 KiB, or more than 1,000 fields.'),
    422: problemResponse('`out_of_bounds`, naming field and bound.'),
  },
};

interface Shape {
  readonly Params: { readonly target: string };
  readonly Querystring: Query;
  readonly Body: Body | null | undefined;
}

/** `POST /targets/:target/guard/release`: an operator who knows that the stops are right lets them pass for a while. */
export function registerGuardRoute(app: FastifyInstance, { targets }: Pick<Directory, 'targets'>): void {
  app.route<Shape>({
    method: 'POST',
    url: '/targets/:target/guard/release',
    schema: guardRouteSchema,
    validatorCompiler: () => () => true,
    handler: async (request, reply) => releaseGuard(targets, request, reply),
  });
}

function releaseGuard(targets: Directory['targets'], request: FastifyRequest<Shape>, reply: FastifyReply): FastifyReply {
  const { target } = request.params;
  const released = release(targets, target, request.query, request.body ?? null);
  if (!released.ok) return sendProblem(reply, released.problem);
  const { state, releasedForMs } = released.value;
  return reply.header('cache-control', 'no-store').send({ target, guard: state, releasedForMs: Math.round(releasedForMs) });
}

/** Lets stops of the target pass, for as long as query or body say. */
export function release(
  targets: Directory['targets'],
  target: string,
  query: Query,
  body: Body | null,
): Checked<ReturnType<TargetService['release']>> {
  const minutes = minutesOf(query, body);
  if (!minutes.ok) return minutes;
  const configured = targets.get(target);
  if (configured === undefined) return refused('unknown_target', 'target', 'no target of this name is configured');
  return passed(configured.service.release(minutes.value * MINUTE_MS));
}

function minutesOf(asked: Query, body: Body | null): Checked<number> {
  const query = readQuery(asked);
  if (!query.ok) return query;
  const given = readFields(KNOWN, query.value, body);
  if (!given.ok) return given;
  const { minutes } = given.value;
  if (minutes === undefined) return passed(RELEASE_MINUTES);
  if (!isNumber(minutes)) return refused('invalid_field', 'minutes', 'must be a number');
  const whole = wholeNumber(minutes);
  if (whole >= MIN_RELEASE_MINUTES && whole <= MAX_RELEASE_MINUTES) return passed(whole);
  return refused('out_of_bounds', 'minutes', `must be a whole number from ${MIN_RELEASE_MINUTES} to ${MAX_RELEASE_MINUTES}`);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)));
}
