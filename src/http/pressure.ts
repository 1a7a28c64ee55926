/** The library measures once a second, from before we listen: after two of its seconds nothing of the start is in it any more. */
const START_UP_MS = 2_000;

/** Whether the event loop is so late that new probes had better be declined. */
export interface Pressure {
  /** We listen from now on. */
  begin(): void;
  readonly isHigh: boolean;
}

/**
 * Leaves out what was measured while the process started: a busy loop is all that a cold start is, and the first callers would be
 * declined for it.
 *
 * @param isUnderPressure as measured.
 */
export function createPressure(isUnderPressure: () => boolean, nowMs: () => number): Pressure {
  let countsFromMs = Number.POSITIVE_INFINITY;
  return {
    begin() {
      countsFromMs = nowMs() + START_UP_MS;
    },
    get isHigh() {
      return nowMs() >= countsFromMs && isUnderPressure();
    },
  };
}
