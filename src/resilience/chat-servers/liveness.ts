import type { Attempt } from '../../probe/attempt.ts';
import type { Reason } from '../../probe/reasons.ts';

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
  return attempt === null ? null : (SIGNS[attempt.reason] ?? null);
}

/**
 * Longest time between two answers that a Chat Server is down in which it counts as down throughout. An agent is done with a chat
 * that is gone in about a minute, and then it is asked about again.
 */
export const MAX_SIGN_GAP_MS = 90_000;

/** What is known of one Chat Server, put together from answers that may come in any order. Moments are -Infinity before the first. */
export interface Liveness {
  /** The newest sign, null before the first. */
  readonly signal: LivenessSignal | null;
  /** When the message that brought it was admitted. */
  readonly provenAtMs: number;
  /** When an answer last came from the Chat Server itself. */
  readonly seenAliveAtMs: number;
  /** When an answer last said that it is down. */
  readonly seenDownAtMs: number;
  /**
   * When it was found down for the first time since it last gave a sign of life, or since a gap in which it may have lived;
   * Infinity while it is not known to be down.
   */
  readonly downSinceMs: number;
  /** From the first message that found it down since then to the newest, in ms. */
  readonly provenForMs: number;
  /**
   * Takes in a sign. It counts only if its message was admitted after the one that brought the last: an answer
   * that was overtaken is older than what is known.
   *
   * @param nowMs when the answer came.
   * @returns whether it did.
   */
  observe(sign: LivenessSignal, admittedAtMs: number, nowMs: number): boolean;
}

export function createLiveness(): Liveness {
  return new ObservedLiveness();
}

/** A class because every answer writes here: numbers in a closure would be allocated anew each time. */
class ObservedLiveness implements Liveness {
  signal: LivenessSignal | null = null;
  provenAtMs = Number.NEGATIVE_INFINITY;
  seenAliveAtMs = Number.NEGATIVE_INFINITY;
  seenDownAtMs = Number.NEGATIVE_INFINITY;
  downSinceMs = Number.POSITIVE_INFINITY;
  #firstProvenAtMs = Number.POSITIVE_INFINITY;

  get provenForMs(): number {
    return this.signal === 'down' ? this.provenAtMs - this.#firstProvenAtMs : 0;
  }

  observe(sign: LivenessSignal, admittedAtMs: number, nowMs: number): boolean {
    const isGap = nowMs - this.seenDownAtMs > MAX_SIGN_GAP_MS;
    if (sign === 'alive') this.seenAliveAtMs = nowMs;
    else this.seenDownAtMs = nowMs;
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
