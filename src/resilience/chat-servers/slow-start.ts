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
 * @param maxPerSecond at least 1.
 */
export function createSlowStart(maxPerSecond: number): SlowStart {
  const ticksPerSecond = Math.floor(maxPerSecond / Math.ceil(maxPerSecond / MOST_TICKS_PER_SECOND));
  const climbMs = DOUBLING_MS * Math.ceil(Math.max(0, Math.log2(maxPerSecond / FIRST_RELEASE_PER_SECOND)));
  let begunAtMs = Number.NEGATIVE_INFINITY;
  let tickAtMs = Number.NEGATIVE_INFINITY;
  let nextReleaseAtMs = Number.NEGATIVE_INFINITY;
  /** What this tick still has room for. */
  let room = 0;
  /** Releases earned and not yet taken, counted up to `earnedAtMs`. */
  let earned = 0;
  let earnedAtMs = Number.NEGATIVE_INFINITY;

  const tick = (nowMs: number): void => {
    const perSecond = Math.min(maxPerSecond, FIRST_RELEASE_PER_SECOND * 2 ** Math.floor((nowMs - begunAtMs) / DOUBLING_MS));
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
      return begunAtMs + climbMs;
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
