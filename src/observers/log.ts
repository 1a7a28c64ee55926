import type { Logger } from 'pino';
import type { ProbeIdentity } from '../probe/events.ts';
import type { ProbeResult } from '../probe/result.ts';
import type { ServiceObserver } from '../resilience/events.ts';
import { logOutages, shortName } from './outage-log.ts';

/** What the log wants to know of a refused request. */
interface RefusedExchange {
  readonly route: string;
  readonly method: string;
  readonly code: number;
  readonly requestId: string;
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
  return ({ problem, requestId, route, method, code }) => {
    if (problem === null) return;
    const [field = null] = problem.field?.split('.') ?? [];
    logger.info({ requestId, route, method, code, problem: problem.code, field }, 'request refused');
  };
}

/** One plain literal, without spreads: this runs for every probe, and an object built by spreads is five times as slow to log. */
function finishedFields(probe: ProbeIdentity, result: ProbeResult) {
  return {
    requestId: probe.requestId,
    probeId: probe.probeId,
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
