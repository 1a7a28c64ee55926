import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithinLimit, type SentTimestamps, withTimestamp } from '../../../src/resilience/single-flight/chats.ts';

describe('the moments at which a chat got messages', () => {
  it('are a bare number while there is one, and never more than the limit', () => {
    const one = withTimestamp(null, 5, 3);
    const two = withTimestamp(one, 6, 3);
    const three = withTimestamp(two, 6, 3);
    expect([one, two, three, withTimestamp(three, 9, 3)]).toEqual([5, [5, 6], [5, 6, 6], [6, 6, 9]]);
  });

  it('are not kept where there is no limit', () => {
    expect(withTimestamp(null, 5, 0)).toBeNull();
    expect(isWithinLimit(null, 5, 0, 1_000)).toBe(true);
  });

  it('leave room for one more exactly when fewer than the limit lie in the window', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40, size: 'max' });
    const limits = fc.integer({ min: 1, max: 5 });
    const windows = fc.integer({ min: 1, max: 30 });
    let refused = 0;
    fc.assert(
      fc.property(gaps, limits, windows, (given, limit, windowMs) => {
        let moments: SentTimestamps = null;
        const got: number[] = [];
        let nowMs = 0;
        for (const gapMs of given) {
          nowMs += gapMs;
          const inWindow = got.filter((atMs) => nowMs - atMs < windowMs).length;
          const room = isWithinLimit(moments, nowMs, limit, windowMs);
          if (room !== inWindow < limit) throw new Error(`${inWindow} of ${limit}, and room: ${room}`);
          if (!room) refused += 1;
          // Now and then one comes all the same: a message that was in flight when the limit was lowered, say.
          if (!room && gapMs % 4 !== 0) continue;
          got.push(nowMs);
          moments = withTimestamp(moments, nowMs, limit);
        }
      }),
    );
    expect(refused).toBeGreaterThan(0);
  }, 60_000);
});
