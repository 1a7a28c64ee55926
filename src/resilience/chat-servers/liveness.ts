import type { Attempt } from '../../probe/attempt.ts';
import type { Reason } from '../../probe/reasons.ts';
import type { TargetRules } from '../../probe/target.ts';
import type { Withholding } from '../events.ts';
import type { Newcomers } from './newcomers.ts';

/** What an answer tells of a Chat Server: it answered itself, or Interaction Server is not connected to it. */
export type LivenessSignal = 'alive' | 'down';

/** A failure on the way, and an error that the table does not know, say nothing about the Chat Server. */
const SIGNS: Partial<Record<Reason, LivenessSignal>> = {
  delivered: 'alive',
  session_not_found: 'alive',
  session_not_found_by_type: 'alive',
  session_may_have_moved: 'alive',
  fault_unrecognised: 'alive',
  chat_server_not_found: 'down',
};

/** Reads what an attempt tells of its Chat Server: null if nothing, as where there was none. */
export function livenessSignal(attempt: Attempt | null): LivenessSignal | null {
  return attempt === null ? null : signOf(attempt.reason);
}

export function signOf(reason: Reason): LivenessSignal | null {
  return SIGNS[reason] ?? null;
}

/**
 * How far apart two replicas may date the same moment. What another one heard counts as so much older if it is bad, and so much newer if it
 * is a sign of life: whoever is in doubt believes that a Chat Server lives.
 */
const DATED_WITHIN_MS = 25;

/** When a message of another replica counts as admitted. */
export function datedInDoubt(sign: LivenessSignal, admittedAtMs: number): number {
  return sign === 'alive' ? admittedAtMs + DATED_WITHIN_MS : admittedAtMs - DATED_WITHIN_MS;
}

/**
 * Longest time between two answers that a Chat Server is down in which it counts as down throughout. An agent is done with a chat
 * that is gone in about a minute, and then it is asked about again.
 */
export const MAX_SIGN_GAP_MS = 90_000;

/**
 * What is known of the life of one Chat Server, put together from answers that may come in any order. Moments are -Infinity before the
 * first. A class because every answer writes here: numbers in a closure would be allocated anew each time.
 */
export class Liveness {
  /** The newest sign, null before the first. */
  signal: LivenessSignal | null = null;
  /** When the message that brought it was admitted. */
  provenAtMs = Number.NEGATIVE_INFINITY;
  /** When an answer last came from the Chat Server itself. */
  seenAliveAtMs = Number.NEGATIVE_INFINITY;
  /** When an answer last said that it is down. */
  seenDownAtMs = Number.NEGATIVE_INFINITY;
  /**
   * When it was found down for the first time since it last gave a sign of life, or since a gap in which it may have lived;
   * Infinity while it is not known to be down.
   */
  downSinceMs = Number.POSITIVE_INFINITY;
  #firstProvenAtMs = Number.POSITIVE_INFINITY;

  /** From the first message that found it down since then to the newest, in ms. */
  get provenForMs(): number {
    return this.signal === 'down' ? this.provenAtMs - this.#firstProvenAtMs : 0;
  }

  /**
   * Takes in a sign. It counts only if its message was admitted after the one that brought the last: an answer
   * that was overtaken is older than what is known.
   *
   * @param nowMs when the answer came; for one that another replica got, perhaps before the last one here.
   * @returns whether it did.
   */
  observe(sign: LivenessSignal, admittedAtMs: number, nowMs: number): boolean {
    const isGap = nowMs - this.seenDownAtMs > MAX_SIGN_GAP_MS;
    if (sign === 'alive') this.seenAliveAtMs = Math.max(this.seenAliveAtMs, nowMs);
    else this.seenDownAtMs = Math.max(this.seenDownAtMs, nowMs);
    if (admittedAtMs <= this.provenAtMs) return false;
    if (sign === 'alive') {
      this.downSinceMs = Number.POSITIVE_INFINITY;
    } else if (this.signal !== 'down' || isGap) {
      this.downSinceMs = nowMs;
      this.#firstProvenAtMs = admittedAtMs;
    }
    this.signal = sign;
    this.provenAtMs = admittedAtMs;
    return true;
  }
}

/**
 * How long, beyond the restore window, user data may still show the name of a Chat Server that fell. An assumption: how
 * fast it follows is not documented.
 */
const USER_DATA_LAG_MS = 5_000;

/** How recently another Chat Server must have lived: else it may be Interaction Server that has lost sight of all. */
const WITNESS_MS = 15_000;

/** How long after a Chat Server fell a living chat may still be asked for under its name, or be on its way to another one. */
export function unsettledMs({ restoreWindowMs }: TargetRules): number {
  // Of a window shorter than usual the same share, so that it is not mostly lag.
  return restoreWindowMs + Math.min(USER_DATA_LAG_MS, restoreWindowMs / 9);
}

/** Why an orphan is not stopped, whatever rule says so. */
export type Hold = Extract<Withholding, 'restoring' | 'out_of_sight' | 'still_used'>;

/** What is known of one Chat Server. */
export interface KnownServer {
  /** Null where messages go by type. */
  readonly name: string | null;
  readonly liveness: Readonly<Omit<Liveness, 'observe'>>;
  readonly newcomers: Pick<Newcomers, 'isStillUsed'>;
}

/** What all that is known of the Chat Servers of one target says of one that is not found. */
export interface ServerDowntime {
  /** See `ChatServer.mayHaveMoved`. */
  mayHaveMoved(server: KnownServer, probeStartedAtMs: number): boolean;
  /**
   * What speaks against stopping an orphan: its Chat Server, null if it is not remembered, has not been down for long enough before the
   * probe began, no other one is known to live, or new chats go on naming it.
   */
  holdOf(server: KnownServer | null, probeStartedAtMs: number, nowMs: number): Hold | null;
  /** Whether it has been down for so long, and others live, that nobody can be restored from it any more. */
  isKnown(server: KnownServer, probeStartedAtMs: number, nowMs: number): boolean;
}

/** @param known the Chat Servers that are remembered. */
export function createServerDowntime(rules: TargetRules, known: () => Iterable<KnownServer>): ServerDowntime {
  const hasWitness = (nowMs: number): boolean => {
    for (const { name, liveness } of known())
      if (name !== null && liveness.signal === 'alive' && nowMs - liveness.seenAliveAtMs <= WITNESS_MS) return true;
    return false;
  };
  const holdOf: ServerDowntime['holdOf'] = (server, probeStartedAtMs, nowMs) => {
    if (server === null || downSinceMs(server.liveness, nowMs) + unsettledMs(rules) > probeStartedAtMs) return 'restoring';
    // By type, "not found" says that none at all is there.
    if (server.name === null || !hasWitness(nowMs)) return 'out_of_sight';
    return server.newcomers.isStillUsed(nowMs) ? 'still_used' : null;
  };
  return {
    mayHaveMoved: ({ liveness }, probeStartedAtMs) => probeStartedAtMs - liveness.seenDownAtMs < unsettledMs(rules),
    holdOf,
    isKnown(server, probeStartedAtMs, nowMs) {
      if (!mayRestore(rules)) return false;
      const hold = holdOf(server, probeStartedAtMs, nowMs);
      return hold === null || hold === 'still_used';
    },
  };
}

/** Where there is nowhere to restore to, the site's rule is followed to the letter. */
export function mayRestore({ ha, singleChatServer }: TargetRules): boolean {
  return ha && !singleChatServer;
}

/** Since when it has been down without a break, as far as the answers tell; Infinity if it is not known to be. */
function downSinceMs(liveness: KnownServer['liveness'], nowMs: number): number {
  if (nowMs - liveness.seenDownAtMs > MAX_SIGN_GAP_MS) return Number.POSITIVE_INFINITY;
  // An answer that was overtaken is a sign of life all the same.
  return Math.max(liveness.downSinceMs, liveness.seenAliveAtMs);
}
