import type { AskedAttempt } from '../../probe/admission.ts';
import type { CancelHandler, CancelSignal } from '../../probe/cancel-signal.ts';
import type { Queued } from '../../probe/due-queue.ts';
import type { Permit } from './permit.ts';

/** The wait of one probe for its Chat Server: over before it began, or told later. */
export interface Waiter extends QueuePlace {
  readonly asked: AskedAttempt;
  readonly isOver: boolean;
  /** Ends it. Called once. */
  end(pass: Permit): void;
  /** What it came to, at once if it has ended. Else it is waited for, and left if `signal` aborts meanwhile. Asked once. */
  outcome(signal: CancelSignal): Permit | Promise<Permit>;
}

/** Where somebody stands in a line, null where they do not. Belongs to the line alone. */
export interface QueuePlace {
  byDeadline: Queued<Waiter> | null;
  byMoment: Queued<Waiter> | null;
  isLate: boolean;
}

/** Told by all who wait for one Chat Server. */
export interface WaiterEvents {
  /** A wait ends in this moment with a pass to send. */
  readonly sent: () => void;
  /** Whoever waits has gone. Must end the wait. */
  readonly left: (wait: Waiter) => void;
  /** A wait has ended with an answer for somebody who is still there. Is to call `tell` now or in a moment, as many others may be told too. */
  readonly answered: (tell: () => void) => void;
  /** A probe began (1) or ended (-1) to be waited for. */
  readonly parked: (by: 1 | -1) => void;
}

export function createWaiter(asked: AskedAttempt, events: WaiterEvents): Waiter {
  return new WaitingProbe(asked, events);
}

/** A class, and in line by itself, because thousands may wait: as closures in objects that point to it, each took a kilobyte more. */
class WaitingProbe implements Waiter, CancelHandler {
  readonly asked: AskedAttempt;
  readonly #events: WaiterEvents;
  byDeadline: Queued<Waiter> | null = null;
  byMoment: Queued<Waiter> | null = null;
  isLate = false;
  #passed: Permit | null = null;
  #signal: CancelSignal | null = null;
  #resolve: (pass: Permit) => void = () => undefined;

  constructor(asked: AskedAttempt, events: WaiterEvents) {
    this.asked = asked;
    this.#events = events;
  }

  get isOver(): boolean {
    return this.#passed !== null;
  }

  end(pass: Permit): void {
    this.#passed = pass;
    if (pass.kind === 'send') this.#events.sent();
    if (this.#signal === null) return;
    this.#events.parked(-1);
    if (pass.kind === 'send' || this.#signal.aborted) this.#tell(pass);
    else this.#events.answered(() => this.#tell(pass));
  }

  outcome(signal: CancelSignal): Permit | Promise<Permit> {
    if (this.#passed !== null) return this.#passed;
    this.#events.parked(1);
    this.#signal = signal;
    signal.addEventListener('abort', this);
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  handleEvent(): void {
    if (this.#passed === null) this.#events.left(this);
    // Its turn to be told has not come, and nobody waits for it any more.
    else this.#tell(this.#passed);
  }

  #tell(pass: Permit): void {
    this.#signal?.removeEventListener('abort', this);
    this.#resolve(pass);
  }
}
