import type { ProbeEvent, ProbeIdentity } from '../probe/probe-order.ts';
import type { SpanReference } from '../probe/trace-context.ts';
import type { ProbeResult, Verdict } from '../probe/verdict.ts';

/** What kept a message from being sent. */
export const SAVINGS = ['coalesced', 'recent', 'canary', 'gateway_open', 'retry_suppressed', 'message_limit'] as const;
export type Saving = (typeof SAVINGS)[number];

/** Why a computed stop was answered with `route`: docs/operating.md, "The guard", has a row for each. */
export const WITHHOLDINGS = [
  'mass_stop',
  'no_delivery',
  'controls',
  'restoring',
  'out_of_sight',
  'still_used',
  'repeated',
  'shadow',
] as const;
export type Withholding = (typeof WITHHOLDINGS)[number];

/**
 * Why a probe was answered `overloaded`: too many under way, in all or of its target; too many bytes held for those who wait; the heap
 * nearly full; the event loop late.
 */
export const SHED_CAUSES = ['in_flight', 'target_in_flight', 'held_bytes', 'heap', 'event_loop'] as const;
export type ShedCause = (typeof SHED_CAUSES)[number];

export const SERVER_STATES = ['healthy', 'suspect', 'recovering'] as const;
export type ServerState = (typeof SERVER_STATES)[number];

export const GUARD_STATES = ['watching', 'tripped', 'released'] as const;
export type GuardState = (typeof GUARD_STATES)[number];

export const CONTROLS = ['absent', 'live'] as const;
export type Control = (typeof CONTROLS)[number];

/** What the control probe's last answer was: as expected, the opposite, or none. */
export const CONTROL_STATES = ['right', 'wrong', 'unknown'] as const;
export type ControlState = (typeof CONTROL_STATES)[number];

/** What happened over many probes of one target, told once. */
export type OutageEvent =
  /** A message was not sent, because of this. */
  | { readonly type: 'message_saved'; readonly target: string; readonly by: Saving }
  /** A probe was answered `overloaded`, and nothing was sent. */
  | { readonly type: 'probe_shed'; readonly target: string; readonly because: ShedCause }
  /** A request got the verdict of another's probe. */
  | { readonly type: 'answer_shared'; readonly request: ProbeIdentity; readonly probeId: string; readonly servedBy: 'coalesced' | 'recent' }
  /** `chatServer` is null where messages go by type. A name that is forgotten counts as healthy. */
  | {
      readonly type: 'server_changed';
      readonly target: string;
      readonly chatServer: string | null;
      readonly from: ServerState;
      readonly to: ServerState;
    }
  /** A probe began (1) or ended (-1) to wait for a Chat Server. */
  | { readonly type: 'probe_parked'; readonly target: string; readonly by: 1 | -1 }
  /** A simulator answers where a gateway is configured, or does no longer. */
  | { readonly type: 'far_end_changed'; readonly target: string; readonly simulated: boolean }
  | { readonly type: 'gateway_changed'; readonly target: string; readonly open: boolean }
  | { readonly type: 'guard_changed'; readonly target: string; readonly state: GuardState }
  | { readonly type: 'stop_withheld'; readonly probe: ProbeIdentity; readonly because: Withholding }
  | { readonly type: 'control_answered'; readonly target: string; readonly control: Control; readonly state: ControlState };

/** A request was answered: told once for each, unless its caller is gone. */
export interface ProbeAnswered {
  readonly type: 'probe_answered';
  /** The request. Its `probeId` is its own, also where no probe of its own was made. */
  readonly probe: ProbeIdentity;
  /** The probe whose verdict it is, as the caller is told: that of another request where the verdict is shared. */
  readonly probeId: string;
  /** What the caller is answered. */
  readonly answer: ProbeResult;
  /** What the probe came to before anything spoke against it. */
  readonly computed: Verdict;
  readonly withheld: Withholding | null;
  /** The verdict, where it is not enforced; null where it is. */
  readonly shadowVerdict: Verdict | null;
  /** Whether it is made up. */
  readonly simulated: boolean;
  /** The span of the request whose probe it is, where that is another's and has one. */
  readonly sharedWith?: SpanReference | undefined;
}

/** The caller of a request hung up before it was answered, whatever became of the probe. */
export interface RequestAbandoned {
  readonly type: 'request_abandoned';
  readonly probe: ProbeIdentity;
}

/** What became of a chat, as somebody saw it who had it before him. */
export const TRUTHS = ['alive', 'dead'] as const;
export type Truth = (typeof TRUTHS)[number];

/** Whose probes were looked among: those of all replicas, or those of this instance alone. */
export const COVERAGES = ['fleet', 'instance'] as const;
export type Coverage = (typeof COVERAGES)[number];

/** What happened to what is kept of probes. `verdict` is the one that was answered. */
export type EvidenceEvent =
  /** A record had to make room for newer ones, and nobody else has it. */
  | { readonly type: 'evidence_evicted'; readonly target: string; readonly verdict: Verdict }
  | {
      readonly type: 'feedback_given';
      readonly probeId: string;
      readonly interactionId: string;
      readonly target: string;
      readonly verdict: Verdict;
      readonly truth: Truth;
      /** False for a word about a probe about which somebody has spoken already. */
      readonly isFirst: boolean;
    };

/** Whether a stop was computed and withheld, shadow mode apart. */
export function isGuarded({ withheld }: Pick<ProbeAnswered, 'withheld'>): boolean {
  return withheld !== null && withheld !== 'shadow';
}

type Targetless<E> = E extends OutageEvent ? Omit<E, 'target'> : never;

/** What happened to the Chat Servers of one target; whoever listens knows which. */
export type ChatServerEvent = Targetless<Extract<OutageEvent, { readonly type: 'server_changed' | 'probe_parked' }>>;

/** All that observers may hear. */
export type ServiceEvent = ProbeEvent | OutageEvent | ProbeAnswered | RequestAbandoned | EvidenceEvent;
export type ServiceObserver = (event: ServiceEvent) => void;
