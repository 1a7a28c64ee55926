import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';
import type { SendOutcome } from '../../src/probe/adapter.ts';
import type { RetryPolicy } from '../../src/probe/policy.ts';
import type { TransportReason } from '../../src/probe/reasons.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import type { SafetySettings } from '../../src/resilience/settings.ts';

/** All that is drawn before a simulation begins. Moments are in ms since then. */
export interface Plan {
  readonly seed: number;
  /** When everything is repaired for good. */
  readonly repairedAtMs: number;
  /** Moments at which the process hangs, and for how long. */
  readonly stalls: readonly Stall[];
  readonly ending: Ending;
  readonly targets: readonly TargetPlan[];
}

export interface Stall {
  readonly atMs: number;
  readonly forMs: number;
}

/** How the process ends: idle, drained under load, or closed under load. */
export type Ending = 'idle' | 'drained' | 'closed';

/** One target, with a world of its own behind it. */
export interface TargetPlan {
  readonly name: string;
  /** True if nothing ever goes wrong in its world, nor with its callers. */
  readonly isCalm: boolean;
  readonly rules: TargetRules;
  readonly safety: SafetySettings;
  /** Chats, Chat Servers, and what happens to them. */
  readonly scenario: Scenario;
  readonly chats: number;
  /** What goes wrong on the way to Interaction Server. */
  readonly troubles: readonly Trouble[];
  readonly requests: readonly PlannedRequest[];
  /** When an operator releases the guard, and for how many minutes. */
  readonly releases: readonly { readonly atMs: number; readonly minutes: number }[];
  /** When somebody looks at `/readyz`. */
  readonly looksAtMs: readonly number[];
  /** Requests that are declined, as under overload. */
  readonly declinesAtMs: readonly number[];
}

/** Failures that the way answers with without passing a message on: all reasons that the way can have but those with a trouble of their own below. */
export const REFUSALS = {
  gateway_error: { written: true, rejected: false },
  gateway_auth: { written: true, rejected: true },
  gateway_misrouted: { written: true, rejected: true },
  protocol_error: { written: true, rejected: false },
  connect_refused: { written: false, rejected: false },
  dns_failure: { written: false, rejected: false },
  tls_failure: { written: false, rejected: false },
} as const satisfies Record<
  Exclude<TransportReason, 'timeout' | 'connection_reset' | 'gateway_busy' | 'reply_mismatch'>,
  Pick<Extract<SendOutcome, { kind: 'failure' }>, 'written' | 'rejected'>
>;
export type Refusal = keyof typeof REFUSALS;

export function isRefusal(word: string): word is Refusal {
  return Object.hasOwn(REFUSALS, word);
}

/**
 * What the way can do to a message. The last four break the promises of an adapter: it throws, rejects, never settles, or
 * settles long after it was told to end.
 */
export const TROUBLES = [
  'hang',
  'lost_reply',
  'reset',
  'overtaken',
  'busy',
  ...Object.keys(REFUSALS).filter(isRefusal),
  'other_reference',
  'other_chat',
  'other_fault',
  'other_error',
  'throws',
  'rejects',
  'stuck',
  'dawdles',
] as const;
export type TroubleKind = (typeof TROUBLES)[number];

export interface Trouble {
  readonly kind: TroubleKind;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the messages in that time, those that meet it. */
  readonly share: number;
}

export interface PlannedRequest {
  readonly atMs: number;
  /** The interaction id. */
  readonly chat: string;
  /** The Chat Server that the caller names: the one that the interaction shows at that moment, or this one; null for none. */
  readonly via: 'shown' | { readonly name: string | null };
  /** Whether the caller says that the chat was closed, whatever the interaction shows. */
  readonly claimsClosed: boolean;
  readonly policyName: string;
  readonly policy: RetryPolicy;
  /** When and why the caller's signal aborts, from the question on; before 0: it has done so before. Null if it does not. */
  readonly leaves: { readonly afterMs: number; readonly how: 'hangs_up' | 'draining' } | null;
  /** How often the caller asks again when told to, each time with fresh user data. */
  readonly loops: number;
}
