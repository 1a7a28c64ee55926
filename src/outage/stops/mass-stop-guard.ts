import type { Conclusion } from '../../probe/verdict.ts';
import { createCountingWindow } from '../counting-window.ts';
import type { GuardState, Withholding } from '../events.ts';
import type { GuardSettings } from '../settings.ts';

/**
 * Withholds the stops of one target while there are too many of them to be believed, or before a message was ever delivered:
 * a wrong tenant or a missing connection looks exactly like "all chats dead". Never withholds a route. Stops let through
 * within the window are fewer than `verdicts` or no more than the share, unless an operator releases them. Moments are on one
 * monotonic clock, in ms.
 */
export interface MassStopGuard {
  /** Tells that a message was delivered. */
  delivered(): void;
  /**
   * Judges and counts the verdict of one finished probe, before it is answered. Not for `closed`, which comes from the
   * caller's own data: those neither need judging nor say anything about the others. A verdict that routes with evidence
   * `unknown` is not counted, since an outage of the gateway would hide a mass of stops among them; nor is a stop that
   * `no_delivery` withholds. A stop withheld as `mass_stop` is.
   *
   * @returns why a stop must be withheld; null if it may pass, and for every route.
   */
  judge(computed: Pick<Conclusion, 'verdict' | 'evidence'>, nowMs: number): GuardReason | null;
  /** Lets all stops pass for that long, counted as ever; takes the place of an earlier release. Then the evidence rules again. */
  release(nowMs: number, forMs: number): void;
  /** `watching` also while `no_delivery` alone withholds: `hasDelivered` tells. */
  state(nowMs: number): GuardState;
  readonly hasDelivered: boolean;
  /** What is left of a release; 0 without one. */
  releasedForMs(nowMs: number): number;
}

export type GuardReason = Extract<Withholding, 'mass_stop' | 'no_delivery'>;

/** Seconds, in the usual window of a minute. */
const BUCKETS = 60;

/** @param onChange told of each change of state; of those that time brings only when `judge` or `state` is called next. */
export function createMassStopGuard(settings: GuardSettings, onChange: (state: GuardState) => void): MassStopGuard {
  const scales = createScales(settings);
  let hasDelivered = false;
  let releasedUntilMs = 0;
  let told: GuardState = 'watching';

  const settle = (nowMs: number): GuardState => {
    // Weighed under a release too, so that what it found rules as soon as that runs out.
    const isTripped = scales.weigh(nowMs);
    const state = nowMs < releasedUntilMs ? 'released' : isTripped ? 'tripped' : 'watching';
    if (state !== told) {
      told = state;
      onChange(state);
    }
    return state;
  };

  return {
    delivered() {
      hasDelivered = true;
    },
    judge(computed, nowMs) {
      const isStop = computed.verdict === 'stop';
      if (isStop && settings.requireDelivery && !hasDelivered && settle(nowMs) !== 'released') return 'no_delivery';
      scales.add(computed, nowMs);
      return settle(nowMs) === 'tripped' && isStop ? 'mass_stop' : null;
    },
    release(nowMs, forMs) {
      releasedUntilMs = nowMs + forMs;
      settle(nowMs);
    },
    state: settle,
    get hasDelivered() {
      return hasDelivered;
    },
    releasedForMs: (nowMs) => Math.max(0, releasedUntilMs - nowMs),
  };
}

interface Scales {
  add(computed: Pick<Conclusion, 'verdict' | 'evidence'>, nowMs: number): void;
  /** Whether there are too many stops to be believed. */
  weigh(nowMs: number): boolean;
}

function createScales({ massStop, share, verdicts: fewestVerdicts, windowMs }: GuardSettings): Scales {
  const verdicts = createCountingWindow(windowMs, BUCKETS);
  const stops = createCountingWindow(windowMs, BUCKETS);
  const alives = createCountingWindow(windowMs, BUCKETS);
  let isTripped = false;

  return {
    add({ verdict, evidence }, nowMs) {
      if (verdict === 'stop') stops.add(nowMs);
      else if (evidence === 'unknown') return;
      verdicts.add(nowMs);
      if (evidence === 'alive') alives.add(nowMs);
    },
    weigh(nowMs) {
      const isAbove = stops.total(nowMs) > share * verdicts.total(nowMs);
      // Only a living chat shows that answers can be trusted again: silence, which empties the window, shows nothing.
      const isCleared = !isAbove && alives.total(nowMs) > 0;
      isTripped = massStop && (isTripped ? !isCleared : isAbove && verdicts.total(nowMs) >= fewestVerdicts);
      return isTripped;
    },
  };
}
