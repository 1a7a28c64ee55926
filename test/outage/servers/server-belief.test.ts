import { describe, expect, it } from 'vitest';
import { createServerBelief } from '../../../src/outage/servers/server-belief.ts';

const NEVER = Number.NEGATIVE_INFINITY;

it('one that was found down first is dated by that, once', () => {
  const belief = createServerBelief(1_000);
  expect(belief.foundDownAtMs).toBe(NEVER);
  belief.hear('down', 5, 7);
  belief.hear('down', 10, 12);
  expect(belief).toMatchObject({ foundDownAtMs: 7, fellAtMs: NEVER });
  const living = createServerBelief(1_000);
  living.hear('alive', 1, 1);
  living.hear('down', 5, 7);
  expect(living).toMatchObject({ foundDownAtMs: NEVER, fellAtMs: 7 });
});

it('one that lived and was not heard of for so long has fallen anew when it is found down', () => {
  const belief = createServerBelief(1_000);
  belief.hear('down', 0, 0);
  belief.hear('down', 5_000, 5_000);
  expect(belief.fellAtMs).toBe(NEVER);
  belief.hear('alive', 6_000, 6_000);
  belief.hear('down', 6_500, 6_500);
  belief.hear('down', 7_499, 7_499);
  expect(belief.fellAtMs).toBe(6_500);
  belief.hear('down', 8_499, 8_499);
  expect(belief.fellAtMs).toBe(8_499);
});

describe('what is believed of a Chat Server', () => {
  it('is nothing before the first sign', () => {
    expect(createServerBelief(45_000)).toMatchObject({
      sign: null,
      provenAtMs: NEVER,
      seenAliveAtMs: NEVER,
      seenDownAtMs: NEVER,
      fellAtMs: NEVER,
    });
  });

  it('is the sign of the message that was admitted last, in whatever order the answers come', () => {
    const belief = createServerBelief(45_000);
    expect(belief.hear('down', 10, 20)).toBe(true);
    expect(belief.hear('alive', 9, 30)).toBe(false);
    expect(belief).toMatchObject({ sign: 'down', provenAtMs: 10 });
    expect(belief.hear('alive', 11, 40)).toBe(true);
    expect(belief.hear('down', 10.5, 50)).toBe(false);
    expect(belief).toMatchObject({ sign: 'alive', provenAtMs: 11, fellAtMs: NEVER });
  });

  it('is not changed by a message admitted in the same moment', () => {
    const belief = createServerBelief(45_000);
    belief.hear('alive', 10, 20);
    expect(belief.hear('down', 10, 30)).toBe(false);
    expect(belief.sign).toBe('alive');
  });

  it('keeps when it was seen alive and down, even by answers that were overtaken', () => {
    const belief = createServerBelief(45_000);
    belief.hear('alive', 10, 20);
    belief.hear('down', 5, 30);
    expect(belief).toMatchObject({ seenAliveAtMs: 20, seenDownAtMs: 30, fellAtMs: NEVER });
  });

  it('is a fall where a sign of life came before, each time anew, dated by the first answer that says so', () => {
    const belief = createServerBelief(45_000);
    belief.hear('down', 1, 2);
    expect(belief.fellAtMs).toBe(NEVER);
    belief.hear('alive', 3, 4);
    belief.hear('down', 5, 6);
    belief.hear('down', 7, 8);
    expect(belief.fellAtMs).toBe(6);
    belief.hear('alive', 9, 10);
    belief.hear('down', 11, 12);
    expect(belief.fellAtMs).toBe(12);
  });

  it('is no fall where one sign of life follows another', () => {
    const belief = createServerBelief(45_000);
    belief.hear('alive', 1, 2);
    belief.hear('alive', 3, 4);
    expect(belief.fellAtMs).toBe(NEVER);
  });
});
