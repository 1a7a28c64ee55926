import type { ServerSign } from './server-sign.ts';

/** What is known of one Chat Server, put together from answers that may come in any order. Moments are -Infinity before the first. */
export interface ServerBelief {
  /** The newest sign, null before the first. */
  readonly sign: ServerSign | null;
  /** When the message that brought it was admitted. */
  readonly provenAtMs: number;
  /** When an answer last came from the Chat Server itself. */
  readonly seenAliveAtMs: number;
  /** When an answer last said that it is down. */
  readonly seenDownAtMs: number;
  /**
   * When it was last seen to fall: found down after a sign of life, or after a silence in which it may have lived. One that was
   * never seen alive has not fallen.
   */
  readonly fellAtMs: number;
  /** When it was found down, where that was the first that was ever heard of it: nobody knows since when. */
  readonly foundDownAtMs: number;
  /**
   * Takes in a sign. It changes the belief only if its message was admitted after the one that is believed: an answer
   * that was overtaken is older than what is known.
   *
   * @param nowMs when the answer came.
   * @returns whether it did.
   */
  hear(sign: ServerSign, admittedAtMs: number, nowMs: number): boolean;
}

/** @param silenceMs after so long without any sign, one that lived and is found down has fallen anew. */
export function createServerBelief(silenceMs: number): ServerBelief {
  return new Belief(silenceMs);
}

/** A class because every answer writes here: numbers in a closure would be allocated anew each time. */
class Belief implements ServerBelief {
  readonly #silenceMs: number;
  sign: ServerSign | null = null;
  provenAtMs = Number.NEGATIVE_INFINITY;
  seenAliveAtMs = Number.NEGATIVE_INFINITY;
  seenDownAtMs = Number.NEGATIVE_INFINITY;
  fellAtMs = Number.NEGATIVE_INFINITY;
  foundDownAtMs = Number.NEGATIVE_INFINITY;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  hear(sign: ServerSign, admittedAtMs: number, nowMs: number): boolean {
    const hasLived = this.seenAliveAtMs > Number.NEGATIVE_INFINITY;
    const silentMs = nowMs - Math.max(this.seenAliveAtMs, this.seenDownAtMs);
    if (sign === 'alive') this.seenAliveAtMs = nowMs;
    else this.seenDownAtMs = nowMs;
    if (admittedAtMs <= this.provenAtMs) return false;
    if (sign === 'down' && (this.sign === 'alive' || (hasLived && silentMs >= this.#silenceMs))) this.fellAtMs = nowMs;
    if (sign === 'down' && this.sign === null) this.foundDownAtMs = nowMs;
    this.sign = sign;
    this.provenAtMs = admittedAtMs;
    return true;
  }
}
