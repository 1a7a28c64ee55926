import { describe, expect, it } from 'vitest';
import { Liveness, type LivenessSignal } from '../../../src/resilience/chat-servers/liveness.ts';

const NEVER = Number.NEGATIVE_INFINITY;
const NOT_DOWN = Number.POSITIVE_INFINITY;

/** What is believed after signs whose answers came 2 ms after their messages were admitted. */
function afterSigns(...signs: readonly (readonly [LivenessSignal, number])[]): Liveness {
  const belief = new Liveness();
  for (const [sign, admittedAtMs] of signs) belief.observe(sign, admittedAtMs, admittedAtMs + 2);
  return belief;
}

describe('what is believed of a Chat Server', () => {
  it('is nothing before the first sign', () => {
    expect(new Liveness()).toMatchObject({
      signal: null,
      provenAtMs: NEVER,
      seenAliveAtMs: NEVER,
      seenDownAtMs: NEVER,
      downSinceMs: NOT_DOWN,
      provenForMs: 0,
    });
  });

  it('is the sign of the message that was admitted last, in whatever order the answers come', () => {
    const belief = new Liveness();
    expect(belief.observe('down', 10, 20)).toBe(true);
    expect(belief.observe('alive', 9, 30)).toBe(false);
    expect(belief).toMatchObject({ signal: 'down', provenAtMs: 10, downSinceMs: 20 });
    expect(belief.observe('alive', 11, 40)).toBe(true);
    expect(belief.observe('down', 10.5, 50)).toBe(false);
    expect(belief).toMatchObject({ signal: 'alive', provenAtMs: 11, downSinceMs: NOT_DOWN, provenForMs: 0 });
  });

  it('is not changed by a message admitted in the same moment', () => {
    const belief = new Liveness();
    belief.observe('alive', 10, 20);
    expect(belief.observe('down', 10, 30)).toBe(false);
    expect(belief).toMatchObject({ signal: 'alive', downSinceMs: NOT_DOWN });
  });

  it('keeps when it was seen alive and down, even by answers that were overtaken', () => {
    const belief = new Liveness();
    belief.observe('alive', 10, 20);
    belief.observe('down', 5, 30);
    expect(belief).toMatchObject({ seenAliveAtMs: 20, seenDownAtMs: 30, downSinceMs: NOT_DOWN });
    belief.observe('down', 11, 40);
    belief.observe('alive', 9, 50);
    expect(belief).toMatchObject({ seenAliveAtMs: 50, seenDownAtMs: 40, downSinceMs: 40 });
  });
});

describe('a Chat Server is down', () => {
  it('since the first answer that says so, whether or not it was ever seen alive', () => {
    expect(afterSigns(['down', 5], ['down', 10])).toMatchObject({ downSinceMs: 7, provenForMs: 5 });
    expect(afterSigns(['alive', 1], ['down', 5], ['down', 10])).toMatchObject({ downSinceMs: 7, provenForMs: 5 });
  });

  it('anew after each sign of life', () => {
    expect(afterSigns(['down', 5], ['down', 10], ['alive', 20])).toMatchObject({ downSinceMs: NOT_DOWN, provenForMs: 0 });
    expect(afterSigns(['down', 5], ['down', 10], ['alive', 20], ['down', 30])).toMatchObject({ downSinceMs: 32, provenForMs: 0 });
    expect(afterSigns(['down', 5], ['alive', 20], ['down', 30], ['down', 70])).toMatchObject({ downSinceMs: 32, provenForMs: 40 });
  });

  it('anew after more than 90 s in which nothing was heard of it', () => {
    expect(afterSigns(['down', 0], ['down', 90_000])).toMatchObject({ downSinceMs: 2, provenForMs: 90_000 });
    expect(afterSigns(['down', 0], ['down', 90_001])).toMatchObject({ downSinceMs: 90_003, provenForMs: 0 });
    expect(afterSigns(['down', 0], ['down', 90_001], ['down', 90_101])).toMatchObject({ downSinceMs: 90_003, provenForMs: 100 });
  });

  it('throughout, however long, while it is heard of every 90 s', () => {
    const signs = Array.from({ length: 100 }, (_, n) => ['down', n * 90_000] as const);
    expect(afterSigns(...signs)).toMatchObject({ downSinceMs: 2, provenForMs: 99 * 90_000 });
  });
});
