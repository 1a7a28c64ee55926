import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fnv1a, isEnforced } from '../../../src/resilience/stop-filters/filter-stop.ts';

const ids = fc.stringMatching(/^[A-Za-z0-9_~-]{1,64}$/);
const percents = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 100, noNaN: true }));
const enforcing = (enforcePercent: number) => ({ shadow: false, enforcePercent });

describe('enforcement', () => {
  it('is never in shadow mode', () => {
    fc.assert(
      fc.property(ids, percents, (id, enforcePercent) => {
        expect(isEnforced({ shadow: true, enforcePercent }, id)).toBe(false);
      }),
    );
  });

  it('is for no interaction at 0 percent and for every one at 100', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect([isEnforced(enforcing(0), id), isEnforced(enforcing(100), id)]).toEqual([false, true]);
      }),
    );
  });

  it('stays with an interaction when the percentage grows', () => {
    // Percentages about the one at which the interaction changes sides: elsewhere the rule is trivial.
    const nearby = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(ids, nearby, nearby, (id, one, other) => {
        const turnsAt = (fnv1a(id) % 10_000) / 100;
        const [less, more] = [one, other].map((by) => Math.min(100, Math.max(0, turnsAt + by))).sort((a, b) => a - b) as [number, number];
        expect(isEnforced(enforcing(less), id) && !isEnforced(enforcing(more), id)).toBe(false);
      }),
    );
  });

  it('begins with an interaction at a hundredth of a percent of its own', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const step = fnv1a(id) % 10_000;
        expect(isEnforced(enforcing((step - 0.5) / 100), id)).toBe(false);
        expect(isEnforced(enforcing((step + 0.5) / 100), id)).toBe(true);
      }),
    );
  });

  it.each([0, 25, 50, 99])('at %i percent ends before the interaction whose own place that is', (enforcePercent) => {
    let n = 0;
    while (fnv1a(`chat${n}`) % 10_000 !== enforcePercent * 100) n += 1;
    expect(isEnforced(enforcing(enforcePercent), `chat${n}`)).toBe(false);
    expect(isEnforced(enforcing(enforcePercent + 1), `chat${n}`)).toBe(true);
  });

  it.each([1, 10, 50, 90])('meets close to %i percent of ids that follow one another', (enforcePercent) => {
    const alike = Array.from({ length: 20_000 }, (_, n) => `0006Ka9HFHR${n.toString(36).toUpperCase().padStart(5, '0')}`);
    const met = alike.filter((id) => isEnforced(enforcing(enforcePercent), id)).length;
    expect(Math.abs((met / alike.length) * 100 - enforcePercent)).toBeLessThan(1);
  });
});

it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])("the hash behind it gives its authors' value for %j", (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});
