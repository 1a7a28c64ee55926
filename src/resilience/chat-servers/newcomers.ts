import type { TargetRules } from '../../probe/target.ts';
import { createCountingWindow } from '../counting-window.ts';

/** How far back the share of a Chat Server is looked up when it falls. */
const WINDOW_MS = 600_000;
const BUCKETS = 60;

/** Chance that a living server gets no newcomer for so long. */
const CHANCE_OF_NONE = 1e-5;
/**
 * A smaller share, or one that is not known, is taken for this one. A living server of an even smaller share passes for dead now and
 * then; since so few chats are its own, of all living chats less than one in a thousand is ever concerned.
 */
const LEAST_SHARE = 0.02;
const QUIET_MS = 30_000;

/** Chance that a living server looks as if it had lost half of its newcomers: for each of them anew, hence so small. */
const CHANCE_OF_HALF = 1e-7;
/** What one newcomer that names it takes from the evidence that it has lost half of them: the logarithm of that half. */
const STEP_BACK = Math.log(2);
const ENOUGH = -Math.log(CHANCE_OF_HALF);
/** How many times the longest row of newcomers elsewhere that it lived through must go by before it may count as dead. */
const LONGEST_ROWS = 2;

/** All newcomers of a target: chats that were asked about for the first time, by the name of a Chat Server. */
export interface NewcomerTally {
  /** How many there have ever been. */
  readonly total: number;
  /** One more. */
  add(nowMs: number): void;
  /** How many in the last ten minutes. */
  lately(nowMs: number): number;
}

/** The newcomers of one Chat Server, among all. A dead server gets no new chats; one that is only out of sight does. */
export interface Newcomers {
  /** One of all was its own. To be told after `NewcomerTally.add`. */
  named(nowMs: number): void;
  /** It was found down: what share it had until now, and in how long rows, says how many must stay away for it to count as dead. */
  fell(nowMs: number): void;
  /** It gave a sign of life. */
  lived(): void;
  /**
   * Whether new chats may still be going on to name it. Not where so many in a row did not that a living server would hardly ever see
   * it; nor where, by a sequential test (CUSUM), it gets no more than half of its share, as when those still wait in the queue that it
   * left behind.
   */
  isStillUsed(nowMs: number): boolean;
}

export function createNewcomerTally(): NewcomerTally {
  const window = createCountingWindow(WINDOW_MS, BUCKETS);
  let total = 0;
  return {
    get total() {
      return total;
    },
    add(nowMs) {
      total += 1;
      window.add(nowMs);
    },
    lately: window.total,
  };
}

/**
 * How long a chat counts as new: that one which nobody had asked about before names a Chat Server that is not found may be the first
 * sign that it lives. And how long, however many come elsewhere, a Chat Server must be without one.
 */
export function newcomerMs({ restoreWindowMs }: Pick<TargetRules, 'restoreWindowMs'>): number {
  // Of a restore window shorter than usual the same share.
  return Math.min(QUIET_MS, (restoreWindowMs * 2) / 3);
}

export function createNewcomers(all: NewcomerTally, rules: Pick<TargetRules, 'restoreWindowMs'>): Newcomers {
  const window = createCountingWindow(WINDOW_MS, BUCKETS);
  const rows = createLongestRow();
  let namedAtMs = Number.NEGATIVE_INFINITY;
  let totalWhenNamed = all.total;
  let enoughElsewhere = newcomersElsewhere(LEAST_SHARE);
  /** Evidence that it has lost half of its newcomers, as of `totalWhenNamed`; and what each one elsewhere adds to it. */
  let evidence = 0;
  let step = 0;
  const elsewhere = (): number => all.total - totalWhenNamed;
  /** Kept no higher than what is enough, so that the next newcomer that names it is enough to doubt again. */
  const evidenceAfter = (newcomers: number): number => Math.min(ENOUGH, evidence + step * newcomers);
  return {
    named(nowMs) {
      window.add(nowMs);
      // The newcomer itself is among all, but not elsewhere.
      rows.ended(elsewhere() - 1, nowMs);
      evidence = Math.max(0, evidenceAfter(elsewhere() - 1) - STEP_BACK);
      totalWhenNamed = all.total;
      namedAtMs = nowMs;
    },
    fell(nowMs) {
      const share = shareAtLeast(window.total(nowMs), all.lately(nowMs));
      const byChance = newcomersElsewhere(Math.max(share, LEAST_SHARE));
      enoughElsewhere = Math.max(byChance, LONGEST_ROWS * rows.longest(nowMs));
      // Where its newcomers come in clumps, as many of them are worth as little as one.
      step = share > 0 ? (Math.log((1 - share / 2) / (1 - share)) * byChance) / enoughElsewhere : 0;
      evidence = -step * elsewhere();
      rows.fell();
    },
    lived: rows.lived,
    isStillUsed(nowMs) {
      const isQuiet = elsewhere() >= enoughElsewhere && nowMs - namedAtMs >= newcomerMs(rules);
      return !isQuiet && evidenceAfter(elsewhere()) < ENOUGH;
    },
  };
}

/**
 * The longest row of newcomers elsewhere between two that named a Chat Server, while it lived: in the ten minutes before a moment or
 * some more. By chance alone a row is seldom long, but a load balancer may send all new chats of a while to one Chat Server.
 */
function createLongestRow() {
  let longest = 0;
  let longestBefore = 0;
  let period = 0;
  let isUp = true;
  /** Whether it has lived since the newcomer that began the present row. */
  let isWhole = false;
  const moveTo = (nowMs: number): void => {
    const reached = Math.floor(nowMs / WINDOW_MS);
    if (reached === period) return;
    longestBefore = reached === period + 1 ? longest : 0;
    longest = 0;
    period = reached;
  };
  return {
    ended(newcomers: number, nowMs: number): void {
      moveTo(nowMs);
      if (isWhole) longest = Math.max(longest, newcomers);
      isWhole = isUp;
    },
    fell(): void {
      isUp = false;
      isWhole = false;
    },
    lived(): void {
      isUp = true;
    },
    longest(nowMs: number): number {
      moveTo(nowMs);
      return Math.max(longest, longestBefore);
    },
  };
}

/** Lower bound of a share that was counted: two standard deviations. Not above 0 where too few were counted to tell. */
export function shareAtLeast(own: number, all: number): number {
  return own === 0 ? 0 : (own - 2 * Math.sqrt(own)) / all;
}

/**
 * How many newcomers elsewhere in a row make it unlikely that a Chat Server with this share of them lives. It goes by no clock: where
 * chats arrive half as often it takes twice as long.
 */
export function newcomersElsewhere(share: number): number {
  return Math.ceil(Math.log(CHANCE_OF_NONE) / Math.log(1 - share));
}
