import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { PROBLEMS } from './problems.ts';

/** One request and its answer, for those who count and log. */
export interface HttpExchange {
  /** The route's template, or `unmatched`. */
  readonly route: string;
  /** A method of HTTP, or `other`. */
  readonly method: string;
  readonly code: number;
  readonly durationMs: number;
  readonly requestId: string;
  /** Code and field of the problem it was answered with, null if none. */
  readonly problem: { readonly code: string; readonly field: string | null } | null;
}

/** A route, a method and a status that belong together. */
export type KnownExchange = Pick<HttpExchange, 'route' | 'method' | 'code'>;

export const UNMATCHED = 'unmatched';
const OTHER_VERSION = PROBLEMS.unsupported_version.status;
const WRONG_METHOD = PROBLEMS.method_not_allowed.status;
/** The pages of Swagger UI count as one. */
const DOCUMENTATION = '/docs';
const WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE'];
const METHODS = new Set([...WITH_BODY, 'GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Tells every exchange once it is answered. A caller who hung up was not: see `probe_cancelled`. */
export function tellExchanges(app: FastifyInstance, listen: (exchange: HttpExchange) => void): void {
  app.addHook('onResponse', (request, reply, done) => {
    listen(exchangeOf(request, reply));
    done();
  });
}

export function exchangeOf(request: FastifyRequest, reply: FastifyReply): HttpExchange {
  const code = reply.statusCode;
  // Told before anything else is looked at, whatever was asked for.
  const isOtherVersion = code === OTHER_VERSION;
  return {
    route: request.is404 || isOtherVersion ? UNMATCHED : routeLabel(request.routeOptions.url ?? UNMATCHED),
    method: METHODS.has(request.method) && !isOtherVersion ? request.method : 'other',
    code,
    durationMs: reply.elapsedTime,
    requestId: request.id,
    problem: reply.problem,
  };
}

function routeLabel(template: string): string {
  return template === DOCUMENTATION || template.startsWith(`${DOCUMENTATION}/`) ? DOCUMENTATION : template;
}

/** The exchanges that the routes promise, so that each can be counted from zero. Fills up while routes register. */
export function collectKnownExchanges(app: FastifyInstance): readonly KnownExchange[] {
  const unmatched = (methods: readonly string[], codes: readonly number[]): KnownExchange[] =>
    methods.flatMap((method) => codes.map((code) => ({ route: UNMATCHED, method, code })));
  const known = [
    ...unmatched([...METHODS, 'other'], [400, 404, 405]),
    ...unmatched(WITH_BODY, [413]),
    ...unmatched(['other'], [408, 411, 431, OTHER_VERSION]),
  ];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      for (const code of documentedCodes(route)) known.push({ route: routeLabel(route.url), method, code });
    }
  });
  return known;
}

/** Of a route that serves files: there, unchanged, or missing. */
const OF_FILES = [200, 304, 404];

function documentedCodes(route: RouteOptions): readonly number[] {
  const { response } = route.schema ?? {};
  // These are told of no route: see `exchangeOf`, and whoever answers what is unmatched.
  const isItsOwn = (code: number): boolean => Number.isInteger(code) && code !== OTHER_VERSION && code !== WRONG_METHOD;
  if (typeof response === 'object' && response !== null) return Object.keys(response).map(Number).filter(isItsOwn);
  return route.url.endsWith('*') ? OF_FILES : [200];
}
