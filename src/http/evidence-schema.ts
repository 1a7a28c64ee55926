import { Type } from 'typebox';
import { INTERACTION_ID_PATTERN } from '../probe/probe-order.ts';
import { EVIDENCE, REASON_NAMES } from '../probe/reasons.ts';
import { SERVED_BY, VERDICTS } from '../probe/verdict.ts';
import { CONTROL_STATES, COVERAGES, GUARD_STATES, SERVER_STATES, TRUTHS, WITHHOLDINGS } from '../resilience/events.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from './evidence-input.ts';
import { COMMON_PROBLEMS, LOGIN_PROBLEMS, problemResponse, SECURITY } from './problems.ts';

const word = (words: readonly string[], description: string) => Type.Enum([...words], { type: 'string', description });
const wordOrNull = (words: readonly string[], description: string) =>
  Type.Union([Type.Enum([...words], { type: 'string' }), Type.Null()], { description });
const textOrNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const numberOrNull = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description });
const text = (description: string) => Type.String({ description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });
const flag = (description: string) => Type.Boolean({ description });

const KeptAttempt = Type.Object({
  n: whole('1 for the first attempt.'),
  startedMs: whole('Milliseconds from the start of the probe.'),
  durationMs: whole('Milliseconds until it was answered, failed or was cut.'),
  reason: word(REASON_NAMES, 'What it came to.'),
  faultCode: textOrNull('`FaultCode` of the answer.'),
  faultString: textOrNull('`FaultString` of the answer.'),
  errorCode: numberOrNull('`errorCode` of an `EventError`.'),
  errorMessage: textOrNull('`errorMessage` of an `EventError`, or its `errorDescription`.'),
  written: flag('Whether a byte of the message left the service.'),
  detail: textOrNull('What exactly failed on the way.'),
});

const controlState = wordOrNull(CONTROL_STATES, 'What it was answered last.');

const StateAtAnswer = Type.Object(
  {
    chatServer: word(SERVER_STATES, 'The Chat Server that was named.'),
    chatServersDown: whole('Chat Servers that were down or just coming back.'),
    gatewayOpen: flag('Whether the gateway was left alone.'),
    guard: word(GUARD_STATES, 'The guard.'),
    controls: Type.Object({ absent: controlState, live: controlState }, { description: 'The control probes.' }),
  },
  { description: 'How the target stood when it answered.' },
);

export const ProbeRecord = Type.Object(
  {
    probeId: text('As the answer had it.'),
    requestId: text('The `x-request-id` of the first request that was answered `stop`, else of the first that was answered.'),
    traceId: textOrNull('The trace that request was part of.'),
    caller: textOrNull('Who asked, by the name of the configuration; `anonymous` where nobody is asked for.'),
    interactionId: text('The chat.'),
    target: text('Configured target that was asked.'),
    policy: text('Retry policy that was used.'),
    chatServer: textOrNull('Chat Server that was asked; null if it was chosen by type.'),
    answeredAt: Type.String({ format: 'date-time', description: 'When it was answered.' }),
    replica: text('The instance that answered: `server.replica`, else the name of its host.'),
    configuration: text('Names the configuration in force; the same for the same settings, secrets apart.'),
    answered: word(VERDICTS, 'What the caller was told.'),
    verdict: word(VERDICTS, 'What the probe concluded.'),
    evidence: word(EVIDENCE, 'What is known of the chat.'),
    reason: word(REASON_NAMES, 'Why, from a closed list.'),
    degraded: flag('True if the answer does not rest on proof.'),
    guarded: flag('True if a stop was withheld, shadow mode apart.'),
    cause: wordOrNull(WITHHOLDINGS, 'What kept a stop from the caller.'),
    shadowVerdict: wordOrNull(VERDICTS, 'The verdict, where it is not enforced.'),
    simulated: flag('True if the verdict is made up.'),
    servedBy: word(SERVED_BY, 'Whose messages it rests on.'),
    faultCode: textOrNull('`FaultCode` of the attempt that decided.'),
    faultString: textOrNull('`FaultString` of the attempt that decided.'),
    recheckAfterMs: numberOrNull('When asking again may bring another answer.'),
    elapsedMs: whole('Milliseconds until the answer.'),
    explanation: text('What was answered and why, in words, for people. It may change.'),
    attempts: Type.Array(KeptAttempt, { description: 'Every attempt in order.' }),
    state: StateAtAnswer,
    requests: whole('How many requests the probe answered.'),
    truth: wordOrNull(TRUTHS, 'What the chat really was, by the last feedback; null without.'),
  },
  {
    $id: 'ProbeRecord',
    title: 'ProbeRecord',
    description: 'What is kept of an answered probe. Texts from outside are cut to 256 characters.',
  },
);

const COVERAGE = word(
  COVERAGES,
  '`fleet`: of all instances, as far as the store that they share has it. `instance`: of this one alone, since nothing is shared, or the store did not answer within a second.',
);

const ProbeList = Type.Object({
  probes: Type.Array({ $ref: 'ProbeRecord#' }, { description: 'The newest first.' }),
  cursor: textOrNull('For the next page; null if there is none. A page can have fewer probes than asked for, and still not be the last.'),
  coverage: COVERAGE,
});

const OfInteraction = Type.Object({
  interactionId: text('The id that was asked for.'),
  probes: Type.Array({ $ref: 'ProbeRecord#' }, { description: 'The newest first, at most 100; empty if none is kept.' }),
  coverage: COVERAGE,
});

const OneProbe = { allOf: [{ $ref: 'ProbeRecord#' }, Type.Object({ coverage: COVERAGE })] };

const Noted = Type.Object({
  probeId: text('The probe.'),
  interactionId: text('Its chat.'),
  verdict: word(VERDICTS, 'What its caller was told.'),
  truth: word(TRUTHS, 'What is noted now.'),
  changed: flag('False if just that was noted before.'),
  coverage: COVERAGE,
});

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } });
const OF_READS = { ...LOGIN_PROBLEMS, 505: COMMON_PROBLEMS[505] };
const UNKNOWN_PROBE = problemResponse('`unknown_probe`: it is not kept, or not any more.');
const EVERY = { tags: ['evidence'], security: SECURITY };
const TRUTH = { truth: Type.Optional(word(TRUTHS, 'Whether the customer was there.')) };
const probeParams = Type.Object({ probeId: text('As an answer or a line of the log has it.') });

/** What the document says of the routes. The parameters are told, not enforced: `evidence-input.ts` checks, and names what it refuses. */
export const EVIDENCE_ROUTES = {
  list: {
    ...EVERY,
    operationId: 'listProbes',
    summary: 'Which chats were stopped, and why?',
    description:
      'What is kept of answered probes, the newest first: by this instance, and where replicas share a store, by all of them for a day. Every filter is optional; all given ones must fit.',
    querystring: Type.Object({
      verdict: Type.Optional(word(VERDICTS, 'What the caller was told.')),
      reason: Type.Optional(word(REASON_NAMES, 'Why.')),
      target: Type.Optional(text('Name of a configured target.')),
      chatServer: Type.Optional(text('Chat Server that was named.')),
      since: Type.Optional(
        Type.String({ format: 'date-time', description: 'Not before this moment.', examples: ['2026-11-27T09:30:00Z'] }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Most on a page.' })),
      cursor: Type.Optional(
        text('That of the page before. It holds its place whatever comes and goes. Where nothing is shared it is refused after a restart.'),
      ),
    }),
    response: { ...OF_READS, 200: json('A page.', ProbeList), 400: problemResponse('`invalid_url` or `invalid_field`.') },
  },
  ofInteraction: {
    ...EVERY,
    operationId: 'probesOfInteraction',
    summary: 'What was answered about this chat, and why?',
    params: Type.Object({
      id: Type.String({ pattern: INTERACTION_ID_PATTERN, description: 'Interaction id.', examples: ['02JH8H2FE3Q3T00E'] }),
    }),
    response: { ...OF_READS, 200: json('Its probes.', OfInteraction), 400: problemResponse('`invalid_url` or `invalid_id`.') },
  },
  find: {
    ...EVERY,
    operationId: 'findProbe',
    summary: 'What was answered by this probe, and why?',
    params: probeParams,
    response: {
      ...OF_READS,
      200: json('The probe.', OneProbe),
      400: problemResponse('`invalid_url`.'),
      404: UNKNOWN_PROBE,
    },
  },
  feedback: {
    ...EVERY,
    operationId: 'giveFeedback',
    summary: 'Was the customer really gone?',
    description:
      'For a desktop or a workflow that learns what the chat really was. The last word is noted; `chatprobe_feedback_total` counts the first about each probe, once over all instances. Input as for a probe: JSON, a form or the query.',
    params: probeParams,
    querystring: Type.Object(TRUTH),
    body: {
      description: 'May be empty where the query says it.',
      content: {
        'application/json': { schema: Type.Object(TRUTH, { examples: [{ truth: 'dead' }] }) },
        'application/x-www-form-urlencoded': { schema: Type.Object(TRUTH) },
      },
    },
    response: {
      ...COMMON_PROBLEMS,
      200: json('It is noted.', Noted),
      400: problemResponse('`invalid_url`, `invalid_body` or `invalid_field`.'),
      404: UNKNOWN_PROBE,
      413: problemResponse('`too_large`: body over 64 KiB.'),
    },
  },
};
