import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';
import { headerLines } from './request-head.ts';
import { scopeOf } from './scopes.ts';

/** Where a request comes from, as a browser tells it; `unsaid` by whoever is none, and by a very old one. */
export type Provenance = 'same' | 'other' | 'unsaid';

/** A browser sets them by itself, and no page can change them: what it sends for another site says so. */
const BY_BROWSER = 'sec-fetch-site';
/** This origin, and the address bar or a bookmark. Another name of the same site is another service. */
const OWN = new Set(['same-origin', 'none']);

/**
 * A page of another site can make a browser send a form to this service, with the name and the secret that its user has once typed in
 * here. `Sec-Fetch-Site` says so, whatever a proxy did to `Host`; older browsers say it by `Origin`.
 */
export function provenanceOf(request: IncomingMessage): Provenance {
  const sites = headerLines(request, BY_BROWSER);
  if (sites.length > 0) return sites.every((site) => OWN.has(site.trim())) ? 'same' : 'other';
  const origins = headerLines(request, 'origin');
  if (origins.length === 0) return 'unsaid';
  const [host = ''] = headerLines(request, 'host');
  return origins.every((origin) => isOf(origin, host.trim())) ? 'same' : 'other';
}

const HOST = /^[^\s@/\\?#]+$/;

/** Proxies may write the usual port into `Host`, browsers never do. An origin can be `null`, too: a page in a frame without rights. */
function isOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !HOST.test(host)) return false;
  const { protocol, host: itsHost } = new URL(origin);
  const asked = `${protocol}//${host}`;
  return itsHost !== '' && URL.canParse(asked) && new URL(asked).host === itsHost;
}

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS']);
const AMBIENT = /^\s*basic\s/i;

/**
 * Refuses what a browser sends for a page of another site, where it could change something: whatever operators do, and whatever comes
 * with nothing but what browsers send by themselves: a password, a certificate, or only the network that they are in. Call before the
 * routes register.
 *
 * @param tokenHeader in lower case, which no page can set for another site; null for none.
 */
export function refuseCrossSite(server: FastifyInstance, tokenHeader: string | null): void {
  const isShown = (request: IncomingMessage): boolean =>
    headerLines(request, 'authorization').some((line) => !AMBIENT.test(line)) ||
    (tokenHeader !== null && tokenHeader !== 'authorization' && headerLines(request, tokenHeader).length > 0);
  server.addHook('onRequest', (request, reply, done) => {
    const { headers, method } = request.raw;
    // As good as always: workflows are no browsers.
    if (headers[BY_BROWSER] === undefined && headers.origin === undefined) return done();
    const scope = scopeOf(request.routeOptions.url);
    const isAtStake = scope === 'ops' || !isShown(request.raw);
    if (scope === null || !isAtStake || CHANGES_NOTHING.has(method ?? '') || provenanceOf(request.raw) !== 'other') return done();
    refuse(reply);
  });
}

/** For what only a page of this service sends, and an operator's browser at that: it must say so. */
export function mustBeOwn(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (provenanceOf(request.raw) === 'same') done();
  else refuse(reply);
}

/** For what takes something up although it changes nothing. */
export function mustNotBeForeign(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (provenanceOf(request.raw) === 'other') refuse(reply);
  else done();
}

function refuse(reply: FastifyReply): void {
  void sendProblem(reply, { code: 'cross_site', detail: 'only a page of this service may send this', field: 'origin' });
}
