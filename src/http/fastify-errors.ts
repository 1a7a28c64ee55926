import type { FastifyError } from 'fastify';
import { BodyRefused, MAX_BODY_BYTES } from './body-parsers.ts';
import type { Problem, ProblemCode } from './problems.ts';

/** What Fastify refuses by itself, as our problems. */
const PROBLEM_OF_STATUS: ReadonlyMap<number, Problem> = new Map(
  (
    [
      [400, 'invalid_body', 'the body did not arrive whole'],
      [408, 'too_slow', 'the request took too long to arrive'],
      [413, 'too_large', `larger than ${MAX_BODY_BYTES} bytes`],
    ] as const satisfies readonly (readonly [number, ProblemCode, string])[]
  ).map(([status, code, detail]) => [status, { code, detail, field: 'body' }]),
);

/** The caller's mistake behind an error of the framework; null if the error is a fault of ours. */
export function callersMistake(error: FastifyError): Problem | null {
  if (error.code === 'FST_ERR_BAD_URL')
    return { code: 'invalid_url', detail: 'a percent sign must be followed by two hexadecimal digits', field: 'id' };
  if (error instanceof BodyRefused) return error.problem;
  const { statusCode } = error;
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return null;
  return PROBLEM_OF_STATUS.get(statusCode) ?? { code: 'invalid_body', detail: 'the request cannot be read', field: 'body' };
}
