import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../lab/simulator/world/seeded-random.ts';
import {
  createNewcomers,
  createNewcomerTally,
  type Newcomers,
  type NewcomerTally,
  newcomerMs,
  newcomersElsewhere,
  shareAtLeast,
} from '../../../src/resilience/chat-servers/newcomers.ts';

/** A Chat Server among others, and a clock that stands unless it is moved. */
function bench() {
  const all = createNewcomerTally();
  const own = createNewcomers(all, { restoreWindowMs: 45_000 });
  let nowMs = 0;
  const elsewhere = (times: number): void => {
    for (let n = 0; n < times; n += 1) all.add(nowMs);
  };
  const named = (times = 1): void => {
    for (let n = 0; n < times; n += 1) {
      all.add(nowMs);
      own.named(nowMs);
    }
  };
  return {
    elsewhere,
    named,
    move: (byMs: number) => {
      nowMs += byMs;
    },
    fell: () => own.fell(nowMs),
    isStillUsed: () => own.isStillUsed(nowMs),
    /** How many newcomers elsewhere it takes from now on until it may count as dead. */
    takes(most = 2_000): number {
      let taken = 0;
      while (own.isStillUsed(nowMs)) {
        if (taken === most) return Number.POSITIVE_INFINITY;
        elsewhere(1);
        taken += 1;
      }
      return taken;
    },
  };
}

/** One that had every fourth newcomer for eight minutes, and has just been found down: its share is 0.2314 at least. */
function fallen() {
  const made = bench();
  for (let minute = 0; minute < 8; minute += 1) {
    for (let n = 0; n < 90; n += 1) {
      made.elsewhere(3);
      made.named();
    }
    made.move(60_000);
  }
  made.fell();
  return made;
}

describe('the share of newcomers that a Chat Server has', () => {
  it('is at least what was counted, less two standard deviations', () => {
    expect(shareAtLeast(600, 2_400)).toBeCloseTo(0.2296, 4);
    expect(shareAtLeast(2_500, 10_000)).toBe(0.24);
    expect(shareAtLeast(16, 100)).toBe(0.08);
  });

  it('is not known where four or fewer were counted', () => {
    expect([0, 1, 4].map((own) => shareAtLeast(own, 100) > 0)).toEqual([false, false, false]);
    expect(shareAtLeast(0, 0)).toBe(0);
    expect(shareAtLeast(5, 100)).toBeGreaterThan(0);
  });

  it('says how many in a row must go elsewhere: 44 of four servers, so that one in 100,000 lives all the same', () => {
    expect([0.2304, 0.24, 0.5, 0.1, 0.02].map(newcomersElsewhere)).toEqual([44, 42, 17, 110, 570]);
    for (const share of [0.02, 0.1, 0.2304, 0.5]) {
      expect((1 - share) ** newcomersElsewhere(share)).toBeLessThanOrEqual(1e-5);
      expect((1 - share) ** (newcomersElsewhere(share) - 1)).toBeGreaterThan(1e-5);
    }
  });
});

describe('the newcomers of all', () => {
  it('are counted for ever, and over the last ten minutes', () => {
    const all = createNewcomerTally();
    for (const atMs of [0, 0, 300_000, 599_999]) all.add(atMs);
    expect([all.total, all.lately(599_999), all.lately(600_000), all.lately(1_300_000)]).toEqual([4, 4, 2, 0]);
  });
});

describe('a Chat Server that was found down', () => {
  it('counts as dead after so many newcomers elsewhere, with none that names it', () => {
    const { takes, move } = fallen();
    move(30_000);
    expect(takes()).toBe(44);
  });

  it('counts as dead no sooner than 30 s after the last one that named it, however many come elsewhere', () => {
    const { elsewhere, named, move, isStillUsed } = fallen();
    named();
    move(29_999);
    elsewhere(44);
    expect(isStillUsed()).toBe(true);
    move(1);
    expect(isStillUsed()).toBe(false);
  });

  it('is doubted again as soon as a newcomer names it', () => {
    const { takes, move, named, isStillUsed } = fallen();
    move(30_000);
    expect([takes(), isStillUsed()]).toEqual([44, false]);
    named();
    expect(isStillUsed()).toBe(true);
    move(30_000);
    expect(takes()).toBe(44);
  });

  it('had those in a row too that went elsewhere before it was found down', () => {
    const { elsewhere, fell, move, takes } = fallen();
    move(30_000);
    elsewhere(30);
    fell();
    expect(takes()).toBeGreaterThan(10);
    expect(takes()).toBe(0);
  });

  it('counts as one with a share of a fiftieth where nobody ever named it', () => {
    const { elsewhere, fell, takes } = bench();
    elsewhere(100);
    fell();
    expect(takes()).toBe(470);
  });

  it.each([1, 4])('counts as one with a share of a fiftieth where only %i did', (times) => {
    const { elsewhere, named, fell, move, takes } = bench();
    elsewhere(50);
    named(times);
    fell();
    move(30_000);
    expect(takes()).toBe(570);
  });

  it('is not held to what it had more than ten minutes ago', () => {
    const { elsewhere, named, fell, move, takes } = bench();
    named(500);
    elsewhere(500);
    move(600_000);
    elsewhere(1);
    fell();
    // Of the 570 that one with a share of a fiftieth needs, these were there already.
    expect(takes()).toBe(69);
  });

  it('has its share looked up anew each time it is found down', () => {
    const { named, elsewhere, fell, move, takes } = fallen();
    for (let n = 0; n < 500; n += 1) {
      named();
      elsewhere(1);
    }
    fell();
    move(30_000);
    // Of 3,880 newcomers in ten minutes 1,220 were its own: 0.2964 at least, which makes 33, and one was there already.
    expect(takes()).toBe(32);
  });
});

describe('a Chat Server whose newcomers come in clumps', () => {
  /** One that gets all newcomers of each fourth minute, 300 of them; the three minutes after its last are over. */
  function clumped() {
    const made = bench();
    for (let minute = 0; minute < 12; minute += 1) {
      if (minute % 4 === 0) made.named(300);
      else made.elsewhere(300);
      made.move(60_000);
    }
    made.named(300);
    made.fell();
    return made;
  }

  it('counts as dead no sooner than after twice the longest row elsewhere that it lived through', () => {
    const { takes, move } = clumped();
    move(30_000);
    expect(takes(5_000)).toBe(1_800);
  });

  it('is still used as long as its clumps come', () => {
    const { elsewhere, named, move, isStillUsed } = clumped();
    for (let round = 0; round < 10; round += 1) {
      for (let minute = 0; minute < 3; minute += 1) {
        elsewhere(300);
        move(60_000);
        expect(isStillUsed()).toBe(true);
      }
      named(300);
      move(60_000);
    }
  });

  it('is not held to a row in which it was down', () => {
    const { all, own } = pair();
    const come = (elsewhere: number): void => {
      for (let n = 0; n < elsewhere; n += 1) all.add(0);
      all.add(0);
      own.named(0);
    };
    for (let n = 0; n < 500; n += 1) come(1);
    own.fell(0);
    come(900);
    own.lived();
    come(900);
    for (let n = 0; n < 500; n += 1) come(1);
    own.fell(0);
    for (let n = 0; n < 100; n += 1) all.add(0);
    expect(own.isStillUsed(30_000)).toBe(false);
  });

  it('is not held to a row of long ago', () => {
    const { all, own } = pair();
    const come = (elsewhere: number, nowMs: number): void => {
      for (let n = 0; n < elsewhere; n += 1) all.add(nowMs);
      all.add(nowMs);
      own.named(nowMs);
    };
    come(1, 0);
    come(900, 0);
    for (let nowMs = 600_000; nowMs < 1_200_000; nowMs += 1_000) come(1, nowMs);
    own.fell(1_199_999);
    expect(takesOf(all, own, 1_250_000)).toBe(1_800);
    for (let nowMs = 1_260_000; nowMs < 1_860_000; nowMs += 1_000) come(1, nowMs);
    own.fell(1_860_000);
    expect(takesOf(all, own, 1_900_000)).toBeLessThan(100);
    come(900, 1_900_000);
    own.lived();
    come(900, 1_900_000);
    come(900, 1_900_000);
    own.fell(3_000_000);
    expect(takesOf(all, own, 3_000_000)).toBe(570);
  });
});

function pair() {
  const all = createNewcomerTally();
  return { all, own: createNewcomers(all, { restoreWindowMs: 45_000 }) };
}

function takesOf({ add }: NewcomerTally, { isStillUsed }: Newcomers, nowMs: number): number {
  let taken = 0;
  for (; isStillUsed(nowMs); taken += 1) add(nowMs);
  return taken;
}

describe('a Chat Server that has lost half of its newcomers', () => {
  /** One that had every second newcomer: 0.4553 at least. The clock stands, so that no row of them is long enough. */
  function halfOfAll() {
    const made = bench();
    for (let n = 0; n < 500; n += 1) {
      made.elsewhere(1);
      made.named();
    }
    return made;
  }

  it('counts as dead by their number alone, and by none from before it was found down', () => {
    const { fell, takes } = halfOfAll();
    fell();
    expect(takes()).toBe(47);
    const other = halfOfAll();
    other.elsewhere(40);
    other.fell();
    // Its share is smaller by now, so that it takes a few more.
    expect(other.takes()).toBe(50);
  });

  it('and still has some is doubted again by the next one, for a moment, however long it was dead', () => {
    for (const more of [1, 1_000]) {
      const { fell, takes, elsewhere, named, isStillUsed } = halfOfAll();
      fell();
      takes();
      elsewhere(more);
      expect(isStillUsed()).toBe(false);
      named();
      expect(isStillUsed()).toBe(true);
      expect(takes()).toBeLessThan(4);
    }
  });

  it('owes nothing for newcomers before: each in its favour counts until there is no evidence against it', () => {
    const { fell, takes, elsewhere, named } = halfOfAll();
    fell();
    elsewhere(20);
    named(100);
    expect(takes()).toBe(47);
  });
});

/** Plays newcomers, of whom this share names it before it is found down and that share after; twenty a second. */
function played(shareBefore: number, shareAfter: number, newcomers: number, seed: number) {
  const random = createSeededRandom(seed);
  const { elsewhere, named, move, fell, isStillUsed } = bench();
  const come = (share: number): boolean => {
    move(50);
    const names = random() < share;
    if (names) named();
    else elsewhere(1);
    return names;
  };
  for (let n = 0; n < 12_000; n += 1) come(shareBefore);
  fell();
  let countedDead = 0;
  let wronged = 0;
  let firstDead: number | null = null;
  for (let n = 0; n < newcomers; n += 1) {
    const wasUsed = isStillUsed();
    if (!wasUsed) countedDead += 1;
    if (!wasUsed && firstDead === null) firstDead = n;
    if (come(shareAfter) && !wasUsed) wronged += 1;
  }
  return { deadShare: countedDead / newcomers, wrongedShare: wronged / newcomers, firstDead, isStillUsed, named };
}

describe('of many thousands of newcomers at random', () => {
  const SEEDS = [1, 2, 3, 4, 5];

  it.each([0.5, 0.25, 0.1, 0.05, 0.03])('a living server with a constant share of %d never counts as dead', (share) => {
    for (const seed of SEEDS) expect(played(share, share, 20_000, seed).deadShare).toBe(0);
  });

  it('one whose share grows after it was found down does not either', () => {
    for (const seed of SEEDS) expect(played(0.1, 0.5, 20_000, seed).deadShare).toBe(0);
  });

  it.each([0.01, 0.005, 0.002, 0.0005])(
    'a living one with a share of %d, too small to be told, wrongs less than one newcomer in a thousand',
    (share) => {
      for (const seed of SEEDS) expect(played(share, share, 50_000, seed).wrongedShare).toBeLessThan(0.001);
    },
  );

  it.each([
    [0.5, 600],
    [0.25, 600],
    [0.1, 600],
    [0.05, 600],
  ])('one that had %d and lost them all counts as dead within 30 s, and stays so', (share, within) => {
    for (const seed of SEEDS) {
      const { firstDead, deadShare } = played(share, 0, 20_000, seed);
      expect(firstDead).toBeLessThanOrEqual(within);
      expect(deadShare).toBe(1 - (firstDead ?? 0) / 20_000);
    }
  });

  it.each([0.5, 0.25])('one that had %d and keeps a tenth of them counts as dead most of the time', (share) => {
    for (const seed of SEEDS) {
      const { firstDead, deadShare } = played(share, share / 10, 20_000, seed);
      expect(firstDead).toBeLessThan(400);
      expect(deadShare).toBeGreaterThan(0.75);
    }
  });

  it('one that keeps a tenth is doubted again when the next one names it', () => {
    const { isStillUsed, named } = played(0.25, 0.025, 20_000, 1);
    named();
    expect(isStillUsed()).toBe(true);
  });
});

it('a chat is new for half a minute, and for two thirds of a restore window that is shorter than usual', () => {
  expect([0, 900, 44_998.5, 45_000, 300_000].map((restoreWindowMs) => newcomerMs({ restoreWindowMs }))).toEqual([
    0, 600, 29_999, 30_000, 30_000,
  ]);
});
