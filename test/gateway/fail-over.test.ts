import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASIDE_MS, noneAside, orderOf, putAside } from '../../src/gateway/gateway-adapter.ts';

describe('the order of the gateway URLs', () => {
  it('is that of the configuration while none has failed', () => {
    expect(orderOf(noneAside(3), 0)).toEqual([0, 1, 2]);
  });

  it('has a failed URL last', () => {
    expect(orderOf(putAside(noneAside(3), 0, 1_000), 1_000)).toEqual([1, 2, 0]);
  });

  it('prefers a failed URL again after 30 s, and not before', () => {
    const aside = putAside(noneAside(2), 0, 1_000);
    expect(ASIDE_MS).toBe(30_000);
    expect(orderOf(aside, 30_999)).toEqual([1, 0]);
    expect(orderOf(aside, 31_000)).toEqual([0, 1]);
  });

  it('counts the 30 s from the last failure', () => {
    expect(orderOf(putAside(putAside(noneAside(2), 0, 0), 0, 20_000), 40_000)).toEqual([1, 0]);
  });

  it('is that of the configuration when all have failed', () => {
    expect(orderOf(putAside(putAside(noneAside(2), 1, 0), 0, 5), 10)).toEqual([0, 1]);
  });

  it('never repeats or leaves out a URL', () => {
    const failures = fc.array(fc.tuple(fc.nat(4), fc.nat(100_000)));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), failures, fc.nat(100_000), (urls, failed, nowMs) => {
        const aside = failed.reduce((state, [index, atMs]) => putAside(state, index, atMs), noneAside(urls));
        expect([...orderOf(aside, nowMs)].sort()).toEqual(Array.from({ length: urls }, (_, index) => index));
      }),
    );
  });
});
