import { pino } from 'pino';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Caller, ListenerTls } from '../../src/config/config.ts';
import { deriveKey, keyIdOf } from '../../src/config/secret-hash.ts';
import { createEvidence } from '../../src/evidence/evidence.ts';
import { evidenceOfInstance } from '../../src/evidence/fleet-evidence.ts';
import { type ApiParts, createApi } from '../../src/http/api.ts';
import { createAuthentication } from '../../src/http/authentication.ts';
import type { HttpExchange } from '../../src/http/exchanges.ts';
import { createInFlight, type Lifecycle } from '../../src/http/load-shedding.ts';
import type { TargetService } from '../../src/http/probe-lookup.ts';
import type { StoreState, TargetState } from '../../src/http/readiness.ts';
import { realClock } from '../../src/probe/clock.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import { passedOn } from '../../src/probe/trace-context.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import type { Answer, ProbeService } from '../../src/resilience/probe-service.ts';
import { createStatusHistory } from '../../src/status/status-history.ts';
import { orderWith } from '../support/samples.ts';
import { scriptedAdapter } from '../support/scripted-adapter.ts';
import { plant } from '../support/secrets.ts';

/** What stands behind the API in place of the rest of the service. */
export interface Behind {
  /** Nobody unless given. */
  readonly callers?: readonly Caller[];
  /** No further one unless given. */
  readonly tokenHeader?: string;
  /** Plain HTTP unless given. */
  readonly tls?: ListenerTls | null;
  readonly limits?: Partial<ApiParts['limits']>;
  readonly maxConnections?: number;
  readonly asker?: ProbeService;
  readonly release?: TargetService['release'];
  /** With it, workflows of the target send by themselves. */
  readonly observe?: TargetService['observe'];
  readonly targetStates?: () => Promise<readonly TargetState[]>;
  readonly storeState?: () => StoreState | null;
  /** Whether there is the page `/status`; not unless given. */
  readonly hasStatusPage?: boolean;
}

type StubApi = Awaited<ReturnType<typeof bootedApi>>;

/** The HTTP API alone; it goes with the test. */
export async function stubApi(behind: Behind = {}): Promise<StubApi> {
  const api = await bootedApi(behind);
  onTestFinished(() => api.server.close());
  return api;
}

/** One for all tests of a file or group, where they leave nothing behind in it. */
export function sharedApi(behind: Behind = {}): () => StubApi {
  let api: StubApi;
  beforeAll(async () => {
    api = await bootedApi(behind);
  });
  afterAll(() => api.server.close());
  return () => api;
}

async function bootedApi(behind: Behind) {
  const lifecycle: Lifecycle = { phase: 'serving' };
  const inFlight = createInFlight();
  const events: Parameters<ApiParts['probe']['observe']>[0][] = [];
  const exchanges: HttpExchange[] = [];
  const patterns = { sessionNotFound: [], chatServerNotFound: [], delivered: [] };
  const { target } = orderWith(scriptedAdapter(createVirtualClock(), []), {}, behind.observe === undefined ? {} : { patterns });
  const release: TargetService['release'] = (releasedForMs) => ({ state: 'released', releasedForMs });
  const asker = behind.asker ?? askerThat({});
  const service: TargetService = {
    ...asker,
    release: behind.release ?? release,
    observe: behind.observe ?? ((order) => ({ answer: asker.decline(order, 'overloaded'), askAgainAfterMs: null })),
    observedTexts: { list: () => [], forgotten: 0 },
  };
  const authentication = createAuthentication({
    callers: behind.callers ?? [],
    tokenHeader: behind.tokenHeader ?? null,
    needsCertificate: false,
    hashing: { deriveKey, keyIdOf },
    inFlight,
    nowMs: () => performance.now(),
  });
  const { server, knownExchanges } = await createApi({
    logger: pino({ level: 'silent' }),
    lifecycle,
    authentication,
    tls: behind.tls ?? null,
    limits: () => ({ maxInFlight: 10, maxEventLoopDelayMs: 60_000, maxHeapShare: 1, ...behind.limits }),
    maxConnections: behind.maxConnections ?? 1_000,
    nodeVersion: process.version,
    probe: {
      targets: new Map([['default', { target, policy: 'inline', chatServers: [], maxInFlight: 10, service }]]),
      policies: new Map(Object.entries(BUILT_IN_POLICIES)),
      bounds: { deadlineMs: [100, 60_000], attempts: [2, 10] },
      inFlight,
      observe: (event) => events.push(event),
      traceOf: passedOn,
    },
    evidence: {
      evidence: evidenceOfInstance(
        createEvidence({ maxBytes: 0, replica: '', configuration: () => '', nowMs: () => 0, tell: () => undefined }),
      ),
      epoch: 'test',
    },
    operations: {
      version: '0.0.0-test',
      targetStates: behind.targetStates ?? (async () => []),
      storeState: behind.storeState ?? (() => null),
      metrics: { text: async () => '' },
    },
    status:
      behind.hasStatusPage === true
        ? { history: createStatusHistory(Date.now), replica: 'probe-1', nowMs: Date.now, clock: realClock, random: () => 0.5 }
        : null,
    onHandshakeFailure: () => undefined,
    onExchange: (exchange) => exchanges.push(exchange),
  });
  await server.ready();
  return { server, authentication, lifecycle, inFlight, events, exchanges, knownExchanges };
}

/** A caller by one secret, which the whole run looks for from now on. */
export function callerWith(secret: string, ...scopes: Caller['scopes'][number][]): Caller {
  return { name: scopes.join('-'), scopes, secrets: [plant(secret)], hashes: [] };
}

/** Answers every order alike: with a delivered message, but for these fields. */
export function askerThat(fields: Partial<Answer>): ProbeService & { readonly asked: readonly ProbeOrder[] } {
  const asked: ProbeOrder[] = [];
  const answer = (order: ProbeOrder): Answer => ({
    verdict: 'route',
    evidence: 'alive',
    reason: 'delivered',
    degraded: false,
    recheckAfterMs: null,
    attempts: [],
    faultCode: null,
    faultString: null,
    servedBy: 'probe',
    isKnownDown: false,
    elapsedMs: 0,
    probeId: order.probeId,
    guarded: false,
    shadowVerdict: null,
    ...fields,
  });
  return {
    asked,
    ask: async (order) => {
      asked.push(order);
      return answer(order);
    },
    decline: (order, reason) => ({ ...answer(order), evidence: 'unknown', degraded: true, reason, servedBy: 'none' }),
  };
}
