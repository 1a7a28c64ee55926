import { describe, expect, it } from 'vitest';
import type { EnforcementSettings } from '../../../src/outage/settings.ts';
import { type Bench, judge, unjudged } from '../../../src/outage/stops/judgement.ts';
import type { ProbeResult } from '../../../src/probe/result.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { orderWith } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';

const clock = createVirtualClock();
const ORDER = orderWith(scriptedAdapter(clock, [{ afterMs: 0, answer: 'delivered' }]));
const ENFORCED: EnforcementSettings = { shadow: false, enforcePercent: 100 };
const SHADOW: EnforcementSettings = { shadow: true, enforcePercent: 100 };

const STOP: ProbeResult = {
  verdict: 'stop',
  evidence: 'dead',
  reason: 'session_not_found',
  degraded: false,
  recheckAfterMs: null,
  attempts: [],
  faultCode: '100',
  faultString: 'interaction with specified id was not found',
  servedBy: 'probe',
  elapsedMs: 12,
};
const ORPHAN: ProbeResult = { ...STOP, evidence: 'orphaned', reason: 'chat_server_not_found', degraded: true, faultCode: null };
const CLOSED: ProbeResult = { ...STOP, evidence: 'closed', reason: 'session_offline', servedBy: 'none' };
const ALIVE: ProbeResult = { ...STOP, verdict: 'route', evidence: 'alive', reason: 'delivered', faultCode: null, faultString: null };

interface Changes {
  readonly isRestoring?: boolean;
  readonly isWrong?: boolean;
  readonly judged?: 'mass_stop' | 'no_delivery' | null;
  readonly enforcement?: EnforcementSettings;
}

function bench({ isRestoring = false, isWrong = false, judged = null, enforcement = ENFORCED }: Changes = {}) {
  const seen: string[] = [];
  const parts: Bench = {
    servers: {
      isRestoring(name, startedAtMs) {
        seen.push(`restoring ${name} ${startedAtMs}`);
        return isRestoring;
      },
    },
    guard: {
      judge({ evidence }, nowMs) {
        seen.push(`judged ${evidence} ${nowMs}`);
        return judged;
      },
    },
    controls: { isWrong },
    enforcement,
  };
  return { seen, judge: (result: ProbeResult) => judge(parts, ORDER, result, 100, 900) };
}

describe('a computed stop', () => {
  it('is answered as it is where nothing speaks against it', () => {
    const { answer, withheld } = bench().judge(STOP);
    expect(answer).toEqual({ ...STOP, probeId: 'probe-1', guarded: false, shadowVerdict: null });
    expect(withheld).toBeNull();
  });

  it.each(['mass_stop', 'no_delivery'] as const)('is withheld by the guard: %s', (judged) => {
    const { answer, withheld } = bench({ judged }).judge(STOP);
    expect(answer).toEqual({
      ...STOP,
      verdict: 'route',
      degraded: true,
      recheckAfterMs: 5_000,
      probeId: 'probe-1',
      guarded: true,
      shadowVerdict: null,
    });
    expect(withheld).toBe(judged);
  });

  it('is withheld while a control probe gives the wrong answer, and counted by the guard all the same', () => {
    const { judge: judged, seen } = bench({ isWrong: true });
    expect(judged(STOP)).toMatchObject({ withheld: 'controls', answer: { verdict: 'route', guarded: true, recheckAfterMs: 5_000 } });
    expect(seen).toEqual(['judged dead 900']);
  });

  it('of an orphan is withheld while its session may be restored elsewhere, and counted by the guard all the same', () => {
    const { judge: judged, seen } = bench({ isRestoring: true });
    expect(judged(ORPHAN)).toMatchObject({ withheld: 'restoring', answer: { verdict: 'route', guarded: true, recheckAfterMs: 2_000 } });
    expect(seen).toEqual(['judged orphaned 900', 'restoring ChatServer_1 100']);
  });

  it('of a chat that its server does not have is none of the restoring ones', () => {
    expect(bench({ isRestoring: true }).judge(STOP).withheld).toBeNull();
  });

  it('of an interaction that says itself that it is closed is never withheld, and not counted', () => {
    const { judge: judged, seen } = bench({ isRestoring: true, isWrong: true, judged: 'mass_stop' });
    expect(judged(CLOSED)).toMatchObject({ withheld: null, answer: { verdict: 'stop', guarded: false } });
    expect(seen).toEqual([]);
  });
});

it('a verdict that routes is counted by the guard, whatever else speaks against stops', () => {
  const { judge: judged, seen } = bench({ isRestoring: true, isWrong: true });
  expect(judged(ALIVE)).toMatchObject({ withheld: null, answer: { verdict: 'route', guarded: false, degraded: false } });
  expect(seen).toEqual(['judged alive 900']);
});

describe('in shadow', () => {
  it('every answer is route, with the verdict beside it', () => {
    const shadowed = bench({ enforcement: SHADOW });
    expect(shadowed.judge(STOP)).toMatchObject({
      withheld: 'shadow',
      answer: { verdict: 'route', shadowVerdict: 'stop', guarded: false, degraded: false, recheckAfterMs: null },
    });
    expect(shadowed.judge(CLOSED)).toMatchObject({ withheld: 'shadow', answer: { verdict: 'route', shadowVerdict: 'stop' } });
    expect(shadowed.judge(ALIVE)).toMatchObject({ withheld: null, answer: { verdict: 'route', shadowVerdict: 'route' } });
  });

  it('the guard still judges, so that one sees what it would do', () => {
    expect(bench({ enforcement: SHADOW, judged: 'mass_stop' }).judge(STOP)).toMatchObject({
      withheld: 'mass_stop',
      answer: { verdict: 'route', shadowVerdict: 'route', guarded: true },
    });
  });

  it('an interaction outside the enforced share is treated so, one inside is not', () => {
    expect(bench({ enforcement: { shadow: false, enforcePercent: 0 } }).judge(STOP).answer).toMatchObject({ shadowVerdict: 'stop' });
    expect(bench({ enforcement: { shadow: false, enforcePercent: 100 } }).judge(STOP).answer).toMatchObject({ shadowVerdict: null });
  });
});

it('an answer for a reason of our own is not judged', () => {
  const declined: ProbeResult = { ...STOP, verdict: 'route', evidence: 'unknown', reason: 'overloaded', degraded: true, servedBy: 'none' };
  expect(unjudged(ENFORCED, ORDER, declined)).toEqual({ ...declined, probeId: 'probe-1', guarded: false, shadowVerdict: null });
  expect(unjudged(SHADOW, ORDER, declined)).toMatchObject({ shadowVerdict: 'route' });
});
