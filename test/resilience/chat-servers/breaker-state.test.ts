import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBreakerState } from '../../../src/resilience/chat-servers/breaker-state.ts';
import { SETTINGS } from './chat-servers-rig.ts';

describe('the health of a Chat Server', () => {
  it('has no canary before it is asked for one, and then one at a time', () => {
    const health = createBreakerState(SETTINGS);
    expect([health.trial.isOut, health.nextTrialAtMs(false)]).toEqual([false, Number.NEGATIVE_INFINITY]);
    expect(health.takeTrial(0, false)).toBe(true);
    expect([health.trial.isOut, health.nextTrialAtMs(false), health.takeTrial(9_000, false)]).toEqual([
      true,
      Number.POSITIVE_INFINITY,
      false,
    ]);
    health.trial.release();
    expect([health.trial.isOut, health.nextTrialAtMs(false), health.takeTrial(499, false), health.takeTrial(500, false)]).toEqual([
      false,
      500,
      false,
      true,
    ]);
  });

  it('is proved down by a message no older than the probe, for as long as nothing newer says otherwise', () => {
    const health = createBreakerState(SETTINGS);
    expect(health.isProvedDown(Number.NEGATIVE_INFINITY, 0)).toBe(false);
    health.observe('down', 100, 150);
    expect([health.isProvedDown(99, 150), health.isProvedDown(100, 150), health.isProvedDown(101, 150)]).toEqual([true, true, false]);
    health.observe('alive', 99, 160);
    expect(health.isProvedDown(100, 170)).toBe(true);
    health.observe('alive', 101, 170);
    expect(health.isProvedDown(100, 170)).toBe(false);
  });

  it('is not proved down by what a newer canary has put in question, nor by what was true long ago', () => {
    const health = createBreakerState(SETTINGS);
    health.observe('down', 100, 110);
    expect([health.isProvedDown(0, 3_100), health.isProvedDown(0, 3_101)]).toEqual([true, false]);
    expect([health.takeTrial(600, false), health.isProvedDown(0, 601)]).toEqual([true, false]);
    health.trial.release();
    expect(health.isProvedDown(0, 700)).toBe(false);
    health.observe('down', 600, 700);
    expect(health.isProvedDown(0, 700)).toBe(true);
  });

  it('lets one that waits alone try again a little sooner', () => {
    const health = createBreakerState(SETTINGS);
    health.takeTrial(0, false);
    health.trial.release();
    expect([health.nextTrialAtMs(true), health.takeTrial(199, true), health.takeTrial(200, true)]).toEqual([200, false, true]);
    const eager = createBreakerState({ ...SETTINGS, canaryIntervalMs: 100 });
    eager.takeTrial(0, false);
    eager.trial.release();
    expect(eager.nextTrialAtMs(true)).toBe(100);
  });

  it('ends to recover a minute after the ramp is at its top, whoever still waits', () => {
    const health = createBreakerState(SETTINGS);
    health.observe('down', 0, 0);
    health.observe('alive', 10, 20);
    health.endRecovery(61_269, true);
    expect(health.state).toBe('recovering');
    health.endRecovery(61_270, true);
    expect(health.state).toBe('healthy');
  });

  it('begins to recover once, however many signs of life come', () => {
    const health = createBreakerState(SETTINGS);
    health.observe('down', 0, 0);
    health.observe('alive', 10, 20);
    expect(health.slowStart.topAtMs).toBe(1_270);
    health.observe('alive', 30, 40);
    expect([health.state, health.slowStart.topAtMs]).toEqual(['recovering', 1_270]);
  });

  it('ends to recover at the top of the ramp, and is not ended in any other state', () => {
    const health = createBreakerState(SETTINGS);
    health.observe('down', 0, 0);
    health.endRecovery(10_000, false);
    expect(health.state).toBe('suspect');
    health.observe('alive', 10, 20);
    health.endRecovery(1_269, false);
    expect(health.state).toBe('recovering');
    health.endRecovery(1_270, false);
    expect(health.state).toBe('healthy');
    health.observe('down', 2_000, 2_000);
    health.endRecovery(10_000, false);
    expect(health.state).toBe('suspect');
  });
});

type Step =
  | { readonly does: 'hear'; readonly sign: 'alive' | 'down'; readonly agoMs: number }
  | { readonly does: 'canary' | 'return' | 'release' | 'end' }
  | { readonly does: 'wait'; readonly byMs: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant('hear' as const),
      sign: fc.constantFrom('alive' as const, 'down' as const),
      agoMs: fc.constantFrom(0, 1, 60, 700),
    }),
    { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('canary' as const, 'return', 'release', 'end') }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const), byMs: fc.constantFrom(1, 20, 199, 200, 500, 1_300) }) },
  ),
  { maxLength: 60 },
);

/** The simplest thing that could be right: all answers and all takings, looked through anew each time. */
function reference() {
  const heard: { readonly sign: 'alive' | 'down'; readonly admittedAtMs: number; readonly atMs: number }[] = [];
  const canariesMs: number[] = [];
  let isOut = false;
  let state: 'healthy' | 'suspect' | 'recovering' = 'healthy';
  let recoveringSinceMs = 0;
  return {
    hear(sign: 'alive' | 'down', admittedAtMs: number, nowMs: number): void {
      const isNews = heard.every((each) => each.admittedAtMs < admittedAtMs);
      heard.push({ sign, admittedAtMs, atMs: nowMs });
      if (!isNews) return;
      if (sign === 'alive' && state === 'suspect') recoveringSinceMs = nowMs;
      state = sign === 'down' ? 'suspect' : state === 'suspect' ? 'recovering' : state;
    },
    canary(nowMs: number): boolean {
      if (isOut || canariesMs.some((atMs) => nowMs - atMs < 500)) return false;
      canariesMs.push(nowMs);
      isOut = true;
      return true;
    },
    giveBack(): void {
      isOut = false;
    },
    end(nowMs: number): void {
      if (state === 'recovering' && nowMs - recoveringSinceMs >= 1_250) state = 'healthy';
    },
    state: () => state,
    isProvedDown(startedAtMs: number, nowMs: number): boolean {
      const newest = [...heard].sort((one, other) => other.admittedAtMs - one.admittedAtMs)[0];
      if (newest?.sign !== 'down' || nowMs - newest.admittedAtMs > 3_000) return false;
      return newest.admittedAtMs >= startedAtMs && canariesMs.every((atMs) => atMs <= newest.admittedAtMs);
    },
    seenAtMs: (sign: 'alive' | 'down') => Math.max(...heard.filter((each) => each.sign === sign).map(({ atMs }) => atMs)),
  };
}

it('whatever happens in whatever order, health is as a plain reading of the rules has it', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const health = createBreakerState(SETTINGS);
      const model = reference();
      let nowMs = 1_000;
      for (const step of given) {
        if (step.does === 'wait') nowMs += step.byMs;
        if (step.does === 'hear') {
          health.observe(step.sign, nowMs - step.agoMs, nowMs);
          model.hear(step.sign, nowMs - step.agoMs, nowMs);
        }
        if (step.does === 'canary') expect(health.takeTrial(nowMs, false)).toBe(model.canary(nowMs));
        if (step.does === 'release') health.slowStart.take(nowMs);
        if (step.does === 'return') {
          health.trial.release();
          model.giveBack();
        }
        if (step.does === 'end') {
          health.endRecovery(nowMs, false);
          model.end(nowMs);
        }
        if (health.state !== model.state()) throw new Error(`${health.state} instead of ${model.state()}`);
        if (health.isProvedDown(nowMs - 60, nowMs) !== model.isProvedDown(nowMs - 60, nowMs)) throw new Error('proof');
      }
      return health.liveness.seenAliveAtMs === model.seenAtMs('alive') && health.liveness.seenDownAtMs === model.seenAtMs('down');
    }),
  );
});

it('from every state a server that answers alive leads back to healthy in bounded time', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 25, max: 2_000 }), (given, maxReleasePerSecond) => {
      const health = createBreakerState({ ...SETTINGS, maxReleasePerSecond });
      let nowMs = 1_000;
      for (const step of given) {
        if (step.does === 'wait') nowMs += step.byMs;
        if (step.does === 'hear') health.observe(step.sign, nowMs - step.agoMs, nowMs);
        if (step.does === 'canary') health.takeTrial(nowMs, false);
        if (step.does === 'release') health.slowStart.take(nowMs);
        if (step.does === 'end') health.endRecovery(nowMs, false);
      }
      // The canary that may be out ends by its time-out, the next one may go, and is answered.
      health.trial.release();
      nowMs += 500;
      const canMove = health.takeTrial(nowMs, false);
      health.observe('alive', nowMs, nowMs + 10);
      health.endRecovery(nowMs + 10 + 2_000, false);
      return canMove && health.state === 'healthy';
    }),
  );
});
