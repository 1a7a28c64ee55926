import type { Attempt } from './attempt.ts';
import type { CancelSignal } from './cancel-signal.ts';
import type { Reason } from './reasons.ts';

/** An attempt that its probe is about to make. Moments are on the prober's clock, in ms. */
export interface AskedAttempt {
  /** 1 for the probe's first. */
  readonly n: number;
  /** True if it is to confirm a bad answer, which high availability may turn. */
  readonly confirms: boolean;
  readonly probeStartedAtMs: number;
  /** When the last attempt of a probe that was kept waiting is due. */
  readonly lastMomentAtMs: number;
  readonly deadlineAtMs: number;
}

/** What an attempt is told. */
export type Admission =
  | { readonly kind: 'send' }
  /**
   * Not to be made: the probe ends now, for this reason. `canary`: another probe's attempt has proved it of the Chat Server; `coalesced`: of
   * this very chat.
   */
  | { readonly kind: 'answer'; readonly reason: Reason; readonly servedBy: 'none' | 'canary' | 'coalesced' };

/** What all probes together know of a Chat Server that is not found. */
export interface Downtime {
  /** True if it has been down for so long that nobody can be restored from it any more: one more answer ends a probe. */
  readonly isKnown: boolean;
  /** From the first message that did not find it to the latest, in ms, without a sign of life in between; 0 where there is one. */
  readonly provenForMs: number;
}

export const NO_DOWNTIME: Downtime = { isKnown: false, provenForMs: 0 };

/** Stands between one probe and its sends, so that many probes can behave as one. */
export interface AdmissionControl {
  /**
   * Asked before each attempt. May keep it waiting, never beyond the probe's deadline less 50 ms; settles at once, with
   * anything, when `signal` aborts. Never rejects. Each `send` is followed by exactly one call of `release`.
   */
  admit(asked: AskedAttempt, signal: CancelSignal): Admission | Promise<Admission>;
  /**
   * Told what an admitted attempt came to.
   *
   * @param attempt null if it was not made after all.
   * @param cut true if it was cut short, so that it says nothing about the far end; its message may have been written.
   */
  release(attempt: Attempt | null, cut: boolean): void;
  /** True while the sessions of the Chat Server that is asked may be moving, so that its fault 100 proves nothing. */
  mayHaveMoved(): boolean;
  /** Asked when its Chat Server was not found, after `release`. */
  downtime(): Downtime;
}

const SEND: Admission = { kind: 'send' };

/** Lets everything pass: each probe on its own. */
export const ADMIT_ALL: AdmissionControl = {
  admit: () => SEND,
  release: () => undefined,
  mayHaveMoved: () => false,
  downtime: () => NO_DOWNTIME,
};
