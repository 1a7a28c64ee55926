import type { Logger } from 'pino';
import {
  type ControlState,
  type GuardState,
  isGuarded,
  type OutageEvent,
  type ProbeAnswered,
  type ServerState,
  type ServiceEvent,
  type ServiceObserver,
} from '../resilience/events.ts';
import { explain } from '../resilience/explain.ts';

/** What the log wants to know of a refused request. */
interface RefusedExchange {
  readonly route: string;
  readonly method: string;
  readonly code: number;
  readonly requestId: string;
  readonly caller: string | null;
  readonly problem: { readonly code: string; readonly field: string | null } | null;
}

/**
 * One line per answered request, which tells alone what was answered and why. A `stop` is ordinary work, so info; what we could
 * not find out is a warning. Outages have lines of their own. docs/logs.md lists every line.
 */
export function logProbes(logger: Logger): ServiceObserver {
  const logOutage = logOutages(logger);
  return (event) => {
    if (event.type === 'probe_answered') {
      const level = event.answer.evidence === 'unknown' ? 'warn' : 'info';
      if (logger.isLevelEnabled(level)) logger[level](answeredFields(event), 'probe finished');
    } else if (event.type === 'probe_cancelled') {
      logger.info(cancelledFields(event), 'probe cancelled: the caller hung up');
    } else if (event.type === 'feedback_given') {
      const { probeId, interactionId, target, verdict, truth, isFirst } = event;
      logger.info({ probeId, interactionId, target, verdict, truth, isFirst }, 'feedback given');
    } else if (event.type === 'fault') {
      logger.error({ requestId: event.requestId, err: event.fault }, 'fault in this service');
    } else {
      logOutage(event);
    }
  };
}

/** One line per refused request, so that a workflow's mistake can be found. Of a path into user data only its beginning: the keys are user data too. */
export function logRefusals(logger: Logger): (exchange: RefusedExchange) => void {
  return ({ problem, requestId, caller, route, method, code }) => {
    if (problem === null) return;
    const [field = null] = problem.field?.split('.') ?? [];
    logger.info({ requestId, caller: caller ?? undefined, route, method, code, problem: problem.code, field }, 'request refused');
  };
}

/** Lines of handshakes that failed: whoever scans ports must not fill the log. */
const HANDSHAKE_LINE_EVERY_MS = 60_000;

/**
 * Tells of handshakes that failed, at most one line a minute, with how many failed since the line before. Not of those who say nothing: load
 * balancers do that every second or two.
 */
export function logHandshakeFailures(
  logger: Logger,
  nowMs: () => number,
): (failure: { readonly cause: string; readonly code: string }) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  return ({ cause, code }) => {
    if (cause === 'left') return;
    failures += 1;
    if (nowMs() - toldAtMs < HANDSHAKE_LINE_EVERY_MS) return;
    logger.warn({ cause, detail: code, failures }, 'TLS handshake failed');
    toldAtMs = nowMs();
    failures = 0;
  };
}

function cancelledFields({ probe, attempts, elapsedMs }: Extract<ServiceEvent, { type: 'probe_cancelled' }>) {
  const { trace, ...ids } = probe;
  return { ...ids, traceId: trace?.traceId, chatServer: cut(probe.chatServer), attempts, elapsedMs: Math.round(elapsedMs) };
}

/** One plain literal, without spreads: this runs for every probe, and an object built by spreads is five times as slow to log. */
function answeredFields(event: ProbeAnswered) {
  const { probe, answer } = event;
  return {
    requestId: probe.requestId,
    probeId: event.probeId,
    // Left out of the line where it is undefined, like `detail`.
    traceId: probe.trace?.traceId,
    caller: probe.caller,
    interactionId: probe.interactionId,
    target: probe.target,
    policy: probe.policy,
    chatServer: cut(probe.chatServer),
    answered: answer.verdict,
    verdict: event.computed,
    evidence: answer.evidence,
    reason: answer.reason,
    degraded: answer.degraded,
    guarded: isGuarded(event),
    cause: event.withheld,
    shadow: event.shadowVerdict,
    simulated: event.simulated,
    servedBy: answer.servedBy,
    faultCode: cut(answer.faultCode),
    faultString: cut(answer.faultString),
    attempts: answer.attempts.length,
    attemptsMs: answer.attempts.map((attempt) => Math.round(attempt.durationMs)),
    elapsedMs: Math.round(answer.elapsedMs),
    explanation: explain(event),
    detail: answer.attempts.at(-1)?.detail ?? undefined,
  };
}

/** What comes from outside could be as long as a body. */
const MAX_FOREIGN_CHARACTERS = 256;

interface Line {
  /** `error` only where somebody must act: what heals by itself warns, and an alert calls if it does not. */
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

const OF_SERVER = {
  suspect: { level: 'warn', text: 'Chat Server not found: one probe at a time asks for it' },
  recovering: { level: 'info', text: 'Chat Server answers again: waiting probes are let go' },
  healthy: { level: 'info', text: 'Chat Server is healthy' },
} as const satisfies Record<ServerState, Line>;

const OF_GATEWAY = {
  open: { level: 'warn', text: 'gateway keeps failing: probes are answered without asking it' },
  closed: { level: 'info', text: 'gateway answers again' },
} as const satisfies Record<string, Line>;

const OF_FAR_END = {
  simulated: { level: 'warn', text: 'SIMULATOR BEHIND A GATEWAY: verdicts of this target are made up' },
  real: { level: 'info', text: 'no simulator answers at this gateway any more' },
} as const satisfies Record<string, Line>;

const OF_GUARD = {
  tripped: { level: 'error', text: 'guard tripped: stops are withheld' },
  released: { level: 'warn', text: 'guard released: stops pass whatever their share' },
  watching: { level: 'info', text: 'guard is watching again' },
} as const satisfies Record<GuardState, Line>;

const OF_CONTROL = {
  wrong: { level: 'error', text: 'control probe answered wrong: stops are withheld' },
  right: { level: 'info', text: 'control probe answered right' },
  unknown: { level: 'warn', text: 'control probe got no answer' },
} as const satisfies Record<ControlState, Line>;

/** One line per change of what many probes share. */
export function logOutages(logger: Logger): ServiceObserver {
  const logControl = controlLog(logger);
  return (event) => {
    if (event.type === 'server_changed') {
      const { level, text } = OF_SERVER[event.to];
      logger[level]({ target: event.target, chatServer: cut(event.chatServer), from: event.from, to: event.to }, text);
    } else if (event.type === 'gateway_changed') {
      const { level, text } = event.open ? OF_GATEWAY.open : OF_GATEWAY.closed;
      logger[level]({ target: event.target }, text);
    } else if (event.type === 'far_end_changed') {
      const { level, text } = event.simulated ? OF_FAR_END.simulated : OF_FAR_END.real;
      logger[level]({ target: event.target }, text);
    } else if (event.type === 'guard_changed') {
      const { level, text } = OF_GUARD[event.state];
      logger[level]({ target: event.target, guard: event.state }, text);
    } else if (event.type === 'control_answered') {
      logControl(event);
    }
  };
}

/** Controls answer on an interval for ever: a line comes only when the answer differs from the one before. */
function controlLog(logger: Logger): (event: Extract<OutageEvent, { type: 'control_answered' }>) => void {
  const last = new Map<string, ControlState>();
  return ({ target, control, state }) => {
    const key = `${control} ${target}`;
    if (last.get(key) === state) return;
    last.set(key, state);
    const { level, text } = OF_CONTROL[state];
    logger[level]({ target, control, state }, text);
  };
}

/** A text from outside as the log has it. */
function cut(text: string | null): string | null {
  return text === null ? null : text.slice(0, MAX_FOREIGN_CHARACTERS);
}
