import { Type } from 'typebox';
import type { Bounds } from '../config/config.ts';
import { OUTCOMES } from '../probe/observation.ts';
import { REASON_NAMES } from '../probe/reasons.ts';
import { VERDICTS } from '../probe/verdict.ts';
import { OBSERVATION_FIELDS, TEXTS } from './observation-input.ts';
import { ProbeAnswer } from './probe-answer.ts';
import { probeFields } from './probe-input.ts';
import { probeRouteSchema } from './probe-route-schema.ts';
import { LOGIN_PROBLEMS, problemResponse, SECURITY } from './problems.ts';

export const ObservationAnswer = Type.Object(
  {
    ...ProbeAnswer.properties,
    askAgainAfterMs: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description:
        'Milliseconds after which to send once more, and tell of it, before the verdict is taken; null where nothing is to be gained by it. The verdict is `route` then, so that a caller who ignores it is safe.',
    }),
  },
  {
    $id: 'ObservationAnswer',
    title: 'ObservationAnswer',
    description: "A probe's answer, and whether the workflow should send once more.",
  },
);

/** What the document says of the route for observations. The parameters are told, not enforced: see `readObservationRequest`. */
export function observationRouteSchema(bounds: Bounds) {
  const { inJson, inText } = probeFields(bounds);
  const own = Object.fromEntries(Object.entries(OBSERVATION_FIELDS).map(([name, field]) => [name, Type.Optional(field)]));
  const asText = Object.fromEntries(
    TEXTS.map((name) => [name, Type.Optional(Type.String({ description: OBSERVATION_FIELDS[name].description }))]),
  );
  const probe = probeRouteSchema(bounds);
  return {
    operationId: 'observe',
    tags: ['observations'],
    summary: 'What came of a message that the workflow has sent by itself?',
    description:
      'For targets of adapter `workflow`: the workflow sends the hidden message with a block of its own and tells what came of it; the service judges as if it had sent it. Input as for a probe, whose fields it has too. Where `askAgainAfterMs` is a number the workflow waits, sends once more and tells with the next `attempt`. Anything but a 200 with `"verdict":"stop"` means route.',
    security: SECURITY,
    params: probe.params,
    headers: probe.headers,
    querystring: Type.Object({ ...inText, ...own, ...asText }),
    body: {
      description: 'Optional; may be empty.',
      content: {
        'application/json': {
          schema: Type.Object(
            { ...inJson, ...own },
            {
              examples: [
                { outcome: 'error', error: 'error.externalservice', description: 'Not found by name', chatServerAppName: 'ChatServer_1' },
              ],
            },
          ),
        },
        'application/x-www-form-urlencoded': { schema: Type.Object({ ...inText, ...own, ...asText }) },
      },
    },
    response: {
      ...probe.response,
      200: {
        description: 'The verdict.',
        content: {
          'application/json': {
            schema: { $ref: 'ObservationAnswer#' },
            example: {
              ...probe.response[200].content['application/json'].example,
              ...{ verdict: 'route', degraded: true, attempts: 1, servedBy: 'observation', elapsedMs: 0, askAgainAfterMs: 3_000 },
            },
          },
          'text/plain': { schema: Type.Enum([...VERDICTS], { type: 'string' }), example: 'route' },
        },
      },
      404: problemResponse('`unknown_target`, also of a target that is not of adapter `workflow`.'),
    },
  };
}

const whole = (description: string) => Type.Integer({ minimum: 0, description });

const ObservedTextsAnswer = Type.Object({
  target: Type.String({ description: 'The target that was named.', examples: ['default'] }),
  confirmed: Type.Object(
    {
      sessionNotFound: Type.Boolean({ description: 'Whether `patterns.sessionNotFound` is set.' }),
      chatServerNotFound: Type.Boolean({ description: 'Whether `patterns.chatServerNotFound` is set.' }),
      delivered: Type.Boolean({ description: 'Whether `patterns.delivered` is set.' }),
    },
    { description: 'What the site has confirmed. Nothing else is ever found out.' },
  ),
  texts: Type.Array(
    Type.Object({
      text: Type.String({
        description: 'Masked: `#` stands for digits, ids, addresses and what is in quotes. Can be used as a pattern as it is.',
      }),
      outcome: Type.Enum([...OUTCOMES], { type: 'string', description: 'The port that it came by.' }),
      reason: Type.Enum([...REASON_NAMES], { type: 'string', description: 'What an outcome with it was taken for last.' }),
      count: whole('How often it was seen.'),
      firstSeenMs: whole('Milliseconds since it was seen for the first time.'),
      lastSeenMs: whole('Milliseconds since it was seen last.'),
    }),
    { description: 'At most 100, the one that was seen last first.' },
  ),
  forgotten: whole('Texts that had to make room for others since the start.'),
});

/** What the document says of the route for the texts of an engine. */
export const OBSERVED_TEXTS_SCHEMA = {
  operationId: 'observedTexts',
  tags: ['observations'],
  summary: 'What has the workflow engine said?',
  description:
    'Each distinct text that workflows told of since the start, masked, for whoever is to confirm what it means (`patterns` of a target of adapter `workflow`).',
  security: SECURITY,
  params: Type.Object({ target: Type.String({ description: 'Name of a configured target.', examples: ['default'] }) }),
  response: {
    ...LOGIN_PROBLEMS,
    200: { description: 'The texts.', content: { 'application/json': { schema: ObservedTextsAnswer } } },
    404: problemResponse('`unknown_target`, also of a target that is not of adapter `workflow`.'),
  },
};
