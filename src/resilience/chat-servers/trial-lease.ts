import type { Clock } from '../../probe/clock.ts';
import type { FleetLink, HeldElsewhere, Lease } from '../fleet.ts';

/** After which another replica may send a canary although nothing was heard of this one's: longer than nearly every answer takes. */
const HOLD_MS = 5_000;

/**
 * The right of a replica to send the canary of a Chat Server, which of all replicas one has at a time. Where there is no other, it is
 * there at once.
 *
 * It costs a canary one round trip beside that for its chat (`chat-lock.ts`). Which chat that is, is not decided before this is granted: who
 * waits changes meanwhile. One call for both would have to know of queue and lock at once.
 */
export class TrialLease {
  readonly #clock: Clock;
  readonly #fleet: FleetLink;
  readonly #name: string | null;
  /** Told when there is an answer. */
  readonly #answered: () => void;
  #lease: Lease | null = null;
  #isAsking = false;
  #heldElsewhereUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, fleet: FleetLink, name: string | null, answered: () => void) {
    this.#clock = clock;
    this.#fleet = fleet;
    this.#name = name;
    this.#answered = answered;
  }

  /** When it can be asked for next, Infinity while it is. */
  get nextAtMs(): number {
    return this.#isAsking ? Number.POSITIVE_INFINITY : this.#heldElsewhereUntilMs;
  }

  /** True if a canary may go now; else asks, if it is time to. */
  acquire(nowMs: number): boolean {
    if (this.#lease !== null) return true;
    if (nowMs < this.nextAtMs) return false;
    const claimed = this.#fleet.claim('canary', this.#name, HOLD_MS);
    if (!(claimed instanceof Promise)) {
      this.#lease = claimed;
      return true;
    }
    this.#isAsking = true;
    void claimed.then((answer) => this.#settle(answer));
    return false;
  }

  /** Gives it back, if it is held. @param keepMs how long after it was claimed no other canary may go. */
  release(keepMs: number): void {
    this.#lease?.release(keepMs);
    this.#lease = null;
  }

  #settle(answer: Lease | HeldElsewhere): void {
    this.#isAsking = false;
    if (answer.granted) this.#lease = answer;
    else this.#heldElsewhereUntilMs = this.#clock.nowMs() + answer.leftMs;
    this.#answered();
  }
}
