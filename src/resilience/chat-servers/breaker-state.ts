import type { ServerState } from '../events.ts';
import { createHalfOpenTrial, type HalfOpenTrial } from '../half-open-trial.ts';
import type { OutageSettings } from '../settings.ts';
import { createLiveness, type Liveness, type LivenessSignal } from './liveness.ts';
import { createSlowStart, type SlowStart } from './slow-start.ts';

/**
 * The state of the breaker of one Chat Server, and what may be sent to it: `healthy` (closed) anything; `suspect` (open) one canary at a
 * time, the half-open trial; `recovering` as much as the slow start allows. Told the time, it never asks for it.
 */
export interface BreakerState {
  readonly state: ServerState;
  readonly liveness: Omit<Liveness, 'observe'>;
  /** When the next canary may go, Infinity while one is out. @param isAlone whether the only one who waits is a probe that tries again. */
  nextTrialAtMs(isAlone: boolean): number;
  /** Takes the place of the canary. */
  takeTrial(nowMs: number, isAlone: boolean): boolean;
  readonly trial: Pick<HalfOpenTrial, 'isOut' | 'release'>;
  readonly slowStart: Pick<SlowStart, 'nextReleaseAtMs' | 'topAtMs' | 'take'>;
  /** Takes in a sign, null if the message brought none; see `Liveness.observe`. */
  observe(signal: LivenessSignal | null, admittedAtMs: number, nowMs: number): void;
  /**
   * Whether it is proved to be down: by a message admitted at `proofFromMs` or later, not long ago, and the last canary did not
   * come to anything else, nor is one still out. What was true then may not be true any more.
   */
  isProvedDown(proofFromMs: number, nowMs: number): boolean;
  /**
   * Ends recovering if the slow start is at its top and nobody waits. Or if it has been there for a minute, by when all who waited as the
   * server came back have been let go or are past their deadlines: anyone still waiting is held by our slow start, not by the outage.
   */
  endRecovery(nowMs: number, isAnybodyWaiting: boolean): void;
}

/** Within which a canary is usually answered. */
const REPLY_MS = 2_000;
const LONGEST_AT_TOP_MS = 60_000;
/** How soon a probe that waits alone may try again: its policy says how soon. */
const ALONE_INTERVAL_MS = 200;

export function createBreakerState({ canary, canaryIntervalMs, maxReleasePerSecond }: OutageSettings): BreakerState {
  const liveness = createLiveness();
  const slowStart = createSlowStart(maxReleasePerSecond);
  const trial = createHalfOpenTrial();
  const mostProofAgeMs = 2 * canaryIntervalMs + REPLY_MS;
  const gapMs = (isAlone: boolean): number => (isAlone ? Math.min(ALONE_INTERVAL_MS, canaryIntervalMs) : canaryIntervalMs);
  let state: ServerState = 'healthy';

  return {
    liveness,
    trial,
    slowStart,
    get state() {
      return state;
    },
    nextTrialAtMs: (isAlone) => trial.nextAtMs(gapMs(isAlone)),
    takeTrial: (nowMs, isAlone) => trial.take(nowMs, gapMs(isAlone)),
    observe(signal, admittedAtMs, nowMs) {
      if (signal === null || !liveness.observe(signal, admittedAtMs, nowMs) || !canary) return;
      if (signal === 'down') {
        state = 'suspect';
      } else if (state === 'suspect') {
        state = 'recovering';
        slowStart.begin(nowMs);
      }
    },
    isProvedDown: (proofFromMs, nowMs) =>
      state === 'suspect' &&
      liveness.provenAtMs >= proofFromMs &&
      liveness.provenAtMs >= trial.wentAtMs &&
      nowMs - liveness.provenAtMs <= mostProofAgeMs,
    endRecovery(nowMs, isAnybodyWaiting) {
      const endsAtMs = slowStart.topAtMs + (isAnybodyWaiting ? LONGEST_AT_TOP_MS : 0);
      if (state === 'recovering' && nowMs >= endsAtMs) state = 'healthy';
    },
  };
}
