import type { FastifyInstance } from 'fastify';
import type { Caller, Scope } from '../config/config.ts';

/** THE list of routes with the scope that each needs; null where none is needed, since nothing there is about a chat or a secret. */
export const SCOPE_OF_ROUTE: Readonly<Record<string, Scope | null>> = {
  '/interactions/:id/probe': 'probe',
  '/interactions/:id/observations': 'probe',
  '/probes': 'ops',
  '/probes/:probeId': 'ops',
  '/interactions/:id/probes': 'ops',
  '/probes/:probeId/feedback': 'probe',
  '/targets/:target/guard/release': 'ops',
  '/targets/:target/observed-texts': 'ops',
  '/status': 'ops',
  '/status/events': 'ops',
  '/status/guard': 'ops',
  '/status/probe': 'ops',
  '/metrics': 'metrics',
  '/livez': null,
  '/readyz': null,
  '/openapi.json': null,
  '/docs': null,
  '/status/status.js': null,
  '/status/status.css': null,
  '/status/uplot.js': null,
  '/status/uplot.css': null,
  '/': null,
};

const PAGES = '/docs/';

/** The scope that a route needs, by its template; null for none. */
export function scopeOf(route: string | undefined): Scope | null {
  return route === undefined ? null : (SCOPE_OF_ROUTE[route] ?? null);
}

/** A route that the list has forgotten would be open to everybody: the service does not start with it. */
export function refuseUnlisted(server: FastifyInstance): void {
  server.addHook('onRoute', ({ url }) => {
    if (!Object.hasOwn(SCOPE_OF_ROUTE, url) && !url.startsWith(PAGES)) throw new Error(`${url} has no place in the list of scopes`);
  });
}

/**
 * The scopes that somebody must have. Of probes whoever may ask, once anybody is named for it; the guard as soon as there are callers for
 * either, for the secret of the workflows must not release it; metrics are open until a caller has their scope.
 */
export function guardedScopes(callers: readonly Caller[]): ReadonlySet<Scope> {
  const given = new Set(callers.flatMap(({ scopes }) => scopes));
  if (given.has('probe')) given.add('ops');
  return given;
}
