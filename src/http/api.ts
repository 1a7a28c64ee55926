import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import type { ListenerTls } from '../config/config.ts';
import { createEndOfTurn } from '../probe/end-of-turn.ts';
import type { Authentication } from './authentication.ts';
import { type ClientErrors, createClientErrors, refuseOtherVersions } from './client-error.ts';
import { boundConnections } from './connection-bound.ts';
import { refuseCrossSite } from './cross-site.ts';
import { type EvidenceRouteParts, registerEvidenceRoutes, registerFeedbackRoute } from './evidence-routes.ts';
import { ProbeRecord } from './evidence-schema.ts';
import { collectKnownExchanges, exchangeOf, type HttpExchange, type KnownExchange, tellExchanges } from './exchanges.ts';
import type { Query } from './form.ts';
import { registerGuardRoute } from './guard-route.ts';
import { type HandshakeFailure, keepHalfOpen, listenerOptions, tellHandshakeFailures } from './listener-tls.ts';
import { createLoadGauge } from './load-gauge.ts';
import { type Lifecycle, type LoadLimits, whyDeclined } from './load-shedding.ts';
import { registerObservationRoute, registerObservedTextsRoute } from './observation-route.ts';
import { ObservationAnswer } from './observation-schema.ts';
import { type OperationsParts, registerDocumentation, registerOpenApi, registerOperationsRoutes } from './operations-routes.ts';
import { ProbeAnswer } from './probe-answer.ts';
import { type ProbeRouteParts, registerProbeRoute } from './probe-route.ts';
import { asciiJson, callersMistake, MAX_BODY_BYTES, ProblemDocument, sendProblem } from './problems.ts';
import { registerBodyParsers } from './request-body.ts';
import { requestIdOf, tidyUrl } from './request-head.ts';
import { refuseUnlisted } from './scopes.ts';
import { registerStatusRoutes, type StatusRouteParts } from './status/status-routes.ts';

/** What the API is made of. */
export interface ApiParts {
  readonly logger: FastifyBaseLogger;
  readonly lifecycle: Lifecycle;
  readonly authentication: Authentication;
  /** Null for plain HTTP. */
  readonly tls: ListenerTls | null;
  /** As of now: the configuration may change. Without `maxHeldBytes` it is a quarter of what the heap may grow to. */
  readonly limits: () => Omit<LoadLimits, 'maxInFlightOfTarget' | 'maxHeldBytes'> & { readonly maxHeldBytes?: number };
  readonly maxConnections: number;
  /** What the heap may grow to depends on it. */
  readonly nodeVersion: string;
  readonly probe: Omit<ProbeRouteParts, 'declines'>;
  readonly evidence: Omit<EvidenceRouteParts, 'targets'>;
  readonly operations: Omit<OperationsParts, 'isDraining'>;
  /** What the page `/status` needs beside; null for no such page. */
  readonly status: Pick<StatusRouteParts, 'history' | 'replica' | 'nowMs' | 'clock' | 'random'> | null;
  readonly onExchange: (exchange: HttpExchange) => void;
  readonly onHandshakeFailure: (failure: HandshakeFailure) => void;
}

/** Longest that a request may take to arrive whole. Probes are small; a slow sender must not hold a socket. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_PARAM_LENGTH = 64 * 1024;
/** Pages `/status` that are kept up to date at once; they must leave the connections to callers. */
const MOST_STREAMS = 16;
const SHARE_OF_STREAMS = 1 / 8;

export interface Api {
  readonly server: FastifyInstance;
  /** Every exchange that the routes promise. Complete once `server` is ready. */
  readonly knownExchanges: readonly KnownExchange[];
}

/** Builds the HTTP API. Does not listen. */
export async function createApi(parts: ApiParts): Promise<Api> {
  const { lifecycle } = parts;
  const clientErrors = createClientErrors(parts.onExchange);
  const server = createServer(parts, clientErrors);
  clientErrors.watch(server);
  // Node.js would hang up on a caller who closes his half of the connection after the request, and still waits: see `onCallerGone`.
  // And it would drop the headers beyond the thousandth, a length and a token among them; their size is limited anyway.
  Object.assign(server.server, { httpAllowHalfOpen: true, maxHeadersCount: 0 });
  keepHalfOpen(server.server);
  tellHandshakeFailures(server.server, parts.onHandshakeFailure);
  const knownExchanges = collectKnownExchanges(server);
  takeTogether(server);
  refuseOtherVersions(server);
  answerUnmatched(server);
  tellExchanges(server, parts.onExchange);
  server.decorateReply('problem', null);
  // Not on arrival, when thousands may come to wait: the headers of each would wait with it.
  server.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    // Asked here, not on arrival: a probe may have come long before the signal, and its idle connection would hold up the drain.
    // But not while another request waits behind it on the same connection, which would go without its answer.
    if (lifecycle.phase !== 'serving' && clientErrors.isLast(request.raw.socket, reply.raw)) reply.header('connection', 'close');
    done(null, payload);
  });
  server.setErrorHandler(answerError);
  // An expectation that we do not know is no reason to leave a workflow without a verdict.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));

  boundConnections(server.server, parts.maxConnections);
  refuseUnlisted(server);
  refuseCrossSite(server, parts.authentication.tokenHeader);
  parts.authentication.guard(server);
  server.addSchema(ProbeAnswer);
  server.addSchema(ObservationAnswer);
  server.addSchema(ProblemDocument);
  server.addSchema(ProbeRecord);
  await registerOpenApi(server, parts.operations.version);
  const operations = { ...parts.operations, isDraining: () => lifecycle.phase !== 'serving' };
  registerOperationsRoutes(server, operations);
  await registerDocumentation(server);

  const declines = createAdmission(server, parts);
  await server.register(async (scope) => {
    registerBodyParsers(scope);
    registerProbeRoute(scope, { ...parts.probe, declines });
    registerObservationRoute(scope, { ...parts.probe, declines });
    registerObservedTextsRoute(scope, parts.probe);
    registerGuardRoute(scope, parts.probe);
    registerEvidenceRoutes(scope, { targets: parts.probe.targets, ...parts.evidence });
    registerFeedbackRoute(scope, parts.evidence);
    if (parts.status === null) return;
    const maxStreams = Math.min(MOST_STREAMS, Math.floor(parts.maxConnections * SHARE_OF_STREAMS));
    registerStatusRoutes(scope, { ...parts.probe, ...parts.evidence, ...parts.status, declines, operations, maxStreams });
  });
  return { server, knownExchanges };
}

/** What came in with one turn of the event loop goes on together. Whoever has hung up by then is found out where callers are known. */
function takeTogether(server: FastifyInstance): void {
  const atEndOfTurn = createEndOfTurn();
  server.addHook('onRequest', (_request, _reply, done) => atEndOfTurn(done));
}

/** Weighs each new probe against what there is to carry. */
function createAdmission(server: FastifyInstance, { lifecycle, limits, nodeVersion, probe }: ApiParts): ProbeRouteParts['declines'] {
  const gauge = createLoadGauge(nodeVersion);
  server.addHook('onListen', (done) => {
    gauge.begin();
    done();
  });
  server.addHook('onClose', async () => gauge.end());
  const { inFlight } = probe;
  const heldBytesByDefault = gauge.heap().limitBytes / 4;
  return ({ order, maxInFlight: maxInFlightOfTarget }, heldBytes) => {
    const load = {
      phase: lifecycle.phase,
      inFlight: inFlight.count - inFlight.countOf(null),
      inFlightOfTarget: inFlight.countOf(order.target.name),
      heldBytes: inFlight.heldBytes + heldBytes,
      eventLoopDelayMs: gauge.eventLoopDelayMs(),
      heap: gauge.heap(),
    };
    const { maxInFlight, maxEventLoopDelayMs, maxHeapShare, maxHeldBytes = heldBytesByDefault } = limits();
    return whyDeclined(load, { maxInFlight, maxInFlightOfTarget, maxEventLoopDelayMs, maxHeapShare, maxHeldBytes });
  };
}

function createServer(parts: ApiParts, clientErrors: ClientErrors): FastifyInstance {
  const options = {
    loggerInstance: parts.logger,
    // Observers log: one line per finished probe, one per refused request.
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for each request would be made to say its id, which the observers' lines have anyway.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: (text: string) => ({ text }) satisfies Query },
    // A workflow's unhandled 503 can stop a healthy chat: requests that arrive while we close still get their verdict.
    return503OnClosing: false,
    rewriteUrl: ({ url = '' }) => tidyUrl(url),
    clientErrorHandler: clientErrors.answer,
    frameworkErrors: (error, request, reply) => {
      // The router gave up before any hook ran, so what hooks do for other requests is done here.
      reply.problem = null;
      reply.header('x-request-id', request.id);
      if (parts.lifecycle.phase !== 'serving') reply.header('connection', 'close');
      answerError(error, request, reply);
      parts.onExchange(exchangeOf(request, reply));
    },
  } satisfies FastifyServerOptions;
  // Unless told, Node.js waits 60 s for headers, lets that outweigh the time for the whole, and looks every 30 s.
  // And without a `Host` it answers by itself, which no caller could read.
  const http = { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000, requireHostHeader: false };
  return parts.tls === null ? Fastify({ ...options, http }) : Fastify({ ...options, https: { ...http, ...listenerOptions(parts.tls) } });
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const mistake = callersMistake(error);
  if (mistake !== null) {
    void sendProblem(reply, mistake);
    return;
  }
  request.log.error({ err: error, requestId: request.id }, 'request failed');
  void sendProblem(reply.serializer(asciiJson), { code: 'internal_error', detail: 'see the log under this request id', field: null });
}

interface KnownResource {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers 405 where the resource is known but not by this method, 404 elsewhere. Fastify alone says 404 to both. Call
 * before the routes register.
 */
function answerUnmatched(app: FastifyInstance): void {
  const resources = new Map<string, KnownResource>();
  app.addHook('onRoute', (route) => {
    const known = resources.get(route.url) ?? { pattern: patternOf(route.url), methods: new Set() };
    for (const method of [route.method].flat()) known.methods.add(method);
    resources.set(route.url, known);
  });

  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const [path = ''] = request.url.split('?');
    const known = [...resources.values()].find(({ pattern }) => pattern.test(path));
    // It may have the method and still lack this one file.
    if (known === undefined || known.methods.has(request.method))
      return sendProblem(reply, { code: 'unknown_route', detail: 'see / for what there is', field: null });
    const allow = [...known.methods].sort().join(', ');
    return sendProblem(reply.header('allow', allow), { code: 'method_not_allowed', detail: `allowed here: ${allow}`, field: null });
  };
  app.setNotFoundHandler(answer);
  // What is wrong with a body that nobody would read is no answer: not its type, nor that a QUERY has none.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answer(request, reply);
    else done();
  });
}

/** `/a/:b/*` matches one segment for `:b` and the rest for `*`. */
function patternOf(template: string): RegExp {
  const source = template
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`);
}
