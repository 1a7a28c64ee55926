import { createCountingWindow } from './counting-window.ts';
import { type FleetLink, NO_FLEET } from './fleet.ts';
import type { OutageSettings } from './settings.ts';

/**
 * Limits the retries of one target over all its probes: when everything fails, retries would multiply the load on what is
 * failing. In any stretch of whole seconds the retries are at most `retryShare` of the first attempts made in it and in the
 * nine seconds before it, and `retriesPerSecond` for each of its seconds. A few retries always pass, so that a quiet target
 * has them too.
 *
 * It is not the token bucket that the slow start of a Chat Server is. That one is for a rate that climbs, and must let nothing over it in
 * any second; this one is for a share of what else is sent. A bucket that first attempts fill would give the retries of a quiet hour to
 * the second in which everything fails, or would need just these windows to forget them.
 */
export interface RetryBudget {
  /** Tells of a first attempt. */
  first(nowMs: number): void;
  /** Whether a retry may be made now. True counts it as made. */
  mayRetry(nowMs: number): boolean;
}

export type RetryBudgetSettings = Pick<OutageSettings, 'retryBudget' | 'retryShare' | 'retriesPerSecond'>;

const WINDOW_MS = 10_000;
/** One a second, since the floor is counted by the second. */
const BUCKETS = 10;

/**
 * Of several replicas each has its part of `retriesPerSecond`; of `retryShare` it has it anyhow, since it counts its own first attempts. Not by
 * telling each other of retries: in the moment in which everything fails each would have spent all of it before it heard of the others.
 */
export function createRetryBudget(settings: RetryBudgetSettings, fleet: Pick<FleetLink, 'replicas'> = NO_FLEET): RetryBudget {
  const firsts = createCountingWindow(WINDOW_MS, BUCKETS);
  const retries = createCountingWindow(WINDOW_MS, BUCKETS);
  const isAlwaysAllowed = (nowMs: number): boolean => {
    const ownPart = settings.retriesPerSecond / fleet.replicas;
    if (ownPart === 0 || ownPart >= 1) return retries.latest(nowMs) < Math.floor(ownPart);
    // Less than one a second: so many in the window, and one at least.
    return retries.total(nowMs) < Math.max(1, Math.floor(ownPart * BUCKETS));
  };
  const isAffordable = (nowMs: number): boolean =>
    isAlwaysAllowed(nowMs) || retries.total(nowMs) + 1 <= settings.retryShare * firsts.total(nowMs);

  return {
    first: (nowMs) => firsts.add(nowMs),
    mayRetry(nowMs) {
      if (!settings.retryBudget) return true;
      if (!isAffordable(nowMs)) return false;
      retries.add(nowMs);
      return true;
    },
  };
}
