import { setMaxListeners } from 'node:events';
import type { Pool } from 'undici';
import type { GatewayConfig } from '../config/config.ts';
import type { InteractionServerAdapter, SendOutcome } from '../probe/adapter.ts';
import type { CancelSignal } from '../probe/cancel-signal.ts';
import type { Clock } from '../probe/clock.ts';
import { upToEcho } from '../probe/echo.ts';
import { createEndOfTurn } from '../probe/end-of-turn.ts';
import { createSlotSet } from '../probe/slot-set.ts';
import type { TraceHeaders } from '../probe/trace-context.ts';
import { createConnector } from './connector.ts';
import type { BrokenBecause } from './error-reason.ts';
import { type Exchange, exchange, type HttpAnswer, type HttpCall, type OpenExchanges, openPool } from './exchange.ts';
import { createNameLookup, type NameLookup, systemNames } from './name-lookup.ts';
import { requestJson, SIMULATOR_HEADER } from './psdk-json.ts';
import { readAnswer, readHealth } from './read-answer.ts';

/** The time that the adapter lives by, and who hears of its far end. */
export interface GatewayParts {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Milliseconds since 1970, for `Retry-After` dates only. */
  wallNowMs(): number;
  /** Told when a simulator is first heard at one of the URLs, and when none is any more. */
  onFarEnd(isSimulated: boolean): void;
  /** Shared by all targets; one of its own unless given. */
  readonly names?: NameLookup;
}

/** Reaches Interaction Server through an HTTP gateway beside the PSDK. Connects on first use. */
export function createGatewayAdapter(config: GatewayConfig, parts: GatewayParts): InteractionServerAdapter {
  const farEnds = createFarEnds((isSimulated) => parts.onFarEnd(isSimulated));
  const names = parts.names ?? createNameLookup({ nowMs: () => parts.clock.nowMs(), ...systemNames() });
  const urls = openGatewayUrls(config, parts.clock, farEnds.heard, names);
  return {
    kind: config.kind,
    isSimulated: farEnds.anySimulated,
    async send(request, timeoutMs, signal, trace) {
      const endsAtMs = parts.clock.nowMs() + timeoutMs;
      const leftMs = (): number => endsAtMs - parts.clock.nowMs();
      const traced = trace === undefined ? null : { headers: trace, url: undefined };
      const outcome = await urls.exchange({ method: 'POST', path: '/esp', body: requestJson(request), leftMs, traced }, signal);
      const came = outcomeOf(outcome, parts, config.token);
      return traced === null ? came : { ...came, sentTo: traced.url };
    },
    async health(signal) {
      const outcome = await urls.exchange({ method: 'GET', path: '/health', body: null, leftMs: null, traced: null }, signal);
      return outcome.kind === 'answered' ? readHealth(outcome.answer) : 'unknown';
    },
    close: () => urls.close(),
  };
}

function outcomeOf(outcome: Exchange, { wallNowMs }: GatewayParts, token: string | null): SendOutcome {
  if (outcome.kind === 'answered') return withoutToken(readAnswer(outcome.answer, wallNowMs()), token);
  const { reason, written, detail } = outcome;
  return { kind: 'failure', reason, written, rejected: false, retryAfterMs: null, detail };
}

/** A gateway that quotes our headers in its errors must not hand our token to the callers. */
function withoutToken(outcome: SendOutcome, token: string | null): SendOutcome {
  if (outcome.kind !== 'reply' || token === null) return outcome;
  const { reply } = outcome;
  const cleared = (text: string | null): string | null => (text === null ? null : (upToEcho(text, text.length, [token]) ?? text));
  if (reply.kind === 'error') return { kind: 'reply', reply: { ...reply, errorMessage: cleared(reply.errorMessage) } };
  if (reply.kind === 'response') return outcome;
  return { kind: 'reply', reply: { ...reply, faultCode: cleared(reply.faultCode), faultString: cleared(reply.faultString) } };
}

/** Which of a target's gateway URLs lead to a simulator, by what each said last. */
export interface FarEnds {
  /** An answer came from the URL of this index. */
  heard(index: number, answer: HttpAnswer): void;
  /** True while one of them does: its verdicts are made up whenever its turn comes. */
  anySimulated(): boolean;
}

/** @param onChange told when the first simulator is heard, and when the last one has given way. */
export function createFarEnds(onChange: (isSimulated: boolean) => void): FarEnds {
  const simulators = new Set<number>();
  const move = (index: number, isSimulator: boolean): void => {
    const before = simulators.size;
    if (isSimulator) simulators.add(index);
    else simulators.delete(index);
    if (before > 0 !== simulators.size > 0) onChange(simulators.size > 0);
  };
  return {
    heard(index, { status, headers }) {
      // That the header is there is enough: a proxy may have written its value twice.
      if (headers[SIMULATOR_HEADER] !== undefined) move(index, true);
      // An error may come from a proxy, which says nothing about what is behind it.
      else if (status === 200) move(index, false);
    },
    anySimulated: () => simulators.size > 0,
  };
}

/** What is asked, but for the URL. The caller's input is in the body alone, but for the trace, which is checked: never in host or path. */
export type GatewayCall = Pick<HttpCall, 'method' | 'body' | 'leftMs'> & {
  readonly path: '/esp' | '/health';
  /** Null where it is part of no trace. */
  readonly traced: TracedCall | null;
};

interface TracedCall {
  readonly headers: TraceHeaders;
  /** The one that was asked last. */
  url: string | undefined;
}

/** The gateway's URLs, seen as one far end. */
export interface GatewayUrls {
  /**
   * Asks the preferred URL, and the next only while none could be reached and nothing was written.
   * Resolves, never rejects; aborting `signal` settles it in the same tick.
   */
  exchange(call: GatewayCall, signal: CancelSignal): Promise<Exchange>;
  /** Closes all connections and settles what is in flight. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes a pool of connections for each URL; none connects yet.
 *
 * @param heard told of every answer, and by the URL's index from where it came.
 */
export function openGatewayUrls(
  config: GatewayConfig,
  clock: GatewayParts['clock'],
  heard: (index: number, answer: HttpAnswer) => void,
  names: NameLookup,
): GatewayUrls {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each connection being opened: many are no leak
  const open: OpenExchanges = createSlotSet();
  const atEndOfTurn = createEndOfTurn();
  const urls = openUrls(config, closing.signal, names);
  const allFresh = noneAside(urls.length);
  const byPreference = orderOf(allFresh, clock.nowMs());
  let asideUntil = allFresh;

  return {
    async exchange(call, signal) {
      let outcome: Exchange = { kind: 'broken', reason: 'connect_refused', written: false, detail: 'NO_URL' };
      for (const index of asideUntil === allFresh ? byPreference : orderOf(asideUntil, clock.nowMs())) {
        const url = urls[index];
        if (closing.signal.aborted) return { kind: 'broken', written: false, ...CLOSED };
        if (url === undefined) continue;
        if (call.traced !== null) call.traced.url = url.messageUrl;
        outcome = await exchange(url.pool, callTo(url, call), signal, open, atEndOfTurn);
        if (outcome.kind === 'answered') heard(index, outcome.answer);
        if (outcome.kind === 'answered' || outcome.written) return outcome;
        // Ended from this side while it queued or connected: that says nothing about the gateway.
        if (signal.aborted || closing.signal.aborted || isOver(call)) return outcome;
        asideUntil = putAside(asideUntil, index, clock.nowMs());
      }
      return outcome;
    },
    async close() {
      // First what is under way, so that it tells why it ended and not what became of its connection.
      for (const running of open.members()) running.drop(CLOSED);
      closing.abort();
      await Promise.all(urls.map(({ pool }) => pool.destroy()));
    },
  };
}

const CLOSED = { reason: 'connection_reset', detail: 'CLOSED' } as const satisfies BrokenBecause;

interface OpenUrl {
  readonly pool: Pool;
  /** Where messages go, for traces. */
  readonly messageUrl: string;
  /** Path of the base URL without a slash at its end; empty at the root. */
  readonly basePath: string;
  /** Names and values in turn, of a request without and of one with a body. */
  readonly headers: readonly string[];
  readonly headersWithBody: readonly string[];
}

function openUrls(config: GatewayConfig, closing: AbortSignal, names: NameLookup): readonly OpenUrl[] {
  const connect = createConnector(config, config.connectTimeoutMs, closing, names);
  const headers = ['accept', 'application/json', ...(config.token === null ? [] : ['authorization', `Bearer ${config.token}`])];
  return config.urls.map((text) => {
    const url = new URL(text);
    // undici's own time-outs are off: they come late, and the signal of each exchange rules.
    const pool = openPool(url.origin, { connections: config.maxConnections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect });
    const headersWithBody = [...headers, 'content-type', 'application/json'];
    const basePath = url.pathname.replace(/(?<!\/)\/+$/, '');
    return { pool, messageUrl: `${url.origin}${basePath}/esp`, basePath, headers, headersWithBody };
  });
}

function isOver({ leftMs }: GatewayCall): boolean {
  return leftMs !== null && leftMs() < 1;
}

function callTo(url: OpenUrl, call: GatewayCall): HttpCall {
  const own = call.body === null ? url.headers : url.headersWithBody;
  const headers = call.traced === null ? own : [...own, ...traceLines(call.traced.headers)];
  return { method: call.method, path: url.basePath + call.path, headers, body: call.body, leftMs: call.leftMs };
}

function traceLines({ traceparent, tracestate }: TraceHeaders): readonly string[] {
  return ['traceparent', traceparent, ...(tracestate === null ? [] : ['tracestate', tracestate])];
}

/** How long a URL that could not be reached is put aside. */
export const ASIDE_MS = 30_000;

/** For each URL, in order of preference, the moment from which it is preferred again; null if nothing is held against it. */
export type AsideUntil = readonly (number | null)[];

/** The state in which every URL is fresh. */
export function noneAside(urls: number): AsideUntil {
  return Array.from({ length: urls }, () => null);
}

/** Puts one URL aside from now on. Indexes that do not exist change nothing. */
export function putAside(asideUntil: AsideUntil, index: number, nowMs: number): AsideUntil {
  return asideUntil.map((until, each) => (each === index ? nowMs + ASIDE_MS : until));
}

/**
 * The order in which one attempt goes through the URLs, each once: the fresh ones by preference, then those put
 * aside by preference, because an unlikely URL is better than none.
 *
 * @param nowMs on the same monotonic clock as for `putAside`.
 */
export function orderOf(asideUntil: AsideUntil, nowMs: number): readonly number[] {
  const indexes = asideUntil.map((_, index) => index);
  const isAside = (index: number): boolean => (asideUntil[index] ?? nowMs) > nowMs;
  return [...indexes.filter((index) => !isAside(index)), ...indexes.filter(isAside)];
}
