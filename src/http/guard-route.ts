import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GuardControl } from '../resilience/probe-service.ts';
import { guardRouteSchema, MAX_RELEASE_MINUTES, MIN_RELEASE_MINUTES, RELEASE_MINUTES } from './guard-route-schema.ts';
import type { Checked } from './problems.ts';
import { passed, refused, sendProblem } from './problems.ts';
import { type Body, knownFields, readFields } from './request-fields.ts';
import { wholeNumber } from './whole-number.ts';

const FIELDS = knownFields(['minutes']);

interface Shape {
  readonly Params: { readonly target: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
  readonly Body: Body | null | undefined;
}

/** `POST /targets/:target/guard/release`: an operator who knows that the stops are right lets them pass for a while. */
export function registerGuardRoute(app: FastifyInstance, guards: GuardControl): void {
  app.route<Shape>({
    method: 'POST',
    url: '/targets/:target/guard/release',
    schema: guardRouteSchema,
    // The schema documents; `minutesOf` checks, and names what it refuses.
    validatorCompiler: () => () => true,
    handler: async (request, reply) => releaseGuard(guards, request, reply),
  });
}

function releaseGuard(guards: GuardControl, request: FastifyRequest<Shape>, reply: FastifyReply): FastifyReply {
  const minutes = minutesOf(request.query, request.body ?? null);
  if (!minutes.ok) return sendProblem(reply, minutes.problem);
  const { target } = request.params;
  const released = guards.release(target, minutes.value);
  if (released === null)
    return sendProblem(reply, { code: 'unknown_target', detail: 'no target of this name is configured', field: 'target' });
  return reply
    .header('cache-control', 'no-store')
    .send({ target, guard: released.state, releasedForMs: Math.round(released.releasedForMs) });
}

function minutesOf(query: object, body: Body | null): Checked<number> {
  const given = readFields(FIELDS, query, body);
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
