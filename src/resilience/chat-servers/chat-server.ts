import type { AskedAttempt, Downtime } from '../../probe/admission.ts';
import type { Attempt } from '../../probe/attempt.ts';
import type { CancelSignal } from '../../probe/cancel-signal.ts';

/** An attempt that may be made. */
export interface SendPermit {
  readonly kind: 'send';
  /**
   * `free`: nothing speaks against the Chat Server. `canary`: it is down, and this one asks for all. `released`: it has come back. `unasked`: it
   * is down, and somebody else has sent all the same.
   */
  readonly role: 'free' | 'canary' | 'released' | 'unasked';
  /** On the monotonic clock. What the answer proves, it proves of no earlier moment. */
  readonly admittedAtMs: number;
}

/** An attempt that is not made: the canary has proved that the Chat Server is down, the time is over, or the gateway is gone. */
export interface Rejection {
  readonly kind: 'answer';
  readonly reason: 'chat_server_not_found' | 'deadline' | 'gateway_open';
  readonly servedBy: 'canary' | 'none';
}

/** What an attempt is told by admission to its Chat Server. */
export type Permit = SendPermit | Rejection;

/** What is known of the probe that would like to ask a Chat Server, besides what its attempt says. */
export interface Standing {
  /** False where what is known of its Chat Server must not make it end sooner than its policy does. */
  readonly mayHurry: boolean;
  /** False where it is to be answered `gateway_open` rather than wait: nobody waits for a gateway. */
  readonly mayWait: boolean;
}

/** A Chat Server, for a probe that asks it. */
export interface ChatServer {
  /**
   * Asked before each attempt: answers at once where nothing has to wait. Else resolves by the probe's deadline less
   * 50 ms (or a moment later in a crowd: see `createBatchedCallbacks`), or at once, with anything, when `signal` aborts. Never rejects.
   */
  admit(asked: AskedAttempt, standing: Standing, signal: CancelSignal): Permit | Promise<Permit>;
  /** For a message that somebody else has sent: nothing can keep it waiting any more. To be released as any other. */
  sent(): SendPermit;
  /**
   * Told exactly once what each attempt came to that was told to be sent.
   *
   * @param attempt null if it was not made after all, or cut short.
   */
  release(permit: SendPermit, attempt: Attempt | null): void;
  /**
   * Whether it was seen down after the probe began or not long before (`unsettledMs`): it may have come back without its sessions,
   * and the probe knows only the name that it began with.
   */
  mayHaveMoved(probeStartedAtMs: number): boolean;
  /** What is known of it where it was not found. */
  downtime(probeStartedAtMs: number): Downtime;
}
