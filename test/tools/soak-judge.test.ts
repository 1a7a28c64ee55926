import { describe, expect, it } from 'vitest';
import { faultOf, isPossible, KINDS, seededRandom, soakChats } from '../../tools/soak/chats.ts';
import { judgeSoak, type Measured } from '../../tools/soak/judge.ts';

const WARM: Measured = {
  heapMb: 40,
  descriptors: 30,
  asked: 100,
  answered: 97,
  hungUp: 3,
  failed: 0,
  firstFailure: null,
  wrongVerdicts: 0,
  firstWrong: null,
  latestMs: 2_040,
  answers: 98,
  cancelled: 2,
  inFlight: 0,
  messages: 120,
  repeated: 0,
};
const END: Measured = { ...WARM, asked: 200, answered: 194, hungUp: 6, answers: 195, cancelled: 5, messages: 240 };

describe('a soak', () => {
  it('in which all promises are kept is not complained of', () => {
    expect(judgeSoak(WARM, { ...END, heapMb: 45, descriptors: 33 })).toEqual([]);
  });

  it.each([
    ['a heap that grows', { heapMb: 45.1 }, /heap grew by 5\.1 MB/],
    ['descriptors that grow', { descriptors: 34 }, /descriptors went from 30 to 34/],
    ['a request that failed', { failed: 1, answered: 193, firstFailure: 'socket hang up' }, /1 requests failed.*socket hang up/],
    ['a caller who never gets an answer', { answered: 193 }, /193 answered/],
    ['an answer that the service did not count', { answers: 194 }, /counts 194 answers/],
    ['a hang-up that the service did not count', { cancelled: 4 }, /4 hang-ups/],
    ['a probe that never ends', { inFlight: 1 }, /1 probes are still under way/],
    ['a wrong verdict', { wrongVerdicts: 1, firstWrong: 'stop' }, /1 verdicts are wrong.*stop/],
    ['a message that was sent again', { repeated: 1 }, /1 messages were sent again/],
    ['callers who stopped', { asked: 100, answered: 97, hungUp: 3, answers: 98, cancelled: 2 }, /nothing was asked/],
    ['a gateway that heard nothing', { messages: 120 }, /no message/],
  ])('finds %s', (_what, broken, complaint) => {
    expect(judgeSoak(WARM, { ...END, ...broken })).toEqual([expect.stringMatching(complaint)]);
  });
});

describe('the chats of a soak', () => {
  it('are the same for the same seed, and meet every fault', () => {
    const chats = soakChats(6_000, seededRandom(7));
    expect(soakChats(6_000, seededRandom(7))).toEqual(chats);
    const faulty = chats.filter((id) => faultOf(id) !== null);
    expect(faulty.length / chats.length).toBeGreaterThan(0.25);
    expect(new Set(faulty.map(faultOf)).size).toBe(KINDS);
    expect(KINDS).toBeGreaterThanOrEqual(28);
  });

  it('that are alive may be stopped by nothing', () => {
    expect([
      isPossible('alive-1', 'stop', 'dead'),
      isPossible('alive-1', 'stop', 'unknown'),
      isPossible('alive-1', 'route', 'alive'),
    ]).toEqual([false, false, true]);
  });

  it('are stopped, or found alive, only through a fault that proves it', () => {
    const chats = Array.from({ length: KINDS }, (_, kind) => `fault${kind}-0`);
    const stopped = chats.filter((id) => isPossible(id, 'stop', 'dead')).map((id) => faultOf(id)?.name);
    expect(stopped).toEqual(['a byte order mark', 'an error code as text', 'a response that carries a fault']);
    expect(chats.filter((id) => isPossible(id, 'route', 'alive')).map((id) => faultOf(id)?.name)).toEqual(['1xx before the answer']);
  });
});
