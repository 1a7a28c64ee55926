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
  /** Name of who asked, `anonymous` or `unknown`; null where no scope is needed. */
  readonly caller: string | null;
  /** Code and field of the problem it was answered with, null if none. */
  readonly problem: { readonly code: string; readonly field: string | null } | null;
}

/** A route, a method and a status that belong together. */
export type KnownExchange = Pick<HttpExchange, 'route' | 'method' | 'code'>;

export const UNMATCHED = 'unmatched';
const OTHER_VERSION = PROBLEMS.unsupported_version.status;
const WRONG_METHOD = PROBLEMS.method_not_allowed.status;
/** Of what was not read, as far as it matters what it was to be; unmatched, it counts under no method. */
const UNREAD = [400, 413, OTHER_VERSION];
/** The pages of Swagger UI count as one, and the page of how things stand with all that it loads; but a stream of it lasts. */
const PAGES = ['/docs', '/status'];
const STREAM = '/status/events';
const METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

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
  const isUnmatched = request.is404 || code === OTHER_VERSION || request.routeOptions.url === undefined;
  return {
    route: isUnmatched ? UNMATCHED : routeLabel(request.routeOptions.url ?? UNMATCHED),
    method: METHODS.has(request.method) && !(isUnmatched && UNREAD.includes(code)) ? request.method : 'other',
    code,
    durationMs: reply.elapsedTime,
    requestId: request.id,
    caller: request.caller ?? null,
    problem: reply.problem,
  };
}

function routeLabel(template: string): string {
  if (template === STREAM) return template;
  return PAGES.find((page) => template === page || template.startsWith(`${page}/`)) ?? template;
}

/** The exchanges that the routes promise, so that each can be counted from zero. Fills up while routes register. */
export function collectKnownExchanges(app: FastifyInstance): readonly KnownExchange[] {
  const unmatched = (methods: readonly string[], codes: readonly number[]): KnownExchange[] =>
    methods.flatMap((method) => codes.map((code) => ({ route: UNMATCHED, method, code })));
  const known = [...unmatched([...METHODS, 'other'], [404, 405]), ...unmatched(['other'], [...UNREAD, 408, 411, 431])];
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
