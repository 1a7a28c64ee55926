import type { ServerState } from '../events.ts';
import { type FleetLink, NO_FLEET, partOf } from '../fleet.ts';
import { HalfOpenTrial } from '../half-open-trial.ts';
import type { OutageSettings } from '../settings.ts';
import { Liveness, type LivenessSignal } from './liveness.ts';

/**
 * The state of the breaker of one Chat Server, and what may be sent to it: `healthy` (closed) anything; `suspect` (open) one canary at a
 * time, the half-open trial; `recovering` as much as the slow start allows. Told the time, it never asks for it.
 */
export interface BreakerState {
  readonly state: ServerState;
  readonly liveness: Readonly<Omit<Liveness, 'observe'>>;
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
  /** Its settings have changed: without `canary` it is healthy whatever is known; with it, suspect if it was last known to be down. */
  reconfigured(): void;
}

/** Within which a canary is usually answered. */
const REPLY_MS = 2_000;
const LONGEST_AT_TOP_MS = 60_000;
/** How soon a probe that waits alone may try again: its policy says how soon. */
const ALONE_INTERVAL_MS = 200;

/** Replicas that do not hear of each other send as many canaries as one would, up to this distance: proof must not grow old. */
const LONGEST_APART_MS = 2_000;

export function createBreakerState(
  settings: OutageSettings,
  fleet: Pick<FleetLink, 'replicas' | 'replicasApart'> = NO_FLEET,
): BreakerState {
  const liveness = new Liveness();
  const slowStart = createSlowStart(settings, fleet);
  const trial = new HalfOpenTrial();
  const gapMs = (isAlone: boolean): number => {
    const { canaryIntervalMs } = settings;
    const ownMs = isAlone ? Math.min(ALONE_INTERVAL_MS, canaryIntervalMs) : canaryIntervalMs;
    return Math.min(ownMs * fleet.replicasApart, Math.max(ownMs, LONGEST_APART_MS));
  };
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
      if (signal === null || !liveness.observe(signal, admittedAtMs, nowMs) || !settings.canary) return;
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
      nowMs - liveness.provenAtMs <= 2 * settings.canaryIntervalMs + REPLY_MS,
    endRecovery(nowMs, isAnybodyWaiting) {
      const endsAtMs = slowStart.topAtMs + (isAnybodyWaiting ? LONGEST_AT_TOP_MS : 0);
      if (state === 'recovering' && nowMs >= endsAtMs) state = 'healthy';
    },
    reconfigured() {
      if (!settings.canary) state = 'healthy';
      else if (liveness.signal === 'down') state = 'suspect';
    },
  };
}

/** Messages a second that a Chat Server gets at first when it has come back. */
export const FIRST_RELEASE_PER_SECOND = 25;
/** After this long twice as many, and so on up to the limit. */
export const DOUBLING_MS = 250;
/** Releases go out in ticks, so that their pace does not hang on how exact timers are. */
const MOST_TICKS_PER_SECOND = 50;

/** Says when a probe may be let go to a Chat Server that has come back. */
export interface SlowStart {
  /** Before this moment nobody is let go, but for those for whom this very moment still has room. */
  readonly nextReleaseAtMs: number;
  /** When the ramp is at its limit. */
  readonly topAtMs: number;
  /** Begins at the bottom. The limit holds across beginnings. */
  begin(nowMs: number): void;
  /** Takes the room for one. */
  take(nowMs: number): boolean;
}

/**
 * A ramp that never lets more than `maxPerSecond` go within any second, however late its timers are: there are at most
 * `ticksPerSecond` ticks in any second, and each lets at most the whole part of `maxPerSecond / ticksPerSecond` go. What a
 * late tick missed is not made up for.
 *
 * @param settings its limit, `maxPerSecond`, is at least 1.
 * @param fleet of which each replica has its part of the limit and of the ramp.
 */
export function createSlowStart(
  settings: Pick<OutageSettings, 'maxReleasePerSecond'>,
  fleet: Pick<FleetLink, 'replicas'> = NO_FLEET,
): SlowStart {
  let begunAtMs = Number.NEGATIVE_INFINITY;
  let tickAtMs = Number.NEGATIVE_INFINITY;
  let nextReleaseAtMs = Number.NEGATIVE_INFINITY;
  /** What this tick still has room for. */
  let room = 0;
  /** Releases earned and not yet taken, counted up to `earnedAtMs`. */
  let earned = 0;
  let earnedAtMs = Number.NEGATIVE_INFINITY;

  const tick = (nowMs: number): void => {
    const maxPerSecond = partOf(settings.maxReleasePerSecond, fleet.replicas);
    const ticksPerSecond = Math.floor(maxPerSecond / Math.ceil(maxPerSecond / MOST_TICKS_PER_SECOND));
    const ramp = FIRST_RELEASE_PER_SECOND * 2 ** Math.floor((nowMs - begunAtMs) / DOUBLING_MS);
    const perSecond = Math.min(maxPerSecond, ramp / fleet.replicas);
    const mostAtOnce = Math.max(1, perSecond / ticksPerSecond);
    // One more may be kept than can be used, or a fraction would be lost with every tick.
    earned = Math.min(mostAtOnce + 1, earned + (perSecond * (nowMs - earnedAtMs)) / 1_000);
    room = Math.floor(Math.min(mostAtOnce, earned));
    earnedAtMs = nowMs;
    tickAtMs = nowMs;
    // Whole milliseconds add up exactly; fractions could come to a hair less than a second.
    nextReleaseAtMs = Math.ceil(nowMs + 1_000 / ticksPerSecond);
  };

  return {
    get nextReleaseAtMs() {
      return nextReleaseAtMs;
    },
    get topAtMs() {
      return begunAtMs + DOUBLING_MS * Math.ceil(Math.max(0, Math.log2(settings.maxReleasePerSecond / FIRST_RELEASE_PER_SECOND)));
    },
    begin(nowMs) {
      begunAtMs = nowMs;
      earnedAtMs = nowMs;
      // The first probe need not wait.
      earned = 1;
      tickAtMs = Number.NEGATIVE_INFINITY;
    },
    take(nowMs) {
      if (nowMs >= nextReleaseAtMs) tick(nowMs);
      if (nowMs !== tickAtMs || room < 1) return false;
      room -= 1;
      earned -= 1;
      return true;
    },
  };
}
