import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/probe/reasons.ts';
import type { Verdict } from '../../src/probe/verdict.ts';
import type { ServiceEvent, Withholding } from '../../src/resilience/events.ts';
import { createStatusHistory, MINUTES, type Minute } from '../../src/status/status-history.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 28, 2, 30, 10);

/** A history at a time that the test moves. */
function history() {
  const time = { nowMs: START_MS };
  const kept = createStatusHistory(() => time.nowMs);
  return {
    ...kept,
    time,
    minutes: kept.minutes,
    answered: (verdict: Verdict, target = 'default', withheld: Withholding | null = null) =>
      kept.observe({ type: 'probe_answered', probe: { target }, answer: { verdict }, withheld } as ServiceEvent),
    found: (evidence: Evidence, target = 'default') =>
      kept.observe({ type: 'probe_finished', probe: { target }, result: { evidence } } as ServiceEvent),
  };
}

const sum = (minutes: readonly Minute[], of: keyof Minute): number => minutes.reduce((total, minute) => total + minute[of], 0);

describe('the last hour', () => {
  it('has sixty minutes, the present one last, whatever happened', () => {
    const { minutes } = history();
    const all = minutes(null);
    expect(all).toHaveLength(MINUTES);
    expect(all.at(-1)?.startMs).toBe(Date.UTC(2026, 10, 28, 2, 30));
    expect(all[0]?.startMs).toBe(Date.UTC(2026, 10, 28, 1, 31));
  });

  it('counts answers, stops that were withheld, and what probes found', () => {
    const { answered, found, minutes } = history();
    answered('stop');
    answered('route', 'default', 'mass_stop');
    answered('route', 'default', 'shadow');
    for (const evidence of ['alive', 'dead', 'orphaned', 'closed', 'unknown'] as const) found(evidence);
    expect(minutes('default').at(-1)).toMatchObject({ routes: 2, stops: 1, withheld: 1, alive: 1, stale: 2, unknown: 1 });
  });

  it('is of one target, or the sum of all', () => {
    const { answered, minutes } = history();
    answered('stop');
    answered('stop', 'east');
    expect([minutes('east'), minutes(null), minutes('elsewhere')].map((all) => sum(all, 'stops'))).toEqual([1, 2, 0]);
  });

  it('forgets what is older than an hour, to the minute', () => {
    const { answered, minutes, time } = history();
    answered('stop');
    time.nowMs += 59 * MINUTE_MS;
    expect(sum(minutes(null), 'stops')).toBe(1);
    time.nowMs += MINUTE_MS;
    expect(sum(minutes(null), 'stops')).toBe(0);
    answered('stop');
    expect(minutes(null).at(-1)?.stops).toBe(1);
  });

  it('never counts more or less than what came within it, however time goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40 * MINUTE_MS), { maxLength: 40 }), (steps) => {
        const { answered, minutes, time } = history();
        const at: number[] = [];
        for (const step of steps) {
          time.nowMs += step;
          answered('stop');
          at.push(Math.floor(time.nowMs / MINUTE_MS));
        }
        const last = Math.floor(time.nowMs / MINUTE_MS);
        expect(sum(minutes(null), 'stops')).toBe(at.filter((minute) => minute > last - MINUTES).length);
      }),
    );
  });

  it('of a target that is gone is not counted any more', () => {
    const { answered, minutes, forget } = history();
    answered('stop');
    forget('default');
    expect(sum(minutes(null), 'stops')).toBe(0);
  });
});
