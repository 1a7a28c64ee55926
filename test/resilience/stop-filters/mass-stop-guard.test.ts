import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../src/probe/reasons.ts';
import type { GuardState } from '../../../src/resilience/events.ts';
import { BUILT_IN_GUARD, type GuardSettings } from '../../../src/resilience/settings.ts';
import {
  createMassStopGuard,
  type GuardedChat,
  type GuardedFinding,
  type MassStopGuard,
} from '../../../src/resilience/stop-filters/mass-stop-guard.ts';
import { attemptWith } from '../../support/samples.ts';

type Computed = GuardedFinding['result'];

const ANSWERED = { servedBy: 'probe', attempts: [], isKnownDown: false } as const;
const DEAD: Computed = { ...ANSWERED, verdict: 'stop', evidence: 'dead', reason: 'session_not_found' };
const ORPHANED: Computed = { ...ANSWERED, verdict: 'stop', evidence: 'orphaned', reason: 'chat_server_not_found' };
/** Of an answer that nobody knows, where the target says so. */
const UNRECOGNISED: Computed = { ...ANSWERED, verdict: 'stop', evidence: 'unknown', reason: 'fault_unrecognised' };
const ALIVE: Computed = { ...ANSWERED, verdict: 'route', evidence: 'alive', reason: 'delivered' };
const LEFT: Computed = { ...ANSWERED, verdict: 'route', evidence: 'orphaned', reason: 'chat_server_not_found' };
const UNKNOWN: Computed = { ...ANSWERED, verdict: 'route', evidence: 'unknown', reason: 'timeout' };

const SETTINGS: GuardSettings = { ...BUILT_IN_GUARD, verdicts: 10, requireDelivery: false };
const CHAT: GuardedChat = { interactionId: 'chat', chatServer: 'A' };

function bench(settings: Partial<GuardSettings> = {}) {
  const changes: GuardState[] = [];
  const guard = createMassStopGuard({ ...SETTINGS, ...settings }, (state) => changes.push(state));
  /** What these are told, one after another at this moment. */
  const judge = (result: Computed, times = 1, nowMs = 0, isOwn = true) =>
    Array.from({ length: times }, () => guard.judge(CHAT, { result, startedAtMs: 0, isOwn, heldAtMs: null }, nowMs));
  /** Of probes of so many chats, which began now, the first answer is bad. */
  const badFirst = (times: number, nowMs = 0, reason: Reason = 'session_not_found') => {
    for (let n = 0; n < times; n += 1)
      guard.badFirstAnswer({ interactionId: `chat-${n}`, chatServer: n % 2 === 0 ? 'A' : 'B' }, reason, nowMs);
  };
  return { guard, changes, judge, badFirst };
}

/** A guard that ten stops in the window's first second have tripped. */
function tripped(settings: Partial<GuardSettings> = {}) {
  const made = bench(settings);
  made.judge(DEAD, 10);
  expect(made.changes).toEqual(['tripped']);
  return made;
}

const passed = (times: number) => Array<null>(times).fill(null);

describe('too many stops', () => {
  it('count a chat that was held back once in a window, and again in the next', () => {
    const trips = (heldAtMs: number, nowMs: number): boolean => {
      const { guard } = bench({ windowMs: 60_000 });
      for (let n = 0; n < 10; n += 1) guard.judge(CHAT, { result: DEAD, startedAtMs: nowMs, isOwn: true, heldAtMs }, nowMs);
      return guard.state(nowMs) === 'tripped';
    };
    expect([trips(100, 60_099), trips(100, 60_100)]).toEqual([false, true]);
  });

  it('are none where their Chat Server is known to be down, however many of all verdicts they are', () => {
    const { judge, changes } = bench();
    const ghost: Computed = { ...ORPHANED, isKnownDown: true };
    expect(judge(ghost, 100)).toEqual(passed(100));
    expect(changes).toEqual([]);
    // Nor do they make the others fewer.
    judge(DEAD, 9);
    judge(ghost, 100);
    expect(judge(DEAD)).toEqual(['mass_stop']);
    expect(judge(ghost)).toEqual(['mass_stop']);
  });

  it.each([DEAD, ORPHANED, UNRECOGNISED])('are withheld from the fewest verdicts on: $evidence', (stop) => {
    const { guard, changes, judge } = bench();
    expect(judge(stop, 9)).toEqual(passed(9));
    expect([guard.state(0), changes]).toEqual(['watching', []]);
    expect(judge(stop, 2)).toEqual(['mass_stop', 'mass_stop']);
    expect([guard.state(0), changes]).toEqual(['tripped', ['tripped']]);
  });

  it('are those above the share, not those that reach it', () => {
    const { judge } = bench();
    judge(ALIVE, 10);
    expect(judge(DEAD, 10)).toEqual(passed(10));
    expect(judge(DEAD)).toEqual(['mass_stop']);
  });

  it('are told from routes that found something out', () => {
    const { judge } = bench();
    judge(LEFT, 10);
    expect(judge(ORPHANED, 11)).toEqual([...passed(10), 'mass_stop']);
  });

  it('are not hidden by routes that found nothing out', () => {
    const { judge } = bench();
    judge(UNKNOWN, 1_000);
    expect(judge(DEAD, 10)).toEqual([...passed(9), 'mass_stop']);
  });

  it('are not made of routes that found nothing out', () => {
    const { guard, judge } = bench();
    judge(DEAD, 9);
    judge(UNKNOWN, 10);
    expect(guard.state(0)).toBe('watching');
  });

  it('may come to be too many by a route, when it completes the fewest verdicts', () => {
    const { guard, judge } = bench();
    judge(DEAD, 9);
    expect(judge(ALIVE)).toEqual([null]);
    expect(guard.state(0)).toBe('tripped');
  });

  it('are counted over the window alone', () => {
    const { judge } = bench();
    judge(DEAD, 9, 999);
    expect(judge(DEAD, 1, 60_000)).toEqual([null]);
    expect(judge(DEAD, 9, 60_999)).toEqual([...passed(8), 'mass_stop']);
  });

  it('are counted to the end of the window', () => {
    const { judge } = bench();
    judge(DEAD, 9, 999);
    expect(judge(DEAD, 1, 59_999)).toEqual(['mass_stop']);
  });

  it('pass where the guard is switched off', () => {
    const { guard, judge } = bench({ massStop: false });
    expect(judge(DEAD, 100)).toEqual(passed(100));
    expect(guard.state(0)).toBe('watching');
  });
});

describe('what is counted', () => {
  it('is a stop as often as it is answered, and a life once, whoever else learns of it', () => {
    const { judge } = bench();
    judge(ALIVE, 5);
    judge(ALIVE, 100, 0, false);
    judge(LEFT, 100, 0, false);
    expect(judge(DEAD, 6, 0, false)).toEqual([...passed(5), 'mass_stop']);
  });

  it.each(['retry_suppressed', 'unconfirmed'] as const)('is a stop that was not confirmed as one that was: %s', (reason) => {
    for (const last of ['session_not_found', 'chat_server_not_found'] as const) {
      const { guard, judge } = bench();
      const leaning: Computed = { ...UNKNOWN, reason, attempts: [attemptWith({ reason: 'timeout' }), attemptWith({ reason: last })] };
      expect(judge(leaning, 9)).toEqual(passed(9));
      expect(guard.state(0)).toBe('watching');
      expect(judge(DEAD)).toEqual(['mass_stop']);
      expect(judge(leaning)).toEqual([null]);
    }
  });

  it('is no stop where nothing leaned to one, or another reason kept it from being one', () => {
    const { judge } = bench();
    const attempts = [attemptWith({ reason: 'session_not_found' })];
    for (const reason of ['retry_suppressed', 'unconfirmed'] as const) {
      judge({ ...UNKNOWN, reason, attempts: [] }, 100);
      judge({ ...UNKNOWN, reason, attempts: [...attempts, attemptWith({ reason: 'timeout' })] }, 100);
    }
    for (const reason of ['deadline', 'draining', 'timeout'] as const) judge({ ...UNKNOWN, reason, attempts }, 100);
    expect(judge(DEAD, 9)).toEqual(passed(9));
  });

  it('is not what another learns of a stop that was not confirmed', () => {
    const { judge } = bench();
    judge({ ...UNKNOWN, reason: 'unconfirmed', attempts: [attemptWith({ reason: 'session_not_found' })] }, 100, 0, false);
    expect(judge(DEAD, 9)).toEqual(passed(9));
  });
});

describe('too many bad first answers', () => {
  /** A and B have delivered. */
  function inUse(settings: Partial<GuardSettings> = {}) {
    const made = bench({ verdicts: 1_000, ...settings });
    for (const name of ['A', 'B']) made.guard.heard('delivered', name, 0);
    return made;
  }

  it('trip the guard before the first stop', () => {
    const { guard, changes, judge, badFirst } = inUse();
    badFirst(10);
    expect([guard.state(0), ...judge(DEAD)]).toEqual(['watching', null]);
    badFirst(11);
    expect([...judge(DEAD), guard.state(0), changes]).toEqual(['mass_stop', 'tripped', ['tripped']]);
  });

  it('are told from routes, which pass', () => {
    const { judge, badFirst } = inUse();
    badFirst(11);
    expect([...judge(ALIVE), ...judge(LEFT), ...judge(UNKNOWN)]).toEqual([null, null, null]);
  });

  it('clear with the next delivery, and with nothing else that is heard', () => {
    const { guard, changes, badFirst } = inUse();
    badFirst(11);
    for (const reason of ['session_not_found', 'chat_server_not_found', 'timeout'] as const) guard.heard(reason, 'A', 1);
    expect([guard.state(1), guard.state(599_999)]).toEqual(['tripped', 'tripped']);
    guard.heard('delivered', 'A', 2);
    expect([guard.state(2), changes]).toEqual(['watching', ['tripped', 'watching']]);
  });

  it('are told apart by what they say: where one Chat Server is in use only fault 100 counts', () => {
    const single = () => {
      const made = bench({ verdicts: 1_000 });
      made.guard.heard('delivered', 'A', 0);
      return made;
    };
    const { guard, badFirst } = single();
    badFirst(50, 0, 'chat_server_not_found');
    expect(guard.state(0)).toBe('watching');
    badFirst(50);
    expect(guard.state(0)).toBe('tripped');
    const crashed = single();
    crashed.guard.heard('chat_server_not_found', 'A', 0);
    crashed.badFirst(50);
    expect([crashed.guard.state(600_000), crashed.guard.state(600_001)]).toEqual(['watching', 'tripped']);
  });

  it('count those stops too that another’s message has proved, which had no first answer of their own', () => {
    const byCanary: Computed = { ...ORPHANED, servedBy: 'canary' };
    const told = (result: Computed) => {
      const { guard } = inUse();
      return Array.from({ length: 12 }, (_, n) =>
        guard.judge(
          { interactionId: `chat-${n}`, chatServer: n === 0 ? 'A' : 'B' },
          { result, startedAtMs: 0, isOwn: true, heldAtMs: null },
          0,
        ),
      );
    };
    expect(told(byCanary)).toEqual([...passed(10), 'mass_stop', 'mass_stop']);
    expect(told({ ...byCanary, attempts: [attemptWith({ reason: 'chat_server_not_found' })] })).toEqual(passed(12));
    expect(told(ORPHANED)).toEqual(passed(12));
    expect(told({ ...byCanary, verdict: 'route' })).toEqual(passed(12));
  });

  it('do not count those stops before which a message was delivered, nor by any other than the reason', () => {
    const { guard } = inUse();
    guard.heard('delivered', 'A', 10);
    const result: Computed = { ...ORPHANED, servedBy: 'canary' };
    for (let n = 0; n < 50; n += 1)
      guard.judge({ interactionId: `${n}`, chatServer: `${n}` }, { result, startedAtMs: 9, isOwn: true, heldAtMs: null }, 10);
    expect(guard.state(10)).toBe('watching');
    const single = bench({ verdicts: 1_000 });
    single.guard.heard('delivered', 'A', 0);
    for (let n = 0; n < 50; n += 1)
      single.guard.judge({ interactionId: `${n}`, chatServer: `${n}` }, { result, startedAtMs: 9, isOwn: true, heldAtMs: null }, 10);
    expect(single.guard.state(10)).toBe('watching');
  });

  it('do not count stops that come before any delivery, which are withheld for that', () => {
    const { guard } = bench({ requireDelivery: true });
    const result: Computed = { ...DEAD, servedBy: 'canary' };
    const judged = Array.from({ length: 50 }, (_, n) =>
      guard.judge({ interactionId: `${n}`, chatServer: `${n}` }, { result, startedAtMs: 0, isOwn: true, heldAtMs: null }, 0),
    );
    expect(new Set(judged)).toEqual(new Set(['no_delivery']));
    expect(guard.state(0)).toBe('watching');
  });

  it('are let pass where the guard is switched off, and while it is released', () => {
    const off = inUse({ massStop: false });
    off.badFirst(50);
    expect([...off.judge(DEAD), off.guard.state(0)]).toEqual([null, 'watching']);
    const { guard, judge, badFirst, changes } = inUse();
    badFirst(50);
    guard.release(0, 1_000);
    expect([...judge(DEAD, 1, 999), ...judge(DEAD, 1, 1_000)]).toEqual([null, 'mass_stop']);
    expect(changes).toEqual(['released', 'tripped']);
  });
});

describe('a tripped guard', () => {
  it('lets routes pass', () => {
    const { judge } = tripped();
    expect([ALIVE, LEFT, UNKNOWN].flatMap((route) => judge(route))).toEqual([null, null, null]);
  });

  it('clears when the share is no longer above', () => {
    const { guard, changes, judge } = tripped();
    judge(ALIVE, 9);
    expect(guard.state(0)).toBe('tripped');
    judge(ALIVE);
    expect(guard.state(0)).toBe('watching');
    expect(changes).toEqual(['tripped', 'watching']);
  });

  it('counts the stops that it withholds', () => {
    const { guard, judge } = tripped();
    judge(DEAD, 5);
    judge(ALIVE, 14);
    expect(guard.state(0)).toBe('tripped');
    judge(ALIVE);
    expect(guard.state(0)).toBe('watching');
  });

  it('is not cleared by silence, nor by routes of which none is to a living chat', () => {
    const { guard, judge } = tripped();
    expect(guard.state(1e9)).toBe('tripped');
    judge(LEFT, 100, 1e9);
    judge(UNKNOWN, 100, 1e9);
    expect(guard.state(1e9)).toBe('tripped');
    judge(ALIVE, 1, 1e9);
    expect(guard.state(1e9)).toBe('watching');
  });

  it('is cleared by time alone while a living chat is in the window', () => {
    const { guard, changes, judge } = tripped();
    judge(ALIVE, 1, 1_000);
    expect(guard.state(59_999)).toBe('tripped');
    expect(guard.state(60_000)).toBe('watching');
    expect(changes).toEqual(['tripped', 'watching']);
  });

  it('trips again only on the fewest verdicts', () => {
    const { judge } = tripped();
    judge(ALIVE, 1, 60_000);
    expect(judge(DEAD, 9, 60_000)).toEqual([...passed(8), 'mass_stop']);
  });
});

describe('a release', () => {
  it('lets stops pass until it runs out, when the evidence rules again', () => {
    const { guard, changes, judge } = tripped();
    guard.release(1_000, 5_000);
    expect(changes).toEqual(['tripped', 'released']);
    expect([guard.state(5_999), ...judge(DEAD, 2, 5_999)]).toEqual(['released', null, null]);
    expect(judge(DEAD, 1, 6_000)).toEqual(['mass_stop']);
    expect(changes).toEqual(['tripped', 'released', 'tripped']);
  });

  it('lets stops pass that come before any delivery too, and counts them', () => {
    const { guard, judge } = bench({ requireDelivery: true });
    guard.release(0, 1_000);
    expect(judge(DEAD, 10, 999)).toEqual(passed(10));
    expect(judge(DEAD, 1, 1_000)).toEqual(['no_delivery']);
    expect(guard.state(1_000)).toBe('tripped');
  });

  it('ends without a trace where nothing speaks against stops', () => {
    const { guard, changes, judge } = tripped();
    guard.release(0, 1_000);
    judge(ALIVE, 10, 999);
    expect(guard.state(1_000)).toBe('watching');
    expect(changes).toEqual(['tripped', 'released', 'watching']);
  });

  it('holds for a guard that watches as well', () => {
    const { guard, changes, judge } = bench();
    guard.release(0, 1_000);
    expect(judge(DEAD, 20)).toEqual(passed(20));
    expect(changes).toEqual(['released']);
  });

  it('tells how long it goes on', () => {
    const { guard } = bench();
    expect(guard.releasedForMs(0)).toBe(0);
    guard.release(1_000, 600_000);
    expect([1_000, 2_000, 601_000, 700_000].map((nowMs) => guard.releasedForMs(nowMs))).toEqual([600_000, 599_000, 0, 0]);
  });

  it('gives way to a later one, be it shorter', () => {
    const { guard } = tripped();
    guard.release(0, 600_000);
    guard.release(1_000, 0);
    expect([guard.state(1_000), guard.releasedForMs(1_000)]).toEqual(['tripped', 0]);
  });
});

describe('before a message was ever delivered', () => {
  it('every stop is withheld from the first verdict, while routes pass', () => {
    const { guard, judge } = bench({ requireDelivery: true });
    expect(judge(DEAD, 2)).toEqual(['no_delivery', 'no_delivery']);
    expect(judge(UNKNOWN)).toEqual([null]);
    expect([guard.hasDelivered, guard.state(0)]).toEqual([false, 'watching']);
  });

  it('the withheld stops do not trip the guard', () => {
    const { guard, changes, judge } = bench({ requireDelivery: true });
    judge(DEAD, 100);
    guard.heard('delivered', 'A', 0);
    expect(judge(DEAD, 9)).toEqual(passed(9));
    expect(changes).toEqual([]);
  });

  it('they are withheld where the mass of stops is not looked at', () => {
    const { guard, judge } = bench({ requireDelivery: true, massStop: false });
    expect(judge(DEAD)).toEqual(['no_delivery']);
    guard.heard('delivered', 'A', 0);
    expect(judge(DEAD)).toEqual([null]);
    expect(guard.hasDelivered).toBe(true);
  });

  it('stops pass where no delivery is required', () => {
    const { guard, judge } = bench();
    expect([guard.hasDelivered, ...judge(DEAD)]).toEqual([false, null]);
  });

  it('a release that runs out is noticed by the stop that is withheld', () => {
    const { guard, changes, judge } = bench({ requireDelivery: true });
    guard.release(0, 1_000);
    judge(DEAD, 1, 1_000);
    expect(changes).toEqual(['released', 'watching']);
  });
});

describe('in any run', () => {
  type Step =
    | { readonly do: 'judge'; readonly computed: Computed }
    | { readonly do: 'wait'; readonly ms: number }
    | { readonly do: 'release'; readonly forMs: number }
    | { readonly do: 'deliver' };
  interface Judged {
    readonly computed: Computed;
    readonly withheld: string | null;
    readonly atMs: number;
    readonly released: boolean;
  }

  const settings: fc.Arbitrary<GuardSettings> = fc
    .record({
      share: fc.constantFrom(0, 0.25, 0.5, 0.9, 1),
      verdicts: fc.integer({ min: 1, max: 6 }),
      requireDelivery: fc.boolean(),
    })
    .map((drawn) => ({ ...SETTINGS, ...drawn }));
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        do: fc.constant('judge' as const),
        computed: fc.constantFrom(DEAD, DEAD, DEAD, ORPHANED, UNRECOGNISED, ALIVE, ALIVE, LEFT, UNKNOWN),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat({ max: 2_500 }), fc.nat({ max: 70_000 })) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), forMs: fc.nat({ max: 40_000 }) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'deliver' }) },
  );
  const steps = fc.array(step, { minLength: 5, maxLength: 60 });

  function play(guard: MassStopGuard, run: readonly Step[], onJudged: (nowMs: number) => void = () => undefined): readonly Judged[] {
    const judged: Judged[] = [];
    let nowMs = 0;
    for (const next of run) {
      if (next.do === 'wait') nowMs += next.ms;
      if (next.do === 'release') guard.release(nowMs, next.forMs);
      if (next.do === 'deliver') guard.heard('delivered', 'A', nowMs);
      if (next.do === 'judge') {
        const released = guard.releasedForMs(nowMs) > 0;
        const withheld = guard.judge(CHAT, { result: next.computed, startedAtMs: nowMs, isOwn: true, heldAtMs: null }, nowMs);
        judged.push({ computed: next.computed, withheld, atMs: nowMs, released });
        onJudged(nowMs);
      }
    }
    return judged;
  }

  const isStop = ({ computed }: Judged): boolean => computed.verdict === 'stop';
  const counts = ({ computed, withheld }: Judged): boolean => computed !== UNKNOWN && withheld !== 'no_delivery';
  /** Those up to the nth that lie in its window of sixty seconds, by the second. */
  const windowOf = (judged: readonly Judged[], n: number): readonly Judged[] =>
    judged.slice(0, n + 1).filter(({ atMs }) => Math.floor(atMs / 1_000) > Math.floor(judged[n]!.atMs / 1_000) - 60);

  it('the stops let through within a window are fewer than the fewest verdicts, or within the share', () => {
    fc.assert(
      fc.property(settings, steps, (of, run) => {
        const judged = play(
          createMassStopGuard(of, () => undefined),
          run,
        );
        judged.forEach((one, n) => {
          if (!isStop(one) || one.withheld !== null || one.released) return;
          const window = windowOf(judged, n);
          const through = window.filter((other) => isStop(other) && other.withheld === null).length;
          const bound = Math.max(of.verdicts - 1, of.share * window.filter(counts).length);
          if (through > bound) expect.fail(`${through} stops let through, ${bound} allowed, at verdict ${n}`);
        });
      }),
    );
  });

  it('a stop is withheld as one of a mass only if that has been above the share, and no living chat has cleared it since', () => {
    fc.assert(
      fc.property(settings, steps, (of, run) => {
        const judged = play(
          createMassStopGuard(of, () => undefined),
          run,
        );
        const shares = judged.map((_, n) => {
          const window = windowOf(judged, n).filter(counts);
          return { window, isAbove: window.filter(isStop).length > of.share * window.length };
        });
        judged.forEach((one, n) => {
          if (one.withheld !== 'mass_stop') return;
          const before = shares.slice(0, n + 1);
          const trippedAt = before.findLastIndex(({ window, isAbove }) => isAbove && window.length >= of.verdicts);
          const clearedAt = before.findLastIndex(({ window, isAbove }) => !isAbove && window.some(({ computed }) => computed === ALIVE));
          if (trippedAt <= clearedAt) expect.fail(`stop ${n} withheld, tripped at ${trippedAt}, cleared at ${clearedAt}`);
        });
      }),
    );
  });

  it('a route is never withheld, nor is a stop under a release', () => {
    fc.assert(
      fc.property(settings, steps, (of, run) => {
        const judged = play(
          createMassStopGuard(of, () => undefined),
          run,
        );
        expect(judged.filter((one) => one.withheld !== null && (!isStop(one) || one.released))).toEqual([]);
      }),
    );
  });

  it('each change of state is told once, and the last told is the present one', () => {
    fc.assert(
      fc.property(settings, steps, (of, run) => {
        const told: GuardState[] = ['watching'];
        const guard = createMassStopGuard(of, (state) => told.push(state));
        play(guard, run, (nowMs) => {
          const toldLast = told.at(-1);
          if (guard.state(nowMs) !== toldLast) expect.fail(`${toldLast} was told, ${guard.state(nowMs)} is so`);
        });
        expect(told.filter((state, n) => state === told[n - 1])).toEqual([]);
      }),
    );
  });
});
