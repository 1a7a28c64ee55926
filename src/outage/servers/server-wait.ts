import type { AskedAttempt } from '../../probe/attempt-gate.ts';
import type { Queued } from '../../probe/due-queue.ts';
import type { StopHandler, StopSignal } from '../../probe/stop-signal.ts';
import type { ServerPass } from './server-pass.ts';

/** The wait of one probe for its Chat Server: over before it began, or told later. */
export interface ServerWait extends InLine {
  readonly asked: AskedAttempt;
  readonly isOver: boolean;
  /** Ends it. Called once. */
  end(pass: ServerPass): void;
  /** What it came to, at once if it has ended. Else it is waited for, and left if `signal` aborts meanwhile. Asked once. */
  outcome(signal: StopSignal): ServerPass | Promise<ServerPass>;
}

/** Where somebody stands in a line, null where they do not. Belongs to the line alone. */
export interface InLine {
  byDeadline: Queued<ServerWait> | null;
  byMoment: Queued<ServerWait> | null;
  isLate: boolean;
}

/** Told by all who wait for one Chat Server. */
export interface WaitEvents {
  /** A wait ends in this moment with a pass to send. */
  readonly sent: () => void;
  /** Whoever waits has gone. Must end the wait. */
  readonly left: (wait: ServerWait) => void;
  /** A wait has ended with an answer for somebody who is still there. Is to call `tell` now or in a moment, as many others may be told too. */
  readonly answered: (tell: () => void) => void;
  /** A probe began (1) or ended (-1) to be waited for. */
  readonly parked: (by: 1 | -1) => void;
}

export function createServerWait(asked: AskedAttempt, events: WaitEvents): ServerWait {
  return new Wait(asked, events);
}

/** A class, and in line by itself, because thousands may wait: as closures in objects that point to it, each took a kilobyte more. */
class Wait implements ServerWait, StopHandler {
  readonly asked: AskedAttempt;
  readonly #events: WaitEvents;
  byDeadline: Queued<ServerWait> | null = null;
  byMoment: Queued<ServerWait> | null = null;
  isLate = false;
  #passed: ServerPass | null = null;
  #signal: StopSignal | null = null;
  #resolve: (pass: ServerPass) => void = () => undefined;

  constructor(asked: AskedAttempt, events: WaitEvents) {
    this.asked = asked;
    this.#events = events;
  }

  get isOver(): boolean {
    return this.#passed !== null;
  }

  end(pass: ServerPass): void {
    this.#passed = pass;
    if (pass.kind === 'send') this.#events.sent();
    if (this.#signal === null) return;
    this.#events.parked(-1);
    if (pass.kind === 'send' || this.#signal.aborted) this.#tell(pass);
    else this.#events.answered(() => this.#tell(pass));
  }

  outcome(signal: StopSignal): ServerPass | Promise<ServerPass> {
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

  #tell(pass: ServerPass): void {
    this.#signal?.removeEventListener('abort', this);
    this.#resolve(pass);
  }
}
