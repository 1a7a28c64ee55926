import { Type } from 'typebox';
import type { Bounds } from '../config/config.ts';
import { INTERACTION_ID_PATTERN, INTERACTION_ID_RULE } from '../probe/probe-order.ts';
import { VERDICTS } from '../probe/verdict.ts';
import type { ProbeAnswer } from './probe-answer.ts';
import { probeFields } from './probe-input.ts';
import { COMMON_PROBLEMS, problemResponse, SECURITY } from './problems.ts';
import { REQUEST_ID_PATTERN } from './request-head.ts';

const EXAMPLE: ProbeAnswer = {
  interactionId: '02JH8H2FE3Q3T00E',
  verdict: 'stop',
  evidence: 'dead',
  reason: 'session_not_found',
  degraded: false,
  attempts: 3,
  faultCode: '100',
  faultString: 'interaction with specified id was not found',
  chatServer: 'ChatServer_1',
  target: 'default',
  policy: 'inline',
  servedBy: 'probe',
  guarded: false,
  shadowVerdict: null,
  simulated: false,
  recheckAfterMs: null,
  elapsedMs: 6012,
  probeId: '3f1c2f0e-6d0a-4a53-9a43-1d5a2f6f6f0b',
};

/** What the document says of the probe route. The parameters are told, not enforced: see `readProbeRequest`. */
export function probeRouteSchema(bounds: Bounds) {
  const { inJson, inText } = probeFields(bounds);
  return {
    operationId: 'probe',
    tags: ['probe'],
    summary: 'Is this chat still alive?',
    description:
      'Sends a hidden message to the chat and answers `route` or `stop`. Input comes as JSON, as a form or in the query (the body wins); all of it is optional. Under the types of JSON and forms, `text/plain` and no type at all a body is read by what it is: JSON if it begins with `{`, else a form. Names match without regard to case. Empty strings and the words `undefined` and `null` count as not given; other fields are ignored. A field that would be lost, such as `userData` in a form or `target[]`, is refused. Anything but a 200 with `"verdict":"stop"` means route. `Accept: text/plain` answers just `route` or `stop`.',
    security: SECURITY,
    params: Type.Object({
      id: Type.String({
        pattern: INTERACTION_ID_PATTERN,
        description: `Interaction id: ${INTERACTION_ID_RULE}; an empty variable turns into one of these. Case matters.`,
        examples: ['0006Ka9HFHRR0T2B'],
      }),
    }),
    headers: Type.Object({
      'x-request-id': Type.Optional(
        Type.String({
          pattern: REQUEST_ID_PATTERN,
          description:
            'Names the request in the log and comes back in the answer. One with other characters is replaced, as if none had been sent.',
          examples: ['ors-4711'],
        }),
      ),
    }),
    querystring: Type.Object(inText),
    body: {
      description: 'Optional; may be empty.',
      content: {
        'application/json': {
          schema: Type.Object(inJson, {
            examples: [{ chatServerAppName: 'ChatServer_1', isOnline: '1', userData: { ServiceType: 'default' } }],
          }),
        },
        'application/x-www-form-urlencoded': { schema: Type.Object(inText) },
      },
    },
    response: {
      ...COMMON_PROBLEMS,
      200: {
        description: 'The verdict.',
        content: {
          'application/json': { schema: { $ref: 'ProbeAnswer#' }, example: EXAMPLE },
          'text/plain': { schema: Type.Enum([...VERDICTS], { type: 'string' }), example: 'stop' },
        },
      },
      400: problemResponse('`invalid_url`, `invalid_id`, `invalid_body` or `invalid_field`.'),
      404: problemResponse('`unknown_target`.'),
      413: problemResponse('`too_large`: body over 64 KiB, user data over 16 KiB, or more than 1,000 fields.'),
      422: problemResponse('`unknown_policy`, `invalid_name`, or `out_of_bounds`, naming field and bound.'),
    },
  };
}
