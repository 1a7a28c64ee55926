import Type from 'typebox';
import { integer, STRICT } from '../schema-tree/schema-kinds.ts';

/** What is not given comes from the built-in policy of the same name, else from `inline`. */
export const POLICY = Type.Partial(
  Type.Object({
    attempts: Type.Integer({ minimum: 1, maximum: 100, description: 'Most sends, the first included.' }),
    attemptTimeoutMs: Type.Integer({
      minimum: 50,
      maximum: 60_000,
      description: 'Longest that one attempt may take; not longer than `deadlineMs`.',
    }),
    pauseMs: Type.Integer({ minimum: 0, maximum: 60_000, description: 'Pause before the second attempt.' }),
    backoff: Type.Number({ minimum: 1, maximum: 10, description: 'Factor from one pause to the next; 1 keeps them equal.' }),
    maxPauseMs: Type.Integer({ minimum: 0, maximum: 600_000, description: 'Longest pause.' }),
    jitter: Type.Number({ minimum: 0, maximum: 1, description: 'Fraction by which chance may shorten a pause.' }),
    deadlineMs: Type.Integer({ minimum: 100, maximum: 600_000, description: 'Longest that the whole probe may take.' }),
  }),
  STRICT,
);

const bound = (minimum: number, maximum: number, low: number, high: number, description: string) =>
  Type.Tuple([integer('Least.', minimum, maximum, low), integer('Most.', minimum, maximum, high)], { description });

export const BOUNDS = Type.Object(
  {
    deadlineMs: bound(100, 600_000, 100, 60_000, 'Deadlines.'),
    attempts: bound(1, 100, 2, 10, 'Numbers of attempts. Under `ha` one is never enough for a stop.'),
  },
  STRICT,
);
