import type { FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import Type from 'typebox';

/** What a route of the control face is and takes. */
export interface RouteFacts {
  readonly id: string;
  readonly tag: 'sessions' | 'servers' | 'surroundings' | 'time';
  readonly summary: string;
  readonly description?: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** What it answers when all is well. */
  readonly answer: TSchema;
  /** Status of that; 200 unless given. */
  readonly status?: 200 | 201;
  /** Refusals beside those of every body and query, with what they mean here. */
  readonly refusals?: Readonly<Record<number, string>>;
}

const BAD_INPUT = { 400: 'A field is missing, unknown or has a bad value, or what came cannot be read.' };
const BAD_BODY = { 413: 'The body is too large.', 415: 'The body is no JSON.' };

/** The schema of a route, with every refusal it can have. */
export function routeSchema(facts: RouteFacts): FastifySchema {
  const { id, tag, summary, description, params, query, body, answer, status = 200, refusals = {} } = facts;
  const bad = query === undefined && body === undefined ? {} : BAD_INPUT;
  const refused = Object.entries({ ...bad, ...(body === undefined ? {} : BAD_BODY), ...refusals }).map(([code, meaning]) => [
    code,
    answered(Type.Ref('Refusal'), meaning),
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
    response: { [status]: answered(answer, 'So it is now.'), ...Object.fromEntries(refused) },
  };
}

function answered(schema: TSchema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}
