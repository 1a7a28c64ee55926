/**
 * What this process's monotonic clock shows when the store's shows a moment. Each round trip narrows it down: the answer was made after the
 * question went and before the answer came. Nobody's wall clock is asked, so that replicas agree whatever theirs show, and a message
 * that was held up on its way still bears the time at which its news were news.
 */
export interface StoreTime {
  /** False before the first answer. */
  readonly isKnown: boolean;
  /**
   * Takes in an answer that bears the store's time. `stepped`: its clock was set, or another store with another clock has taken its
   * place; what bears times of the old one cannot be dated any more.
   */
  heard(sentAtMs: number, receivedAtMs: number, storeNowMs: number): 'steady' | 'stepped';
  toStore(localMs: number): number;
  toLocal(storeMs: number): number;
}

/** How far two sound clocks may drift apart, for each millisecond. */
const DRIFT = 1 / 2_000;
/** Beyond what drift explains: less is no harm. */
const STEP_MS = 5;

export function createStoreTime(): StoreTime {
  /** The store's clock less ours is between these, as of `asOfMs` on ours. */
  let least = Number.NEGATIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  let asOfMs = 0;
  let offsetMs = 0;

  return {
    get isKnown() {
      return least > Number.NEGATIVE_INFINITY;
    },
    heard(sentAtMs, receivedAtMs, storeNowMs) {
      const slackMs = (receivedAtMs - asOfMs) * DRIFT;
      const low = storeNowMs - receivedAtMs;
      const high = storeNowMs - sentAtMs;
      const stepped = low > most + slackMs + STEP_MS || high < least - slackMs - STEP_MS;
      least = stepped ? low : Math.max(low, least - slackMs);
      most = stepped ? high : Math.min(high, most + slackMs);
      if (least > most) {
        // Closer than `STEP_MS` to what was known: the newest answer is right.
        least = low;
        most = high;
      }
      asOfMs = receivedAtMs;
      offsetMs = (least + most) / 2;
      return stepped ? 'stepped' : 'steady';
    },
    toStore: (localMs) => localMs + offsetMs,
    toLocal: (storeMs) => storeMs - offsetMs,
  };
}
