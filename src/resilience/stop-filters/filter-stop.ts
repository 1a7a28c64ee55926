import type { ProbeOrder } from '../../probe/probe-order.ts';
import { type ProbeResult, stopsOrphans } from '../../probe/verdict.ts';
import type { ChatServers } from '../chat-servers/chat-servers.ts';
import type { Withholding } from '../events.ts';
import type { Answer } from '../probe-service.ts';
import type { EnforcementSettings, OutageSettings } from '../settings.ts';
import { isWithinLimit, withTimestamp } from '../single-flight/chats.ts';
import type { Found } from '../single-flight/single-flight.ts';
import { countsAsStop, type MassStopGuard } from './mass-stop-guard.ts';

/** What can keep a computed stop from the caller. */
export interface StopFilters {
  readonly servers: Pick<ChatServers, 'holdOf'>;
  readonly guard: Pick<MassStopGuard, 'judge'>;
  readonly controls: { readonly isWrong: boolean };
  readonly enforcement: EnforcementSettings;
  readonly limits: Pick<OutageSettings, 'stopsPerInteraction' | 'messageWindowMs'>;
  /** For how long the guard counts a stop. */
  readonly guardWindowMs: number;
}

export interface FilteredAnswer {
  readonly answer: Answer;
  /** Why a computed stop is not answered; null if there was none, or it is. */
  readonly withheld: Withholding | null;
}

/** When another answer may be had. A session that moves shows its new name within seconds of its client's return. */
const RECHECK_AFTER_MS = {
  restoring: 2_000,
  out_of_sight: 5_000,
  still_used: 5_000,
  mass_stop: 5_000,
  no_delivery: 5_000,
  controls: 5_000,
  // Whoever asks again all the time does not do what it is told.
  repeated: null,
} as const satisfies Record<Exclude<Withholding, 'shadow'>, number | null>;

/**
 * Makes an answer of what was found out: a stop passes only if nothing speaks against stops as such. To be called once for
 * each request, in the moment in which it is answered, since stops are counted.
 */
export function filterStop(filters: StopFilters, found: Found, nowMs: number): FilteredAnswer {
  const withheld = withholding(filters, found, nowMs);
  const { order, result, probeId, chat } = found;
  const guarded: ProbeResult =
    withheld === null ? result : { ...result, verdict: 'route', degraded: true, recheckAfterMs: RECHECK_AFTER_MS[withheld] };
  const answer = answerWith(filters.enforcement, order, guarded, probeId, withheld !== null);
  if (chat !== null) {
    if (answer.verdict === 'stop') chat.stops = withTimestamp(chat.stops, nowMs, filters.limits.stopsPerInteraction);
    const isHeld = withheld !== null || (result.verdict === 'route' && countsAsStop(result));
    if (isHeld && (chat.heldAtMs === null || nowMs - chat.heldAtMs >= filters.guardWindowMs)) chat.heldAtMs = nowMs;
  }
  return { answer, withheld: withheld ?? (answer.verdict === guarded.verdict ? null : 'shadow') };
}

/** The answer to a verdict that needs no filtering, since it routes without having found anything out. */
export function unfiltered(enforcement: EnforcementSettings, order: ProbeOrder, result: ProbeResult): Answer {
  return answerWith(enforcement, order, result, order.probeId, false);
}

function withholding(filters: StopFilters, found: Found, nowMs: number): Exclude<Withholding, 'shadow'> | null {
  const { result } = found;
  // Where the interaction's own data say that it is closed, no answer of Interaction Server is behind it that could be false.
  const doubt = result.evidence === 'closed' ? null : doubtOf(filters, found, nowMs);
  if (doubt !== null || result.verdict !== 'stop' || found.chat === null) return doubt;
  const { stopsPerInteraction, messageWindowMs } = filters.limits;
  return isWithinLimit(found.chat.stops, nowMs, stopsPerInteraction, messageWindowMs) ? null : 'repeated';
}

function doubtOf({ servers, guard, controls }: StopFilters, found: Found, nowMs: number) {
  const { order, result } = found;
  // Told in any case, since it goes by what is computed, whoever keeps it from the caller.
  const byGuard = guard.judge(order, { ...found, heldAtMs: found.chat?.heldAtMs ?? null }, nowMs);
  if (result.verdict !== 'stop') return null;
  if (controls.isWrong) return 'controls';
  return (result.evidence === 'orphaned' ? servers.holdOf(order.chatServer, found.startedAtMs, isHasty(found)) : null) ?? byGuard;
}

/** Whether a new chat would be stopped by what was known before it came. */
function isHasty({ order, isNewcomer }: Found): boolean {
  return isNewcomer && !stopsOrphans(order.target.rules, order.policy.deadlineMs);
}

function answerWith(enforcement: EnforcementSettings, order: ProbeOrder, result: ProbeResult, probeId: string, guarded: boolean): Answer {
  const enforced = isEnforced(enforcement, order.interactionId);
  return {
    verdict: enforced ? result.verdict : 'route',
    evidence: result.evidence,
    reason: result.reason,
    degraded: result.degraded,
    recheckAfterMs: result.recheckAfterMs,
    attempts: result.attempts,
    faultCode: result.faultCode,
    faultString: result.faultString,
    servedBy: result.servedBy,
    isKnownDown: result.isKnownDown,
    elapsedMs: result.elapsedMs,
    probeId,
    guarded,
    shadowVerdict: enforced ? null : result.verdict,
  };
}

/** Steps of a hundredth of a percent. */
const STEPS = 10_000;

/**
 * Whether callers are answered the verdict about this interaction, not only told it. The same interaction always gets the
 * same, from every instance of the service, and one that is enforced at a percentage is at each higher one.
 */
export function isEnforced({ shadow, enforcePercent }: EnforcementSettings, interactionId: string): boolean {
  return !shadow && fnv1a(interactionId) % STEPS < (enforcePercent * STEPS) / 100;
}

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a, 32 bits, as an unsigned integer (by Fowler, Noll and Vo): the same in every process and release. Spreads
 * alike texts; is no protection against somebody who chooses them. For ASCII, where a character is a byte.
 */
export function fnv1a(text: string): number {
  let hash = OFFSET_BASIS;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash >>> 0;
}
