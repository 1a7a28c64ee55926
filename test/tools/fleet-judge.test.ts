import { describe, expect, it } from 'vitest';
import {
  canariesWithin,
  doubledMessages,
  type FleetSample,
  isWithin,
  type Message,
  quantile,
  type ReplicaSample,
  sharedMs,
  wholeSpans,
} from '../../tools/fleet/judge.ts';

const LINKED: ReplicaSample = { pid: 1, isLinked: true, troubles: 0 };
const samples = (...replicas: readonly FleetSample['replicas'][]): readonly FleetSample[] =>
  replicas.map((each, n) => ({ atMs: 100 * n, replicas: each }));
const message = (interactionId: string, begunMs: number, endedMs: number): Message => ({
  interactionId,
  chatServer: 'A',
  begunMs,
  endedMs,
});

describe('the spans in which all that live hear of each other', () => {
  const whole = [LINKED, LINKED];

  it('are one from the first such sample to the last', () => {
    expect(wholeSpans(samples(whole, whole, whole))).toEqual([{ fromMs: 0, toMs: 200 }]);
  });

  it('do not need those who are gone', () => {
    expect(wholeSpans(samples([LINKED, 'gone'], [LINKED, 'gone'], [LINKED, { ...LINKED, pid: 2 }]))).toEqual([{ fromMs: 0, toMs: 200 }]);
  });

  it.each<readonly [string, readonly FleetSample['replicas'][number][]]>([
    ['is apart', [LINKED, { ...LINKED, isLinked: false }]],
    ['was apart since the sample before', [LINKED, { ...LINKED, troubles: 1 }]],
    ['does not answer', [LINKED, null]],
    ['died since the sample before', [LINKED, 'gone']],
    ['is another process', [LINKED, { ...LINKED, pid: 2 }]],
  ])('end where one %s, and begin again after that', (_what, broken) => {
    const [first, after] = wholeSpans(samples(whole, whole, broken, broken, broken));
    expect(first).toEqual({ fromMs: 0, toMs: 100 });
    // One that is as it was in the sample before has been so for a whole span.
    const isSteady = broken.every((sample) => sample === 'gone' || sample?.isLinked === true);
    expect(after).toEqual(isSteady ? { fromMs: 200, toMs: 400 } : undefined);
  });

  it('do not begin with one that was in trouble since it was started', () => {
    expect(wholeSpans(samples([LINKED, 'gone'], [LINKED, { ...LINKED, troubles: 1 }]))).toEqual([]);
  });

  it('hold what lies in one of them whole', () => {
    const spans = [
      { fromMs: 0, toMs: 100 },
      { fromMs: 200, toMs: 300 },
    ];
    expect(
      [
        [0, 100],
        [50, 250],
        [150, 160],
      ].map(([fromMs = 0, toMs = 0]) => isWithin({ fromMs, toMs }, spans)),
    ).toEqual([true, false, false]);
    expect(sharedMs({ fromMs: 50, toMs: 250 }, spans)).toBe(100);
  });
});

describe('messages to one chat', () => {
  it('are doubled while two are in flight', () => {
    expect(doubledMessages([message('a', 0, 100), message('a', 50, 120), message('b', 60, 90)])).toEqual([
      { interactionId: 'a', fromMs: 0, toMs: 120 },
    ]);
  });

  it('are not doubled one after the other', () => {
    expect(doubledMessages([message('a', 100, 200), message('a', 0, 100)])).toEqual([]);
  });

  it('are held against one that is in flight for longer than others that came later', () => {
    const pairs = doubledMessages([message('a', 0, Number.POSITIVE_INFINITY), message('a', 10, 20), message('a', 30, 40)]);
    expect(pairs).toHaveLength(2);
  });
});

describe('canaries', () => {
  const spans = [{ fromMs: 0, toMs: 1_000 }];

  it('are counted, with how many were out at once and how far they were apart', () => {
    expect(canariesWithin([message('a', 600, 700), message('b', 0, 100), message('c', 2_000, 2_100)], spans)).toEqual({
      count: 2,
      mostAtOnce: 1,
      leastGapMs: 600,
    });
  });

  it('that are out together are seen', () => {
    expect(canariesWithin([message('a', 0, 100), message('b', 99, 150)], spans)).toMatchObject({ mostAtOnce: 2, leastGapMs: 99 });
  });

  it('are none where there are none', () => {
    expect(canariesWithin([], spans)).toMatchObject({ count: 0, mostAtOnce: 0 });
  });
});

it('99 of 100 are not above the quantile', () => {
  const values = Array.from({ length: 200 }, (_, n) => 200 - n);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile([7], 0.99), quantile([], 0.5)]).toEqual([100, 198, 7, Number.NaN]);
});
