import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';

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
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Tells every exchange once it is answered. A caller who hung up was not: see `probe_cancelled`. */
export function tellExchanges(app: FastifyInstance, listen: (exchange: HttpExchange) => void): void {
  app.addHook('onResponse', (request, reply, done) => {
    listen(exchangeOf(request, reply));
    done();
  });
}

export function exchangeOf(request: FastifyRequest, reply: FastifyReply): HttpExchange {
  return {
    route: request.is404 ? UNMATCHED : (request.routeOptions.url ?? UNMATCHED),
    method: METHODS.has(request.method) ? request.method : 'other',
    code: reply.statusCode,
    durationMs: reply.elapsedTime,
    requestId: request.id,
    problem: reply.problem,
  };
}

/** The exchanges that the routes promise, so that each can be counted from zero. Fills up while routes register. */
export function collectKnownExchanges(app: FastifyInstance): readonly KnownExchange[] {
  const known: KnownExchange[] = ['GET', 'POST'].flatMap((method) => [400, 404, 405].map((code) => ({ route: UNMATCHED, method, code })));
  known.push(...[400, 408, 431].map((code) => ({ route: UNMATCHED, method: 'other', code })));
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      for (const code of documentedCodes(route)) known.push({ route: route.url, method, code });
    }
  });
  return known;
}

function documentedCodes(route: RouteOptions): readonly number[] {
  const { response } = route.schema ?? {};
  return typeof response === 'object' && response !== null ? Object.keys(response).map(Number).filter(Number.isInteger) : [200];
}
