import type { AskedAttempt } from '../../probe/admission.ts';
import type { CancelHandler, CancelSignal } from '../../probe/cancel-signal.ts';
import { createDueQueue, type Queued } from '../../probe/clock.ts';
import { MIN_ATTEMPT_MS } from '../../probe/policy.ts';
import type { Permit } from './chat-server.ts';

/** Told by all who wait for one Chat Server. */
export interface WaiterEvents {
  /** Whoever waits has gone. Must end the wait. */
  readonly left: (waiter: Waiter) => void;
  /** A wait has ended with an answer for somebody who is still there. Is to call `tell` now or in a moment, as many others may be told too. */
  readonly answered: (tell: () => void) => void;
  /** A probe began (1) or ended (-1) to be waited for. */
  readonly parked: (by: 1 | -1) => void;
}

/**
 * The wait of one probe for its Chat Server: over before it began, or told later. A class, and in the queue by itself, because thousands
 * may wait: as closures in objects that point to it, each took a kilobyte more.
 */
export class Waiter implements CancelHandler {
  readonly asked: AskedAttempt;
  readonly #events: WaiterEvents;
  /** Where it stands in the queue, null where it does not. The three belong to the queue alone. */
  byDeadline: Queued<Waiter> | null = null;
  byMoment: Queued<Waiter> | null = null;
  isLate = false;
  #permit: Permit | null = null;
  #signal: CancelSignal | null = null;
  #resolve: (permit: Permit) => void = () => undefined;

  constructor(asked: AskedAttempt, events: WaiterEvents) {
    this.asked = asked;
    this.#events = events;
  }

  get isOver(): boolean {
    return this.#permit !== null;
  }

  /** When it must not wait any longer, because no attempt could follow. */
  get giveUpAtMs(): number {
    return this.asked.deadlineAtMs - MIN_ATTEMPT_MS;
  }

  /** Ends it. Called once. */
  end(permit: Permit): void {
    this.#permit = permit;
    if (this.#signal === null) return;
    this.#events.parked(-1);
    if (permit.kind === 'send' || this.#signal.aborted) this.#tell(permit);
    else this.#events.answered(() => this.#tell(permit));
  }

  /** What it came to, at once if it has ended. Else it is waited for, and left if `signal` aborts meanwhile. Asked once. */
  outcome(signal: CancelSignal): Permit | Promise<Permit> {
    if (this.#permit !== null) return this.#permit;
    this.#events.parked(1);
    this.#signal = signal;
    signal.addEventListener('abort', this);
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  handleEvent(): void {
    if (this.#permit === null) this.#events.left(this);
    // Its turn to be told has not come, and nobody waits for it any more.
    else this.#tell(this.#permit);
  }

  #tell(permit: Permit): void {
    this.#signal?.removeEventListener('abort', this);
    this.#resolve(permit);
  }
}

/** Probes that wait for one Chat Server. Everything costs the logarithm of how many there are. */
export class WaitQueue {
  readonly #byDeadline = createDueQueue<Waiter>();
  readonly #byLastMoment = createDueQueue<Waiter>();
  readonly #lateByProof = createDueQueue<Waiter>();

  get size(): number {
    return this.#byDeadline.size;
  }

  /** When the next last moment comes of those who are not late, Infinity if there is none. */
  get nextLastMomentAtMs(): number {
    return this.#byLastMoment.first()?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  add(waiter: Waiter): void {
    waiter.byDeadline = this.#byDeadline.add(waiter.giveUpAtMs, waiter);
    waiter.byMoment = this.#byLastMoment.add(waiter.asked.lastMomentAtMs, waiter);
  }

  /** Safe to call twice. */
  remove(waiter: Waiter): void {
    if (waiter.byDeadline !== null) this.#byDeadline.remove(waiter.byDeadline);
    if (waiter.byMoment !== null) (waiter.isLate ? this.#lateByProof : this.#byLastMoment).remove(waiter.byMoment);
    waiter.byDeadline = null;
    waiter.byMoment = null;
  }

  /** The one whose deadline comes first, null if nobody waits. */
  mostUrgent(): Waiter | null {
    return this.#byDeadline.first()?.item ?? null;
  }

  /** From now on those are late whose last moment has come: they take the first proof that their Chat Server is down. */
  takeLate(nowMs: number): void {
    for (let due = this.#byLastMoment.first(); due !== null && due.dueMs <= nowMs; due = this.#byLastMoment.first()) {
      this.#byLastMoment.takeFirst();
      due.item.isLate = true;
      due.item.byMoment = this.#lateByProof.add(due.item.asked.probeStartedAtMs, due.item);
    }
  }

  /** The late one for whom the oldest proof will do, null if nobody is late. */
  oldestLate(): Waiter | null {
    return this.#lateByProof.first()?.item ?? null;
  }
}
