import { Type } from 'typebox';
import type { Bounds } from '../config/config.ts';
import { isObject, repeatedKeys } from '../json/json-object.ts';
import { type Observation, OUTCOMES } from '../probe/observation.ts';
import { MAX_FIELDS } from './form.ts';
import { type ProbeRequest, readProbeRequest, wholeNumber } from './probe-input.ts';
import { type Checked, passed, refused } from './problems.ts';
import { type Body, MAX_LEVELS } from './request-body.ts';
import { knownFields, namesOf, readFields } from './request-fields.ts';

const MOST_ATTEMPTS = 1_000;
/** What is taken where a number is not given, too. */
const LEAST = { attempt: 1, round: 0 } as const;

const said = (what: string) => {
  const description = `${what} Text, or JSON as it is or as text.`;
  return { ...Type.Unsafe<unknown>({ type: ['string', 'object', 'array', 'number', 'boolean', 'null'], description }), description };
};

/** The fields of an observation beside those of a probe. Reading is kinder than these schemas. */
export const OBSERVATION_FIELDS = {
  outcome: Type.Enum([...OUTCOMES], {
    type: 'string',
    description:
      'How the block that sent the message ended: `done` (its normal port), `error` (its error port), `timeout` (no answer in time). Needed, unless `isOnline` is 0.',
    examples: ['error'],
  }),
  error: said("The engine's error, such as the name of its event."),
  description: said('What the engine says of the error.'),
  content: said('What the message was answered with.'),
  attempt: Type.Integer({
    minimum: LEAST.attempt,
    maximum: MOST_ATTEMPTS,
    default: LEAST.attempt,
    description: 'Number of the message in its round. One that was told before is answered again, and is no other word.',
  }),
  round: Type.Integer({
    minimum: LEAST.round,
    maximum: MOST_ATTEMPTS,
    default: LEAST.round,
    description: 'Grows each time the workflow begins anew with fresh user data.',
  }),
};

/** Those with what the engine said. */
export const TEXTS = ['error', 'description', 'content'] as const;
const KNOWN = knownFields(namesOf(OBSERVATION_FIELDS), { nested: null, ofMany: null, foreign: TEXTS });

/** What a workflow tells, beside what a probe would be asked. */
export interface ObservationRequest {
  readonly asked: ProbeRequest;
  /** Null where the interaction's own data say that it is closed, and no message was delivered. */
  readonly observation: Observation | null;
}

/** Reads an observation from what was decoded already, with the mercy of a probe's request. @param body null if there was none. */
export function readObservationRequest(id: unknown, query: object, body: Body | null, bounds: Bounds): Checked<ObservationRequest> {
  const asked = readProbeRequest(id, query, body, bounds);
  if (!asked.ok) return asked;
  const fields = readFields(KNOWN, query, body);
  if (!fields.ok) return fields;
  const given = fields.value;
  const attempt = numberOf(given.attempt, 'attempt');
  if (!attempt.ok) return attempt;
  const round = numberOf(given.round, 'round');
  if (!round.ok) return round;
  const outcome = OUTCOMES.find((one) => one === String(given.outcome).trim().toLowerCase());
  // Nothing need have been sent: the workflow may leave it to us to look at `isOnline`. What was delivered lives, whatever that says.
  if (asked.value.isOffline && (given.outcome === undefined || (outcome !== undefined && outcome !== 'done')))
    return passed({ asked: asked.value, observation: null });
  if (outcome === undefined) return refused('invalid_field', 'outcome', `must be ${OUTCOMES.join(', ')}`);
  const parts = TEXTS.map((name) => given[name]).map(partOf);
  const observation: Observation = {
    outcome,
    attempt: attempt.value,
    round: round.value,
    texts: parts.flatMap(({ text }) => (text === null ? [] : [text])),
    trees: parts.flatMap(({ tree }) => (tree === null ? [] : [tree])),
    repeatedKeys: [...parts.flatMap(({ repeated }) => repeated), ...repeatedIn(body)],
  };
  return passed({ asked: asked.value, observation });
}

function numberOf(value: unknown, field: keyof typeof LEAST): Checked<number> {
  if (value === undefined) return passed(LEAST[field]);
  const number = wholeNumber(value);
  const least = LEAST[field];
  if (number >= least && number <= MOST_ATTEMPTS) return passed(number);
  return refused('out_of_bounds', field, `must be a whole number from ${least} to ${MOST_ATTEMPTS}`);
}

/** One of the texts: plain, or JSON; with the keys that came twice in it. */
interface Part {
  readonly text: string | null;
  readonly tree: object | null;
  readonly repeated: readonly string[];
}

const NOTHING: Part = { text: null, tree: null, repeated: [] };
/** Of JSON that is too deep or too large to be looked into: whatever it says of a fault may be lost. */
const UNREAD: readonly string[] = ['FaultCode'];

function partOf(value: unknown): Part {
  if (value === undefined) return NOTHING;
  if (typeof value === 'object' && value !== null) return { ...NOTHING, tree: value };
  const text = String(value);
  const tree = /^\s*[{[]/.test(text) ? parsed(text) : null;
  if (tree === null) return { ...NOTHING, text };
  const repeated = repeatedKeys(text, MAX_LEVELS, MAX_FIELDS)?.map(({ path }) => path.at(-1) ?? '') ?? UNREAD;
  return { text: null, tree, repeated };
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) || Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keys within one of the texts that the body gives twice. */
function repeatedIn(body: Body | null): readonly string[] {
  const names: readonly string[] = TEXTS;
  const within = (body?.repeated ?? []).filter(({ path }) => path.length > 1 && names.includes(path[0]?.toLowerCase() ?? ''));
  return within.map(({ path }) => path.at(-1) ?? '');
}
