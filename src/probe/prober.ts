import { ADMIT_ALL, type Admission, type AdmissionControl, type AskedAttempt, NO_DOWNTIME } from './admission.ts';
import type { Attempt } from './attempt.ts';
import { type SentAttempt, sendAttempt } from './attempt-sender.ts';
import type { CancelSignal } from './cancel-signal.ts';
import { wait } from './clock.ts';
import { lastMomentMs, MIN_ATTEMPT_MS, nextStep } from './policy.ts';
import { identityOf, type ProbeOrder, type ProberParts } from './probe-order.ts';
import { REASONS, type Reason } from './reasons.ts';
import { type ConcludedEnd, endedBy, type ProbeEnd, type ProbeResult, resultOf } from './verdict.ts';

/** Abort reason that asks for a verdict at once; any other reason means that nobody waits for one. */
export const DRAINING = 'draining';

/** Finds out about chats, one message at a time. */
export interface Prober {
  /**
   * Probes one chat: sends, reads, decides, waits. Settles by the policy's deadline + 50 ms, whatever the adapter
   * does; at once when `signal` aborts, and sends nothing after that. Never rejects.
   *
   * @param admission asked before each attempt; lets everything pass unless given.
   * @returns the verdict, or null if the caller went away.
   */
  probe(order: ProbeOrder, signal: CancelSignal, admission?: AdmissionControl): Promise<ProbeResult | null>;
  /** Answers at once without sending, for a reason of our own. Told and counted like any other probe. */
  decline(order: ProbeOrder, reason: 'overloaded' | 'draining'): ProbeResult;
}

export function createProber(parts: ProberParts): Prober {
  const { observe } = parts;
  return {
    probe: (order, signal, admission = ADMIT_ALL) => new Run(parts, order, signal, admission).toTheEnd(),
    decline(order, reason) {
      const probe = identityOf(order);
      observe({ type: 'probe_started', probe });
      const result = resultOf(order, endedBy(reason), [], 0);
      observe({ type: 'probe_finished', probe, result });
      return result;
    },
  };
}

/**
 * One probe under way. A class with one async method that keeps nothing to itself, because thousands may wait in it at once: what
 * an async function holds while it waits takes half a kilobyte, and each one around it as much again.
 */
class Run {
  readonly #parts: ProberParts;
  readonly #order: ProbeOrder;
  readonly #signal: CancelSignal;
  readonly #admission: AdmissionControl;
  readonly #startedAtMs: number;
  /** Each send is recorded here. */
  readonly #attempts: Attempt[] = [];
  /** Whether admission control is owed a word about an attempt. */
  #isAdmitted = false;
  #pauseMs = 0;

  constructor(parts: ProberParts, order: ProbeOrder, signal: CancelSignal, admission: AdmissionControl) {
    this.#parts = parts;
    this.#order = order;
    this.#signal = signal;
    this.#admission = admission;
    this.#startedAtMs = parts.clock.nowMs();
    parts.observe({ type: 'probe_started', probe: identityOf(order) });
  }

  /** Resolves with null if the caller went away. Never rejects. */
  async toTheEnd(): Promise<ProbeResult | null> {
    let ending: ProbeEnd | null = this.#order.isOffline ? endedBy('session_offline') : null;
    try {
      while (ending === null) {
        ending =
          this.#isOver() ?? this.#heard(await this.#admission.admit(this.#nextAttempt(), this.#signal)) ?? this.#weigh(await this.#send());
        if (ending === null) await wait(this.#parts.clock, this.#pauseMs, this.#signal);
      }
    } catch (fault) {
      this.#broke(fault);
      ending = endedBy('internal_error');
    }
    return this.#finish(ending);
  }

  #broke(fault: unknown): void {
    const { observe } = this.#parts;
    const { requestId } = this.#order;
    observe({ type: 'fault', requestId, fault });
    try {
      if (this.#isAdmitted) this.#release(null, false);
    } catch (another) {
      observe({ type: 'fault', requestId, fault: another });
    }
  }

  /** Null while there is somebody to ask for, and time to do so. */
  #isOver(): ProbeEnd | null {
    if (this.#signal.aborted) return this.#signal.reason === DRAINING ? endedBy('draining') : 'caller_gone';
    return this.#leftMs() < MIN_ATTEMPT_MS ? endedBy('deadline') : null;
  }

  /** What follows from the admission; null if the attempt is to be made. */
  #heard(admission: Admission): ProbeEnd | null {
    if (admission.kind === 'send') this.#isAdmitted = true;
    else if (!this.#signal.aborted) return this.#endedBy(admission.reason, admission.servedBy);
    const ending = this.#isOver();
    if (ending !== null && this.#isAdmitted) this.#release(null, false);
    return ending;
  }

  #send(): Promise<SentAttempt> {
    return sendAttempt({
      parts: this.#parts,
      order: this.#order,
      earlier: this.#attempts,
      timeoutMs: Math.min(this.#order.policy.attemptTimeoutMs, this.#leftMs()),
      startedAtMs: this.#startedAtMs,
      signal: this.#signal,
      admission: this.#admission,
    });
  }

  /** What follows from an attempt; null if there is another, after a pause. */
  #weigh({ record, cut }: SentAttempt): ProbeEnd | null {
    const { clock, random, observe } = this.#parts;
    const { policy, target } = this.#order;
    this.#attempts.push(record);
    this.#release(record, cut);
    observe({ type: cut ? 'attempt_cancelled' : 'attempt_finished', probe: identityOf(this.#order), attempt: record });
    if (cut) return this.#isOver();
    const ended = this.#endedBy(record.reason, 'none');
    const next = nextStep(policy, target.rules.ha, record, clock.nowMs() - this.#startedAtMs, random(), ended.downtime.isKnown);
    if (next.step === 'finish') return ended;
    this.#pauseMs = next.delayMs;
    return null;
  }

  #finish(ending: ProbeEnd): ProbeResult | null {
    const { observe } = this.#parts;
    const elapsedMs = this.#elapsedMs();
    if (ending === 'caller_gone') {
      observe({ type: 'probe_cancelled', probe: identityOf(this.#order), attempts: this.#attempts.length, elapsedMs });
      return null;
    }
    const result = resultOf(this.#order, ending, this.#attempts, elapsedMs);
    observe({ type: 'probe_finished', probe: identityOf(this.#order), result });
    return result;
  }

  #endedBy(reason: Reason, servedBy: 'none' | 'canary' | 'coalesced'): ConcludedEnd {
    const by = servedBy === 'none' ? null : servedBy;
    return { reason, by, downtime: REASONS[reason].evidence === 'orphaned' ? this.#admission.downtime() : NO_DOWNTIME };
  }

  #release(record: Attempt | null, cut: boolean): void {
    this.#isAdmitted = false;
    this.#admission.release(record, cut);
  }

  #nextAttempt(): AskedAttempt {
    const { policy, target } = this.#order;
    const last = this.#attempts.at(-1);
    return {
      n: this.#attempts.length + 1,
      confirms: target.rules.ha && last !== undefined && REASONS[last.reason].retry === 'confirm',
      probeStartedAtMs: this.#startedAtMs,
      lastMomentAtMs: this.#startedAtMs + lastMomentMs(policy, target.rules.ha),
      deadlineAtMs: this.#startedAtMs + policy.deadlineMs,
    };
  }

  #elapsedMs(): number {
    return this.#parts.clock.nowMs() - this.#startedAtMs;
  }

  #leftMs(): number {
    return this.#order.policy.deadlineMs - this.#elapsedMs();
  }
}
