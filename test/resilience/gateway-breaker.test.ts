import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../src/probe/reasons.ts';
import { REASON_NAMES, REASONS } from '../../src/probe/reasons.ts';
import { createGatewayBreaker, type GatewayBreaker, type GatewayPermit } from '../../src/resilience/gateway-breaker.ts';

const REPLIES = REASON_NAMES.filter((reason) => REASONS[reason].origin === 'reply');
const FAILURES = REASON_NAMES.filter((reason) => REASONS[reason].origin === 'transport' && reason !== 'gateway_misrouted');
const NEITHER: readonly (Reason | null)[] = [
  ...REASON_NAMES.filter((reason) => REASONS[reason].origin === 'service'),
  'gateway_misrouted',
  null,
];

function bench(settings: { breaker?: boolean; breakerFailures?: number } = {}) {
  const changes: boolean[] = [];
  const breaker = createGatewayBreaker({ breaker: true, breakerFailures: 3, ...settings }, (open) => changes.push(open));
  return { breaker, changes };
}

function fail(breaker: GatewayBreaker, times: number, nowMs = 0): void {
  for (let n = 0; n < times; n += 1) breaker.release('free', 'timeout', nowMs);
}

/** One that was given up at this moment. */
function openedAt(nowMs: number) {
  const { breaker, changes } = bench();
  fail(breaker, 3, nowMs);
  return { breaker, changes };
}

describe('a gateway that answers', () => {
  it('may be asked freely by any number at once', () => {
    const { breaker } = bench();
    expect([0, 0, 0, 1].map((nowMs) => breaker.mayAsk(nowMs))).toEqual(['free', 'free', 'free', 'free']);
  });

  it('is refused to nobody, however lately a trial found it out', () => {
    const { breaker } = openedAt(1_000);
    expect(breaker.mayAsk(6_000)).toBe('trial');
    expect(breaker.refuses(6_001)).toBe(true);
    breaker.release('trial', 'delivered', 6_002);
    expect(breaker.refuses(6_003)).toBe(false);
  });

  it('is given up after so many failures in a row, not one earlier', () => {
    const { breaker, changes } = bench();
    fail(breaker, 2);
    expect([breaker.isOpen, changes]).toEqual([false, []]);
    fail(breaker, 1);
    expect([breaker.isOpen, changes]).toEqual([true, [true]]);
  });

  it.each([
    [20, 4],
    [10_000, 4],
    [3, 3],
    [1, 1],
  ])('is given up, where it takes %i failures, after %i of lone witnesses', (breakerFailures, witnesses) => {
    const { breaker } = bench({ breakerFailures });
    for (let n = 1; n <= witnesses; n += 1) {
      expect(breaker.isOpen).toBe(false);
      breaker.release('free', 'connect_refused', 0, true);
    }
    expect(breaker.isOpen).toBe(true);
  });

  it('takes the failures of all together, and an answer takes back those of lone witnesses too', () => {
    const { breaker } = bench({ breakerFailures: 20 });
    const witness = (): void => breaker.release('free', 'connect_refused', 0, true);
    for (let n = 0; n < 3; n += 1) witness();
    fail(breaker, 4);
    expect(breaker.isOpen).toBe(false);
    breaker.release('free', 'chat_server_not_found', 0);
    for (let n = 0; n < 3; n += 1) witness();
    fail(breaker, 4);
    expect(breaker.isOpen).toBe(false);
    fail(breaker, 1);
    expect(breaker.isOpen).toBe(true);
  });

  it.each(FAILURES)('counts %s as a failure', (reason) => {
    const { breaker } = bench({ breakerFailures: 1 });
    breaker.release('free', reason, 0);
    expect(breaker.isOpen).toBe(true);
  });

  it.each(REPLIES)('begins to count anew after %s', (reason) => {
    const { breaker } = bench();
    fail(breaker, 2);
    breaker.release('free', reason, 0);
    fail(breaker, 2);
    expect(breaker.isOpen).toBe(false);
  });

  it.each(NEITHER)('takes %s neither for a failure nor for an answer', (reason) => {
    const { breaker } = bench();
    fail(breaker, 2);
    breaker.release('free', reason, 0);
    expect(breaker.isOpen).toBe(false);
    fail(breaker, 1);
    expect(breaker.isOpen).toBe(true);
  });

  it('is never given up where the breaker is off', () => {
    const { breaker, changes } = bench({ breaker: false, breakerFailures: 1 });
    fail(breaker, 5);
    expect([breaker.isOpen, changes, breaker.mayAsk(0), breaker.mayAsk(0)]).toEqual([false, [], 'free', 'free']);
  });
});

describe('a gateway that was given up', () => {
  it('is asked by one trial at a time', () => {
    const { breaker } = openedAt(0);
    expect([breaker.mayAsk(1), breaker.mayAsk(1), breaker.mayAsk(60_000)]).toEqual(['trial', null, null]);
    breaker.release('trial', 'timeout', 60_000);
    expect([breaker.mayAsk(60_000), breaker.mayAsk(60_000)]).toEqual(['trial', null]);
  });

  it('is asked at once by callers who ask one after another', () => {
    const { breaker } = openedAt(100);
    const passes = [100, 110, 120, 130].map((nowMs) => {
      const pass = breaker.mayAsk(nowMs);
      breaker.release('trial', 'timeout', nowMs + 9);
      return pass;
    });
    expect(passes).toEqual(['trial', 'trial', 'trial', 'trial']);
  });

  it.each([
    [1_000, 100],
    [4_500, 450],
    [5_000, 500],
    [5_001, 500],
    [3_600_000, 500],
  ])('is asked again, after %i ms, %i ms after the last trial at the earliest', (openForMs, gapMs) => {
    const { breaker } = openedAt(7);
    const trial = (sinceMs: number) => breaker.mayAsk(7 + openForMs - gapMs + sinceMs);
    expect(trial(0)).toBe('trial');
    breaker.release('trial', 'timeout', 7 + openForMs - gapMs);
    expect([trial(gapMs - 1), trial(gapMs)]).toEqual([null, 'trial']);
  });

  it.each(REPLIES)('answers again at the first %s of a trial', (reason) => {
    const { breaker, changes } = openedAt(0);
    breaker.mayAsk(1);
    breaker.release('trial', reason, 2);
    expect([breaker.isOpen, changes, breaker.mayAsk(2), breaker.mayAsk(2)]).toEqual([false, [true, false], 'free', 'free']);
  });

  it('answers again when an older message is answered', () => {
    const { breaker } = openedAt(0);
    breaker.release('free', 'session_not_found', 1);
    expect([breaker.isOpen, breaker.mayAsk(1)]).toEqual([false, 'free']);
  });

  it('is given up anew only after as many failures as the first time', () => {
    const { breaker, changes } = openedAt(0);
    breaker.release('free', 'delivered', 1);
    fail(breaker, 2, 2);
    expect(breaker.isOpen).toBe(false);
    fail(breaker, 1, 2);
    expect(changes).toEqual([true, false, true]);
  });

  it('is told of once, however many failures follow', () => {
    const { breaker, changes } = openedAt(0);
    fail(breaker, 10);
    expect(changes).toEqual([true]);
  });

  it.each(NEITHER)('stays given up after a trial that came to %s, and may be tried again', (reason) => {
    const { breaker } = openedAt(0);
    breaker.mayAsk(100);
    breaker.release('trial', reason, 100);
    expect(breaker.isOpen).toBe(true);
    expect(breaker.mayAsk(1_000)).toBe('trial');
  });

  it('is not tried again while an older message only fails', () => {
    const { breaker } = openedAt(0);
    breaker.mayAsk(1);
    breaker.release('free', 'timeout', 2);
    breaker.release('free', null, 2);
    expect(breaker.mayAsk(60_000)).toBe(null);
  });

  it('keeps the place of a trial that is still out when it fails for a second time', () => {
    const { breaker } = openedAt(0);
    breaker.mayAsk(1);
    breaker.release('free', 'delivered', 2);
    fail(breaker, 3, 3);
    expect(breaker.mayAsk(60_000)).toBe(null);
    breaker.release('trial', null, 60_000);
    expect(breaker.mayAsk(60_000)).toBe('trial');
  });
});

describe('whatever happens', () => {
  type Step =
    | { readonly do: 'ask' }
    | { readonly do: 'wait'; readonly ms: number }
    | { readonly do: 'settle'; readonly which: number; readonly reason: Reason | null };

  const reasons = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...FAILURES) },
    fc.constantFrom(...REPLIES),
    fc.constantFrom(...NEITHER),
  );
  const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<Step>({ do: 'ask' }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat({ max: 50 }), reason: reasons }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 3_000 })) }) },
    ),
    { minLength: 5, maxLength: 60 },
  );

  interface Play {
    readonly breaker: GatewayBreaker;
    readonly changes: readonly boolean[];
    /** Passes that were not handed back. */
    readonly out: GatewayPermit[];
    /** When a trial was allowed, and when the gateway was given up before it. */
    readonly trials: readonly { readonly atMs: number; readonly openedAtMs: number }[];
    readonly endMs: number;
  }

  function play(failures: number, run: readonly Step[], onStep: (out: readonly GatewayPermit[]) => void = () => undefined): Play {
    const changes: boolean[] = [];
    const out: GatewayPermit[] = [];
    const trials: { atMs: number; openedAtMs: number }[] = [];
    let nowMs = 0;
    let openedAtMs = 0;
    const breaker = createGatewayBreaker({ breaker: true, breakerFailures: failures }, (open) => {
      changes.push(open);
      if (open) openedAtMs = nowMs;
    });
    for (const step of run) {
      if (step.do === 'wait') nowMs += step.ms;
      if (step.do === 'ask') {
        const pass = breaker.mayAsk(nowMs);
        if (pass !== null) out.push(pass);
        if (pass === 'trial') trials.push({ atMs: nowMs, openedAtMs });
      }
      if (step.do === 'settle') {
        const [pass] = out.splice(step.which % Math.max(1, out.length), 1);
        // Whether it was a lone witness changes how soon it opens, and nothing else that is promised here.
        if (pass !== undefined) breaker.release(pass, step.reason, nowMs, step.which % 2 === 0);
      }
      onStep(out);
    }
    return { breaker, changes, out, trials, endMs: nowMs };
  }
  const failures = fc.integer({ min: 1, max: 4 });

  it('two trials are never out at once', () => {
    fc.assert(
      fc.property(failures, steps, (inARow, run) => {
        play(inARow, run, (out) => {
          if (out.filter((pass) => pass === 'trial').length > 1) expect.fail('two trials are out');
        });
      }),
    );
  });

  it('trials keep their distance', () => {
    fc.assert(
      fc.property(failures, steps, (inARow, run) => {
        const { trials } = play(inARow, run);
        trials.forEach(({ atMs, openedAtMs }, n) => {
          const last = trials[n - 1];
          if (last === undefined || last.openedAtMs !== openedAtMs) return;
          expect(atMs - last.atMs).toBeGreaterThanOrEqual(Math.min(500, (atMs - openedAtMs) / 10));
        });
      }),
    );
  });

  it('it is open exactly while it last told so, and never tells the same twice', () => {
    fc.assert(
      fc.property(failures, steps, (inARow, run) => {
        const { breaker, changes } = play(inARow, run);
        expect(changes).toEqual(changes.map((_, n) => n % 2 === 0));
        expect(breaker.isOpen).toBe(changes.at(-1) ?? false);
      }),
    );
  });

  it('it recovers within 500 ms of asking once the gateway answers, even if every message out is lost', () => {
    fc.assert(
      fc.property(failures, steps, fc.constantFrom(...REPLIES), (inARow, run, reply) => {
        const { breaker, out, endMs } = play(inARow, run);
        for (const pass of out) breaker.release(pass, null, endMs);
        const pass = breaker.mayAsk(endMs) ?? breaker.mayAsk(endMs + 500);
        expect(pass).not.toBe(null);
        breaker.release(pass!, reply, endMs + 500);
        expect([breaker.isOpen, breaker.mayAsk(endMs + 500)]).toEqual([false, 'free']);
      }),
    );
  });

  it('it closes only on an answer and opens only after failures in a row', () => {
    fc.assert(
      fc.property(failures, fc.array(reasons, { minLength: 1, maxLength: 30 }), (inARow, results) => {
        const { breaker } = bench({ breakerFailures: inARow });
        for (const reason of results) breaker.release('free', reason, 0);
        const telling = results.filter((reason) => !NEITHER.includes(reason));
        const isReply = (reason: Reason | null): boolean => REPLIES.some((reply) => reply === reason);
        const sinceAnswer = telling.length - 1 - telling.findLastIndex(isReply);
        expect(breaker.isOpen).toBe(sinceAnswer >= inARow);
      }),
    );
  });
});
