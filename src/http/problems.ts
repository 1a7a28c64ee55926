import type { FastifyError, FastifyReply } from 'fastify';
import { Type } from 'typebox';

/** Every way in which we refuse a request. The code ends the problem's `type`. */
export const PROBLEMS = {
  invalid_url: { status: 400, title: 'The URL, or the head of the request, cannot be read' },
  invalid_id: { status: 400, title: 'Not an interaction id' },
  invalid_body: { status: 400, title: 'The body cannot be read' },
  invalid_field: { status: 400, title: 'A field has a value of the wrong kind' },
  unauthorized: { status: 401, title: 'A valid secret is needed' },
  forbidden: { status: 403, title: 'The caller may not do this' },
  cross_site: { status: 403, title: 'A browser sends this for a page of another site' },
  unknown_route: { status: 404, title: 'No such resource' },
  unknown_target: { status: 404, title: 'No such target' },
  unknown_probe: { status: 404, title: 'No such probe is kept' },
  method_not_allowed: { status: 405, title: 'The resource does not have this method' },
  too_slow: { status: 408, title: 'The request did not arrive in time' },
  length_required: { status: 411, title: 'The request does not say how long its body is' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of a kind that is not read here' },
  unknown_policy: { status: 422, title: 'No such retry policy' },
  invalid_name: { status: 422, title: 'A name is a slip of the program that wrote it' },
  out_of_bounds: { status: 422, title: 'A value lies outside the configured bounds' },
  too_many_failed_logins: { status: 429, title: 'Too many failed log-ins' },
  headers_too_large: { status: 431, title: 'The request line and headers are too large' },
  internal_error: { status: 500, title: 'A fault of this service' },
  unsupported_version: { status: 505, title: 'Not the version of HTTP that is spoken here' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with a request. `detail` is for people and never repeats a secret. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  /** Field, path parameter, query parameter or header at fault; null where it is none of them. */
  readonly field: string | null;
}

/** A value, or what is wrong with the request it should have come from. */
export type Checked<T> = { readonly ok: true; readonly value: T } | Refusal;
export type Refusal = { readonly ok: false; readonly problem: Problem };

export function passed<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refused(code: ProblemCode, field: string | null, detail: string): Refusal {
  return { ok: false, problem: { code, detail, field } };
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** The problem as an RFC 9457 document. */
export function problemDocument(problem: Problem): Readonly<Record<string, unknown>> {
  return {
    type: `urn:chat-probe:problem:${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: PROBLEMS[problem.code].status,
    detail: problem.detail,
    field: problem.field,
  };
}

/** Answers with the problem, as JSON whatever the caller accepts. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.problem = problem;
  return reply
    .code(PROBLEMS[problem.code].status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .serializer(asciiJson)
    .send(problemDocument(problem));
}

const NOT_ASCII = /[\u007f-\uffff]/g;

/** JSON in ASCII only, other characters escaped: old workflow engines `eval` what they get (docs/genesys.md, "The callers"). */
export function asciiJson(value: unknown): string {
  const text = JSON.stringify(value);
  // As many bytes as characters: ASCII, but perhaps with the one of its characters that is escaped too. Cheaper than to search.
  if (Buffer.byteLength(text) === text.length && !text.includes('\u007f')) return text;
  return text.replace(NOT_ASCII, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: '`urn:chat-probe:problem:` and a code.', examples: ['urn:chat-probe:problem:out_of_bounds'] }),
    title: Type.String({ examples: ['A value lies outside the configured bounds'] }),
    status: Type.Integer({ examples: [422] }),
    detail: Type.String({ description: 'For people; may change.', examples: ['must be a whole number from 1 to 10'] }),
    field: Type.Union([Type.String(), Type.Null()], { description: 'What of the request is at fault.', examples: ['attempts'] }),
  },
  {
    $id: 'Problem',
    title: 'Problem',
    description: "RFC 9457 problem document: a mistake of the caller's. Nothing was sent. Route the interaction.",
  },
);

/** A refusal, as a route documents it. @param description the codes that it can have there. */
export function problemResponse(description: string) {
  return { description, content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } };
}

/** How a document says that a secret is needed where callers are configured. */
export const SECURITY: { [scheme: string]: string[] }[] = [{ bearer: [] }, { basic: [] }, {}];

/** What every route that needs a scope may refuse. */
export const LOGIN_PROBLEMS = {
  401: problemResponse('`unauthorized`: callers are configured, and none of their secrets was shown.'),
  403: problemResponse(
    '`forbidden`: the caller does not have the scope that this needs. `cross_site`: a browser sends this for a page of another site.',
  ),
  429: problemResponse('`too_many_failed_logins`, with `Retry-After`. A valid secret still passes.'),
};

/** What every route with a body may refuse. */
export const COMMON_PROBLEMS = {
  ...LOGIN_PROBLEMS,
  405: problemResponse('`method_not_allowed`.'),
  411: problemResponse('`length_required`: a body without `Content-Length` or chunks.'),
  415: problemResponse('`unsupported_media_type`: neither a JSON object nor a form, compressed, or in an unknown character set.'),
  505: problemResponse('`unsupported_version`: neither HTTP/1.1 nor HTTP/1.0.'),
};

/** Largest body: room for user data at its limit, escaped, and whatever else a workflow sends along. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A body that is refused, on its way through Fastify. */
export class BodyRefused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** What Fastify refuses by itself, as our problems. */
const PROBLEM_OF_STATUS: ReadonlyMap<number, Problem> = new Map([
  [400, { code: 'invalid_body', detail: 'the body did not arrive whole', field: 'body' }],
  [408, { code: 'too_slow', detail: 'the request took too long to arrive', field: 'body' }],
  [413, { code: 'too_large', detail: `larger than ${MAX_BODY_BYTES} bytes`, field: 'body' }],
]);

/** The caller's mistake behind an error of the framework; null if the error is a fault of ours. */
export function callersMistake(error: FastifyError): Problem | null {
  if (error.code === 'FST_ERR_BAD_URL')
    return { code: 'invalid_url', detail: 'a percent sign must be followed by two hexadecimal digits', field: 'id' };
  if (error instanceof BodyRefused) return error.problem;
  const { statusCode } = error;
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return null;
  return PROBLEM_OF_STATUS.get(statusCode) ?? { code: 'invalid_body', detail: 'the request cannot be read', field: 'body' };
}

declare module 'fastify' {
  interface FastifyReply {
    /** The problem this reply carries, null if none. For those who listen to exchanges. */
    problem: Problem | null;
  }
}
