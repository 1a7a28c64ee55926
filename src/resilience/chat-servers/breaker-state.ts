import type { ServerState } from '../events.ts';
import type { OutageSettings } from '../settings.ts';
import { createHalfOpenTrial, type HalfOpenTrial } from './half-open-trial.ts';
import type { Liveness } from './liveness.ts';
import { createLiveness } from './liveness.ts';
import type { LivenessSignal } from './liveness-signal.ts';
import { createSlowStart } from './slow-start.ts';

/**
 * The state of one Chat Server, and what may be sent to it: `healthy` anything; `suspect` one canary at a time, and some
 * last attempts; `recovering` as much as the ramp allows. Told the time, it never asks for it.
 */
export interface BreakerState {
  readonly state: ServerState;
  readonly liveness: Omit<Liveness, 'hear'>;
  readonly trial: HalfOpenTrial;
  /** When the next probes may be released. */
  readonly nextReleaseAtMs: number;
  /** When recovering may end. */
  readonly topAtMs: number;
  /** Takes in a sign, null if the message brought none; see `ServerBelief.hear`. */
  observe(sign: LivenessSignal | null, admittedAtMs: number, nowMs: number): void;
  /**
   * Whether it is proved to be down: by a message admitted at `proofFromMs` or later, not long ago, and the last canary did not
   * come to anything else, nor is one still out. What was true then may not be true any more.
   */
  isProvedDown(proofFromMs: number, nowMs: number): boolean;
  /** Takes one of the few last attempts, which are evenly spaced. */
  takeLast(nowMs: number): boolean;
  /** Takes the room for one release. */
  takeRelease(nowMs: number): boolean;
  /**
   * Ends recovering if the ramp is at its top and nobody waits. Or if it has been there for a minute, by when all who waited as the
   * server came back have been let go or are past their deadlines: anyone still waiting is held by our slow start, not by the outage.
   */
  endRecovery(nowMs: number, isAnybodyWaiting: boolean): void;
}

/** Within which a canary is usually answered. */
const REPLY_MS = 2_000;
const LONGEST_AT_TOP_MS = 60_000;

export function createBreakerState(settings: OutageSettings): BreakerState {
  const { canaryIntervalMs, lastAttemptsPerSecond } = settings;
  const liveness = createLiveness();
  const ramp = createSlowStart(settings.maxReleasePerSecond);
  let state: ServerState = 'healthy';
  const canary = createHalfOpenTrial(canaryIntervalMs);
  const mostProofAgeMs = 2 * canaryIntervalMs + REPLY_MS;
  let nextLastAtMs = lastAttemptsPerSecond > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;

  return {
    liveness,
    get state() {
      return state;
    },
    trial: canary,
    get nextReleaseAtMs() {
      return ramp.nextReleaseAtMs;
    },
    get topAtMs() {
      return ramp.topAtMs;
    },
    observe(sign, admittedAtMs, nowMs) {
      if (sign === null || !liveness.observe(sign, admittedAtMs, nowMs) || !settings.canary) return;
      if (sign === 'down') {
        state = 'suspect';
      } else if (state === 'suspect') {
        state = 'recovering';
        ramp.begin(nowMs);
      }
    },
    isProvedDown: (proofFromMs, nowMs) =>
      state === 'suspect' &&
      liveness.provenAtMs >= proofFromMs &&
      liveness.provenAtMs >= canary.wentAtMs &&
      nowMs - liveness.provenAtMs <= mostProofAgeMs,
    takeLast(nowMs) {
      if (nowMs < nextLastAtMs) return false;
      nextLastAtMs = nowMs + 1_000 / lastAttemptsPerSecond;
      return true;
    },
    takeRelease: (nowMs) => ramp.take(nowMs),
    endRecovery(nowMs, isAnybodyWaiting) {
      const endsAtMs = ramp.topAtMs + (isAnybodyWaiting ? LONGEST_AT_TOP_MS : 0);
      if (state === 'recovering' && nowMs >= endsAtMs) state = 'healthy';
    },
  };
}
