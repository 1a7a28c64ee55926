import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRetryBudget, type RetryBudget, type RetryBudgetSettings } from '../../src/resilience/retry-budget.ts';

const SETTINGS: RetryBudgetSettings = { retryBudget: true, retryShare: 0.2, retriesPerSecond: 20 };

function firsts(budget: RetryBudget, count: number, nowMs: number): void {
  for (let made = 0; made < count; made += 1) budget.first(nowMs);
}

/** Of so many asked for at this moment. */
function retriesAllowed(budget: RetryBudget, asked: number, nowMs: number): number {
  return Array.from({ length: asked }, () => budget.mayRetry(nowMs)).filter(Boolean).length;
}

describe('the retry budget', () => {
  it('allows a few retries each second, whatever came before', () => {
    const budget = createRetryBudget(SETTINGS);
    expect([999, 1_000, 1_999, 2_000].map((nowMs) => retriesAllowed(budget, 30, nowMs))).toEqual([20, 20, 0, 20]);
  });

  it('allows a share of the first attempts in the window', () => {
    const budget = createRetryBudget(SETTINGS);
    firsts(budget, 500, 0);
    expect(retriesAllowed(budget, 200, 9_999)).toBe(100);
  });

  it('forgets first attempts after ten seconds', () => {
    const budget = createRetryBudget(SETTINGS);
    firsts(budget, 500, 999);
    expect(retriesAllowed(budget, 200, 10_000)).toBe(20);
  });

  it('counts the retries that the floor allowed against the share too', () => {
    const budget = createRetryBudget(SETTINGS);
    retriesAllowed(budget, 20, 0);
    firsts(budget, 250, 1_000);
    expect(retriesAllowed(budget, 200, 1_000)).toBe(30);
  });

  it('does not count a retry that it refused', () => {
    const budget = createRetryBudget({ ...SETTINGS, retriesPerSecond: 0 });
    retriesAllowed(budget, 50, 0);
    firsts(budget, 10, 0);
    expect(retriesAllowed(budget, 50, 0)).toBe(2);
  });

  it('allows every retry where it is switched off', () => {
    const budget = createRetryBudget({ retryBudget: false, retryShare: 0, retriesPerSecond: 0 });
    expect(retriesAllowed(budget, 1_000, 0)).toBe(1_000);
  });
});

describe('the retry budgets of replicas', () => {
  const fleetOf = (replicas: number, retriesPerSecond = 20) =>
    Array.from({ length: replicas }, () => createRetryBudget({ ...SETTINGS, retriesPerSecond }, { replicas }));
  /** Each is asked for more than it has, once in each of ten seconds. */
  const storm = (budgets: readonly RetryBudget[]): number =>
    budgets
      .flatMap((budget) => Array.from({ length: 10 }, (_, second) => retriesAllowed(budget, 30, second * 1_000)))
      .reduce((a, b) => a + b);

  it.each([1, 2, 4, 10, 16, 20, 50, 100])(
    'are that of one: %d together allow no more when everything fails, and hardly fewer',
    (replicas) => {
      const allowed = storm(fleetOf(replicas));
      expect(allowed).toBeLessThanOrEqual(200);
      expect(allowed).toBeGreaterThanOrEqual(0.8 * 200);
    },
  );

  it('allow each a retry in ten seconds, however many they are, and none where none is allowed', () => {
    expect(storm(fleetOf(100, 1))).toBe(100);
    expect(storm(fleetOf(100, 0))).toBe(0);
  });

  it('have the share whole, since each counts its own first attempts', () => {
    const [budget] = fleetOf(4);
    firsts(budget!, 500, 0);
    expect(retriesAllowed(budget!, 200, 9_999)).toBe(100);
  });

  it('go by how many there are now', () => {
    const fleet = { replicas: 1 };
    const budget = createRetryBudget(SETTINGS, fleet);
    expect(retriesAllowed(budget, 30, 0)).toBe(20);
    fleet.replicas = 4;
    expect(retriesAllowed(budget, 30, 1_000)).toBe(5);
  });
});

describe('in any run', () => {
  interface Step {
    readonly gapMs: number;
    readonly firsts: number;
    readonly retries: number;
  }
  const settings = fc.record({
    retryBudget: fc.constant(true),
    retryShare: fc.constantFrom(0, 0.1, 0.2, 0.5, 1),
    retriesPerSecond: fc.integer({ min: 0, max: 3 }),
  });
  const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.record({
      gapMs: fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.constantFrom(1_000, 8_999, 9_000, 10_000)),
      firsts: fc.integer({ min: 0, max: 12 }),
      retries: fc.integer({ min: 0, max: 8 }),
    }),
    { minLength: 4, maxLength: 20 },
  );

  interface Made {
    /** Each entry counts one whole second. */
    readonly firsts: number[];
    readonly retries: number[];
    /** How matters stood whenever a retry was refused: in that second, and in the ten seconds that end with it. */
    readonly refusals: { readonly retriesInSecond: number; readonly retries: number; readonly firsts: number }[];
  }

  function play(budget: RetryBudget, run: readonly Step[]): Made {
    const lengthS = Math.floor(run.reduce((total, { gapMs }) => total + gapMs, 0) / 1_000) + 1;
    const made: Made = { firsts: Array(lengthS).fill(0), retries: Array(lengthS).fill(0), refusals: [] };
    let nowMs = 0;
    for (const step of run) {
      nowMs += step.gapMs;
      const second = Math.floor(nowMs / 1_000);
      firsts(budget, step.firsts, nowMs);
      const allowed = retriesAllowed(budget, step.retries, nowMs);
      made.firsts[second]! += step.firsts;
      made.retries[second]! += allowed;
      if (allowed < step.retries) {
        const [retries, firstsMade] = [made.retries, made.firsts].map((counts) => sum(counts, second - 9, second)) as [number, number];
        made.refusals.push({ retriesInSecond: made.retries[second]!, retries, firsts: firstsMade });
      }
    }
    return made;
  }

  function sum(counts: readonly number[], from: number, to: number): number {
    return counts.slice(Math.max(0, from), to + 1).reduce((total, count) => total + count, 0);
  }

  /** `upTo[n]`: the sum of the first n. */
  function runningSums(counts: readonly number[]): readonly number[] {
    const upTo = [0];
    for (const count of counts) upTo.push(upTo.at(-1)! + count);
    return upTo;
  }

  it('the retries of any stretch of seconds stay within the share of its first attempts, those of nine seconds before it, and the floor', () => {
    fc.assert(
      fc.property(settings, steps, (of, run) => {
        const made = play(createRetryBudget(of), run);
        const [firstsUpTo, retriesUpTo] = [runningSums(made.firsts), runningSums(made.retries)];
        for (let end = 1; end <= made.firsts.length; end += 1) {
          for (let start = 0; start < end; start += 1) {
            const retries = retriesUpTo[end]! - retriesUpTo[start]!;
            const bound = of.retryShare * (firstsUpTo[end]! - firstsUpTo[Math.max(0, start - 9)]!) + of.retriesPerSecond * (end - start);
            if (retries > bound + 1e-9) expect.fail(`${retries} retries, ${bound} allowed, from second ${start} to ${end}`);
          }
        }
      }),
    );
  });

  it('a retry is refused only when both the floor and the share are used up', () => {
    fc.assert(
      fc.property(settings, steps, (of, run) => {
        for (const refusal of play(createRetryBudget(of), run).refusals) {
          expect(refusal.retriesInSecond).toBeGreaterThanOrEqual(of.retriesPerSecond);
          expect(refusal.retries + 1).toBeGreaterThan(of.retryShare * refusal.firsts);
        }
      }),
    );
  });

  it('a share that covers every retry lets every retry pass', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const generous = run.map((step) => ({ ...step, firsts: step.retries * 5 }));
        expect(play(createRetryBudget({ ...SETTINGS, retriesPerSecond: 0 }), generous).refusals).toEqual([]);
      }),
    );
  });
});
