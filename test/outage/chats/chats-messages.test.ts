import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRoom, type MessageMoments, withMessageAt } from '../../../src/outage/chats/message-moments.ts';

describe('the moments at which a chat got messages', () => {
  it('are a bare number while there is one, and never more than the limit', () => {
    const one = withMessageAt(null, 5, 3);
    const two = withMessageAt(one, 6, 3);
    const three = withMessageAt(two, 6, 3);
    expect([one, two, three, withMessageAt(three, 9, 3)]).toEqual([5, [5, 6], [5, 6, 6], [6, 6, 9]]);
  });

  it('are not kept where there is no limit', () => {
    expect(withMessageAt(null, 5, 0)).toBeNull();
    expect(hasRoom(null, 5, 0, 1_000)).toBe(true);
  });

  it('leave room for one more exactly when fewer than the limit lie in the window', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40, size: 'max' });
    const limits = fc.integer({ min: 1, max: 5 });
    const windows = fc.integer({ min: 1, max: 30 });
    let refused = 0;
    fc.assert(
      fc.property(gaps, limits, windows, (given, limit, windowMs) => {
        let moments: MessageMoments = null;
        const got: number[] = [];
        let nowMs = 0;
        for (const gapMs of given) {
          nowMs += gapMs;
          const inWindow = got.filter((atMs) => nowMs - atMs < windowMs).length;
          const room = hasRoom(moments, nowMs, limit, windowMs);
          if (room !== inWindow < limit) throw new Error(`${inWindow} of ${limit}, and room: ${room}`);
          if (!room) refused += 1;
          // Now and then one comes all the same: a message that was in flight when the limit was lowered, say.
          if (!room && gapMs % 4 !== 0) continue;
          got.push(nowMs);
          moments = withMessageAt(moments, nowMs, limit);
        }
      }),
    );
    expect(refused).toBeGreaterThan(1_000);
  }, 60_000);
});
