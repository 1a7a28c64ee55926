import type { ProbeOrder } from '../../probe/probe-order.ts';
import type { ProbeResult } from '../../probe/result.ts';
import type { Answer } from '../answer.ts';
import type { Withholding } from '../events.ts';
import type { ServerDesk } from '../servers/server-desk.ts';
import type { EnforcementSettings } from '../settings.ts';
import { isEnforced } from './enforcement.ts';
import type { MassStopGuard } from './mass-stop-guard.ts';

/** What can keep a computed stop from the caller. */
export interface Bench {
  readonly servers: Pick<ServerDesk, 'isRestoring'>;
  readonly guard: Pick<MassStopGuard, 'judge'>;
  readonly controls: { readonly isWrong: boolean };
  readonly enforcement: EnforcementSettings;
}

export interface Judgement {
  readonly answer: Answer;
  /** Why a computed stop is not answered; null if there was none, or it is. */
  readonly withheld: Withholding | null;
}

/** A session that moves shows its new name within seconds of its client's return. */
const RECHECK_RESTORING_MS = 2_000;
/** The evidence behind the other reasons changes with other chats' verdicts. */
const RECHECK_GUARDED_MS = 5_000;

/**
 * Makes an answer of a computed verdict: a stop passes only if nothing speaks against stops as such. To be called once for
 * each probe that was run, in the moment it finished, since the guard counts them.
 *
 * @param startedAtMs when the probe began, on the clock of `nowMs`.
 */
export function judge(bench: Bench, order: ProbeOrder, result: ProbeResult, startedAtMs: number, nowMs: number): Judgement {
  const withheld = withholding(bench, order, result, startedAtMs, nowMs);
  const guarded: ProbeResult =
    withheld === null
      ? result
      : {
          ...result,
          verdict: 'route',
          degraded: true,
          recheckAfterMs: withheld === 'restoring' ? RECHECK_RESTORING_MS : RECHECK_GUARDED_MS,
        };
  const answer = answerWith(bench.enforcement, order, guarded, withheld !== null);
  return { answer, withheld: withheld ?? (answer.verdict === guarded.verdict ? null : 'shadow') };
}

/** The answer to a verdict that needs no judging, since it routes without having found anything out. */
export function unjudged(enforcement: EnforcementSettings, order: ProbeOrder, result: ProbeResult): Answer {
  return answerWith(enforcement, order, result, false);
}

function withholding(
  { servers, guard, controls }: Bench,
  order: ProbeOrder,
  result: ProbeResult,
  startedAtMs: number,
  nowMs: number,
): Withholding | null {
  // The interaction's own data say that it is closed: no answer of Interaction Server is behind it that could be false.
  if (result.evidence === 'closed') return null;
  // Told in any case, since it goes by what is computed, whoever keeps it from the caller.
  const byGuard = guard.judge(result, nowMs);
  if (result.verdict !== 'stop') return null;
  if (controls.isWrong) return 'controls';
  if (result.evidence === 'orphaned' && servers.isRestoring(order.chatServer, startedAtMs)) return 'restoring';
  return byGuard;
}

function answerWith(enforcement: EnforcementSettings, order: ProbeOrder, result: ProbeResult, guarded: boolean): Answer {
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
    elapsedMs: result.elapsedMs,
    probeId: order.probeId,
    guarded,
    shadowVerdict: enforced ? null : result.verdict,
  };
}
