import { Type } from 'typebox';
import { GUARD_STATES } from '../resilience/events.ts';
import { problemResponse } from './problem-schema.ts';

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

const Released = Type.Object(
  {
    target: Type.String({ description: 'The target that was named.', examples: ['default'] }),
    guard: Type.Enum([...GUARD_STATES], { type: 'string', description: 'How its guard stands now.', examples: ['released'] }),
    releasedForMs: Type.Integer({ minimum: 0, description: 'Milliseconds until it watches again.', examples: [600_000] }),
  },
  { description: 'Stops pass.' },
);

/** What the document says of the route. The parameters are told, not enforced: see `guard-route.ts`. */
export const guardRouteSchema = {
  operationId: 'releaseGuard',
  tags: ['guard'],
  summary: 'Let stops pass although there are many.',
  description:
    'Stops that the guard of the target withholds, because there are too many of them or no message was delivered yet, are answered again for so many minutes; then it watches on. For an operator who has seen that the chats are really dead. Asked again, it starts anew. Input as for a probe: JSON, a form or the query.',
  security: [{ bearer: [] }, {}],
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
    200: { description: 'Stops pass.', content: { 'application/json': { schema: Released } } },
    400: problemResponse('`invalid_url`, `invalid_body` or `invalid_field`.'),
    401: problemResponse('`unauthorized`: a bearer token is configured and was not shown.'),
    404: problemResponse('`unknown_target`.'),
    405: problemResponse('`method_not_allowed`.'),
    411: problemResponse('`length_required`: a body without `Content-Length` or chunks.'),
    413: problemResponse('`too_large`: body over 64 KiB.'),
    415: problemResponse('`unsupported_media_type`: neither a JSON object nor a form, compressed, or in an unknown character set.'),
    422: problemResponse('`out_of_bounds`, naming field and bound.'),
    429: problemResponse('`too_many_failed_logins`, with `Retry-After`. A valid token still passes.'),
    505: problemResponse('`unsupported_version`: neither HTTP/1.1 nor HTTP/1.0.'),
  },
};
