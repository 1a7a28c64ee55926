import type { Evidence, Reason } from './reasons.ts';
import { REASONS } from './reasons.ts';
import type { TargetRules } from './target.ts';

export const VERDICTS = ['route', 'stop'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What to do with the chat and how well that is founded. */
export interface Conclusion {
  readonly verdict: Verdict;
  readonly evidence: Evidence;
  readonly reason: Reason;
  /** True if the verdict does not rest on proof. */
  readonly degraded: boolean;
  /** Where a later answer may differ, when to ask again; else null. */
  readonly recheckAfterMs: number | null;
}

/**
 * Turns the reason that counts (that of the delivered attempt, else of the last) into a verdict.
 *
 * @param deadlineMs how long the probe was allowed to take, overrides included.
 * @param isKnownDown whether the Chat Server has been down for so long that nobody can be restored from it any more.
 * @param retryAfterMs how long the far end asked us to stay away, null if it did not say.
 */
export function conclude(
  reason: Reason,
  rules: TargetRules,
  deadlineMs: number,
  isKnownDown: boolean,
  retryAfterMs: number | null = null,
): Conclusion {
  const { evidence, recheckAfterMs } = REASONS[reason];
  const verdict = verdictOf(reason, rules, deadlineMs, isKnownDown);
  return {
    verdict,
    evidence,
    reason,
    degraded: evidence === 'orphaned' || evidence === 'unknown',
    recheckAfterMs: verdict === 'stop' || recheckAfterMs === null ? null : Math.max(recheckAfterMs, retryAfterMs ?? 0),
  };
}

/** Costs are not equal: without proof or a rule that says so, a chat is routed. */
function verdictOf(reason: Reason, rules: TargetRules, deadlineMs: number, isKnownDown: boolean): Verdict {
  switch (REASONS[reason].evidence) {
    case 'alive':
      return 'route';
    case 'dead':
    case 'closed':
      return 'stop';
    case 'orphaned':
      return stopsOrphans(rules, deadlineMs) || (isKnownDown && rules.onChatServerDown === 'auto') ? 'stop' : 'route';
    case 'unknown':
      return reason === 'fault_unrecognised' || reason === 'error_unrecognised' ? rules.onUnrecognised : 'route';
  }
}

/** Whether the target's rules stop an orphan, whatever else is known of its Chat Server. */
export function stopsOrphans({ onChatServerDown, ha, restoreWindowMs }: TargetRules, deadlineMs: number): boolean {
  if (onChatServerDown !== 'auto') return onChatServerDown === 'stop';
  // With HA a session may come back elsewhere until its client is dropped; only who has allowed for that time may stop.
  return !ha || deadlineMs >= restoreWindowMs;
}
