import type { CancelSignal } from '../probe/cancel-signal.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import type { ProbeResult, Verdict } from '../probe/verdict.ts';
import type { ControlState, GuardState } from './events.ts';

/** What a caller is answered: what a probe came to, as far as it is enforced. */
export interface Answer extends ProbeResult {
  /** Names the probe behind it in the log: that of another request where the verdict is shared. */
  readonly probeId: string;
  /** True if a stop was computed and withheld. */
  readonly guarded: boolean;
  /** The verdict that would have been answered if it were enforced; null where it is. */
  readonly shadowVerdict: Verdict | null;
}

/** Answers what callers ask. */
export interface ProbeService {
  /**
   * Finds out about one chat. Settles by the policy's deadline + 50 ms; at once when `signal` aborts. Never rejects.
   *
   * @returns the answer, or null if the caller went away.
   */
  ask(order: ProbeOrder, signal: CancelSignal): Promise<Answer | null>;
  /** Answers at once without sending, for a reason of our own. */
  decline(order: ProbeOrder, reason: 'overloaded' | 'draining'): Answer;
}

/** How one target's guards stand. Carries no name that a caller chose. */
export interface SafetyState {
  readonly guard: GuardState;
  /** Whether a message was delivered since the start. */
  readonly delivered: boolean;
  readonly gatewayOpen: boolean;
  /** Chat Servers that are suspect or recovering. */
  readonly serversDown: number;
  /** Probes that wait for them. */
  readonly probesParked: number;
  /** Null where there is no such control. */
  readonly controls: { readonly absent: ControlState | null; readonly live: ControlState | null };
  readonly shadow: boolean;
  readonly enforcePercent: number;
}
