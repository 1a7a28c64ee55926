import type { Attempt } from './attempt.ts';
import type { AskedAttempt, AttemptGate } from './attempt-gate.ts';
import { OPEN_GATE } from './attempt-gate.ts';
import { sendAttempt } from './attempt-sender.ts';
import { wait } from './clock.ts';
import type { ProbeIdentity } from './events.ts';
import { lastMomentMs, MIN_ATTEMPT_MS, nextStep } from './policy.ts';
import type { ProbeOrder, ProberParts } from './probe-order.ts';
import { identityOf } from './probe-order.ts';
import type { Reason } from './reasons.ts';
import type { ProbeResult } from './result.ts';
import type { StopSignal } from './stop-signal.ts';
import { conclude } from './verdict.ts';

/** Abort reason that asks for a verdict at once; any other reason means that nobody waits for one. */
export const DRAINING = 'draining';

/** Finds out about chats, one message at a time. */
export interface Prober {
  /**
   * Probes one chat: sends, reads, decides, waits. Settles by the policy's deadline + 50 ms, whatever the adapter
   * does; at once when `signal` aborts, and sends nothing after that. Never rejects.
   *
   * @param gate asked before each attempt; lets everything pass unless given.
   * @returns the verdict, or null if the caller went away.
   */
  probe(order: ProbeOrder, signal: StopSignal, gate?: AttemptGate): Promise<ProbeResult | null>;
  /** Answers at once without sending, for a reason of our own. Told and counted like any other probe. */
  decline(order: ProbeOrder, reason: 'overloaded' | 'draining'): ProbeResult;
}

export function createProber(parts: ProberParts): Prober {
  const { clock, observe } = parts;
  return {
    probe(order, signal, gate = OPEN_GATE) {
      const startedAtMs = clock.nowMs();
      const probe = identityOf(order);
      const attempts: Attempt[] = [];
      observe({ type: 'probe_started', probe });

      const finish = (ending: Ending | null): ProbeResult | null => {
        const elapsedMs = clock.nowMs() - startedAtMs;
        if (ending === null) {
          observe({ type: 'probe_cancelled', probe, attempts: attempts.length, elapsedMs });
          return null;
        }
        const result = resultOf(order, ending, attempts, elapsedMs);
        observe({ type: 'probe_finished', probe, result });
        return result;
      };
      // No async function around the one that loops: thousands may wait here at once, and each costs half a kilobyte.
      return run({ parts, order, probe, attempts, startedAtMs, signal, gate }).then(finish, (fault: unknown) => {
        observe({ type: 'fault', requestId: order.requestId, fault });
        return finish(endedBy('internal_error'));
      });
    },
    decline(order, reason) {
      const probe = identityOf(order);
      observe({ type: 'probe_started', probe });
      const result = resultOf(order, endedBy(reason), [], 0);
      observe({ type: 'probe_finished', probe, result });
      return result;
    },
  };
}

interface Run {
  readonly parts: ProberParts;
  readonly order: ProbeOrder;
  readonly probe: ProbeIdentity;
  /** Each send is recorded here. */
  readonly attempts: Attempt[];
  readonly startedAtMs: number;
  readonly signal: StopSignal;
  readonly gate: AttemptGate;
}

/** The reason that counts, and whether the probe of another found it out. */
interface Ending {
  readonly reason: Reason;
  readonly byCanary: boolean;
}

/** Resolves with how the probe ended, null if the caller went away. */
async function run({ parts, order, probe, attempts, startedAtMs, signal, gate }: Run): Promise<Ending | null> {
  const { clock, random, observe } = parts;
  const { policy, target } = order;
  if (order.isOffline) return endedBy('session_offline');
  const leftMs = (): number => policy.deadlineMs - (clock.nowMs() - startedAtMs);
  for (;;) {
    if (signal.aborted) return cancellationOf(signal);
    if (leftMs() < MIN_ATTEMPT_MS) return endedBy('deadline');
    const admission = await gate.admit(askedAttempt(order, attempts.length + 1, startedAtMs), signal);
    const isTooLate = signal.aborted || leftMs() < MIN_ATTEMPT_MS;
    if (admission.kind === 'answer' && !signal.aborted) return { reason: admission.reason, byCanary: admission.servedBy === 'canary' };
    if (isTooLate) {
      if (admission.kind === 'send') gate.settled(null, false);
      continue;
    }

    const timeoutMs = Math.min(policy.attemptTimeoutMs, leftMs());
    const attempt = await sendAttempt({ parts, order, earlier: attempts, timeoutMs, startedAtMs, signal, gate }).catch((fault: unknown) => {
      gate.settled(null, false);
      throw fault;
    });
    attempts.push(attempt.record);
    gate.settled(attempt.record, attempt.cut);
    observe({ type: attempt.cut ? 'attempt_cancelled' : 'attempt_finished', probe, attempt: attempt.record });
    if (attempt.cut) return cancellationOf(signal);

    const next = nextStep(policy, target.rules.ha, attempt.record, clock.nowMs() - startedAtMs, random());
    if (next.step === 'finish') return endedBy(attempt.record.reason);
    await wait(clock, next.delayMs, signal);
  }
}

function askedAttempt({ policy, target }: ProbeOrder, n: number, startedAtMs: number): AskedAttempt {
  return {
    n,
    probeStartedAtMs: startedAtMs,
    lastMomentAtMs: startedAtMs + lastMomentMs(policy, target.rules.ha),
    deadlineAtMs: startedAtMs + policy.deadlineMs,
  };
}

function endedBy(reason: Reason): Ending {
  return { reason, byCanary: false };
}

function cancellationOf(signal: StopSignal): Ending | null {
  return signal.reason === DRAINING ? endedBy('draining') : null;
}

function resultOf(order: ProbeOrder, { reason, byCanary }: Ending, attempts: readonly Attempt[], elapsedMs: number): ProbeResult {
  const last = attempts.at(-1) ?? null;
  // A verdict that the last attempt did not decide (`deadline`, `draining`, a canary's) must not wear its proof.
  const decisive = last?.reason === reason && !byCanary ? last : null;
  const conclusion = conclude(reason, order.target.rules, order.policy.deadlineMs, decisive?.retryAfterMs ?? null);
  return {
    verdict: conclusion.verdict,
    evidence: conclusion.evidence,
    reason,
    degraded: conclusion.degraded,
    recheckAfterMs: conclusion.recheckAfterMs,
    attempts,
    faultCode: decisive?.faultCode ?? null,
    faultString: decisive?.faultString ?? null,
    servedBy: byCanary ? 'canary' : last === null ? 'none' : 'probe',
    elapsedMs,
  };
}
