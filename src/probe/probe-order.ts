import type { Clock } from './clock.ts';
import type { UserData } from './esp.ts';
import type { ProbeIdentity, ProbeObserver } from './events.ts';
import type { RetryPolicy } from './policy.ts';
import type { Target } from './target.ts';

/** Everything one probe needs to know. */
export interface ProbeOrder {
  readonly probeId: string;
  readonly requestId: string;
  readonly interactionId: string;
  readonly target: Target;
  readonly policyName: string;
  /** The named policy with the caller's overrides. */
  readonly policy: RetryPolicy;
  /** Chat Server that hosts the chat, null if the caller does not say. */
  readonly chatServer: string | null;
  /** True if the interaction's `IsOnline` says that the session is closed already. */
  readonly isOffline: boolean;
  readonly userData: UserData;
}

/** The time, chance, numbering and listeners that probes work with. */
export interface ProberParts {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly nextReferenceId: () => number;
  readonly observe: ProbeObserver;
}

/** Names the probe for those who listen. */
export function identityOf(order: ProbeOrder): ProbeIdentity {
  const { probeId, requestId, interactionId, chatServer } = order;
  return { probeId, requestId, interactionId, target: order.target.name, policy: order.policyName, chatServer };
}
