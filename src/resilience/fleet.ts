import type { Reason } from '../probe/reasons.ts';

/*
 * What the replicas of one service tell each other about a target, and what only one of them may do at a time. All moments are on the
 * monotonic clock of whoever holds the fact: on the way they are the store's, so that no replica's wall clock matters.
 */

/** An attempt that says something of a Chat Server, of the answers as such, or of the chat's transcript. */
export interface AttemptFact {
  readonly type: 'attempt';
  readonly interactionId: string;
  readonly probeId: string;
  readonly chatServer: string | null;
  /** Null for one that was cut short and says nothing. */
  readonly reason: Reason | null;
  readonly probeStartedAtMs: number;
  readonly admittedAtMs: number;
  readonly atMs: number;
  /** Whether it is the first answer that its probe got. */
  readonly isFirstAnswer: boolean;
  /** Whether its message stands in the chat's transcript, or may. */
  readonly mayStand: boolean;
}

/** A chat was asked about by the name of a Chat Server: who hears of it for the first time has a newcomer, as has who asked. */
export interface AskedFact {
  readonly type: 'asked';
  readonly interactionId: string;
  readonly chatServer: string;
  readonly atMs: number;
}

/** How the mass-stop guard counts an answer. */
export const SHARE_KINDS = ['stop', 'alive', 'other'] as const;
export type ShareKind = (typeof SHARE_KINDS)[number];

/** What the guard counted of one answer. */
export interface CountFact {
  readonly type: 'count';
  readonly interactionId: string;
  readonly chatServer: string | null;
  readonly probeStartedAtMs: number;
  readonly atMs: number;
  /** Null where it is in no share. */
  readonly share: ShareKind | null;
  /** The reason of a stop that no message of its own is behind, which counts as a bad first answer; else null. */
  readonly byProof: Reason | null;
}

/** A stop was found. */
export interface StopFact {
  readonly type: 'stop';
  readonly interactionId: string;
  readonly atMs: number;
  /** Whether the caller was answered `stop`; else it was withheld. */
  readonly isAnswered: boolean;
}

/** An operator released the guard. */
export interface ReleaseFact {
  readonly type: 'release';
  readonly atMs: number;
  readonly forMs: number;
}

export type FleetFact = AttemptFact | AskedFact | CountFact | StopFact | ReleaseFact;

/** What one replica at a time may do: be the canary of a Chat Server, have a message to a chat in flight. */
export type LeaseKind = 'canary' | 'message';

export interface Lease {
  readonly granted: true;
  /** Gives it back. @param keepMs how long after it was claimed nobody else may have it all the same. */
  release(keepMs: number): void;
}

export interface HeldElsewhere {
  readonly granted: false;
  /** After which it is free unless it is claimed again. */
  readonly leftMs: number;
}

/** One target's way to the other replicas. Never throws; nobody waits for it but for a claim, and for that 20 ms at most. */
export interface FleetLink {
  /** How many there were the last time that anybody could be asked, this one counted; 1 while nobody ever could. */
  readonly replicas: number;
  /** How many of them do not hear of each other now: what one may do alone is its part of what all may do. 1 while they do. */
  readonly replicasApart: number;
  /** Tells the others, within moments; at once if it is urgent. */
  tell(fact: FleetFact, isUrgent: boolean): void;
  /**
   * Claims something that only one replica may have. At once, and without asking anybody, where there are no others or they cannot be
   * asked now.
   *
   * @param holdMs after which it is free if it was not given back.
   */
  claim(kind: LeaseKind, name: string | null, holdMs: number): Lease | Promise<Lease | HeldElsewhere>;
}

export const LEASE_OF_ONE_ALONE: Lease = { granted: true, release: () => undefined };

/** For a replica that is alone. */
export const NO_FLEET: FleetLink = {
  replicas: 1,
  replicasApart: 1,
  tell: () => undefined,
  claim: () => LEASE_OF_ONE_ALONE,
};

/** What one of so many replicas may do of what all of them together may: at least one, or nobody could ever do anything. */
export function partOf(ofAll: number, replicas: number): number {
  return Math.max(1, Math.floor(ofAll / replicas));
}
