import type { Logger } from 'pino';
import type { ProbeIdentity } from '../probe/probe-order.ts';
import type { ProbeResult } from '../probe/verdict.ts';
import type { ControlState, GuardState, OutageEvent, ServerState, ServiceObserver } from '../resilience/events.ts';

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
 * One line per finished probe, with the verdict that was computed. A `stop` is ordinary work, so info; what we could not
 * find out is a warning. Outages have lines of their own.
 */
export function logProbes(logger: Logger): ServiceObserver {
  const logOutage = logOutages(logger);
  return (event) => {
    if (event.type === 'probe_finished') {
      const level = event.result.evidence === 'unknown' ? 'warn' : 'info';
      if (logger.isLevelEnabled(level)) logger[level](finishedFields(event.probe, event.result), 'probe finished');
    } else if (event.type === 'probe_cancelled') {
      logger.info(
        { ...event.probe, chatServer: shortName(event.probe.chatServer), attempts: event.attempts, elapsedMs: Math.round(event.elapsedMs) },
        'probe cancelled: the caller hung up',
      );
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

/** One plain literal, without spreads: this runs for every probe, and an object built by spreads is five times as slow to log. */
function finishedFields(probe: ProbeIdentity, result: ProbeResult) {
  return {
    requestId: probe.requestId,
    probeId: probe.probeId,
    caller: probe.caller,
    interactionId: probe.interactionId,
    target: probe.target,
    policy: probe.policy,
    chatServer: shortName(probe.chatServer),
    verdict: result.verdict,
    evidence: result.evidence,
    reason: result.reason,
    degraded: result.degraded,
    servedBy: result.servedBy,
    attempts: result.attempts.length,
    attemptsMs: result.attempts.map((attempt) => Math.round(attempt.durationMs)),
    elapsedMs: Math.round(result.elapsedMs),
    // Left out of the line where it is undefined.
    detail: result.attempts.at(-1)?.detail ?? undefined,
  };
}

/** A name comes from the caller and could be as long as a body. */
const MAX_NAME_CHARACTERS = 256;

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

/**
 * One line per change of what many probes share, per stop that was withheld, and per request that got another's verdict.
 * Plain literals without spreads: in an outage the last two come by the thousand.
 */
export function logOutages(logger: Logger): ServiceObserver {
  const logControl = controlLog(logger);
  return (event) => {
    if (event.type === 'answer_shared') logger.info(sharedFields(event), 'answer shared');
    else if (event.type === 'stop_withheld') logger.info(withheldFields(event), 'stop withheld');
    else if (event.type === 'server_changed') {
      const { level, text } = OF_SERVER[event.to];
      logger[level]({ target: event.target, chatServer: shortName(event.chatServer), from: event.from, to: event.to }, text);
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

/** `probeId` is that of the probe whose verdict it is, so that its line can be found. */
function sharedFields({ request, probeId, servedBy }: Extract<OutageEvent, { type: 'answer_shared' }>) {
  const { requestId, caller, interactionId, target } = request;
  return { requestId, probeId, caller, interactionId, target, servedBy };
}

function withheldFields({ probe, because }: Extract<OutageEvent, { type: 'stop_withheld' }>) {
  return {
    requestId: probe.requestId,
    probeId: probe.probeId,
    interactionId: probe.interactionId,
    target: probe.target,
    chatServer: shortName(probe.chatServer),
    cause: because,
  };
}

/** The Chat Server's name as the log has it: at most 256 characters, null where messages go by type. */
export function shortName(chatServer: string | null): string | null {
  return chatServer === null ? null : chatServer.slice(0, MAX_NAME_CHARACTERS);
}
