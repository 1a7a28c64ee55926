import { describe, expect, it } from 'vitest';
import type { TargetRules } from '../../../src/probe/target.ts';
import type { ProbeResult } from '../../../src/probe/verdict.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import type { Hold } from '../../../src/resilience/chat-servers/liveness.ts';
import type { EnforcementSettings } from '../../../src/resilience/settings.ts';
import type { SentTimestamps } from '../../../src/resilience/single-flight/chats.ts';
import type { Found } from '../../../src/resilience/single-flight/single-flight.ts';
import { filterStop, unfiltered } from '../../../src/resilience/stop-filters/filter-stop.ts';
import { filtersWith, orderWith } from '../../support/samples.ts';
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
  isKnownDown: false,
  elapsedMs: 12,
};
const ORPHAN: ProbeResult = { ...STOP, evidence: 'orphaned', reason: 'chat_server_not_found', degraded: true, faultCode: null };
const CLOSED: ProbeResult = { ...STOP, evidence: 'closed', reason: 'session_offline', servedBy: 'none' };
const ALIVE: ProbeResult = { ...STOP, verdict: 'route', evidence: 'alive', reason: 'delivered', faultCode: null, faultString: null };

interface Changes {
  readonly hold?: Hold;
  readonly isWrong?: boolean;
  readonly judged?: 'mass_stop' | 'no_delivery' | null;
  readonly enforcement?: EnforcementSettings;
  readonly stopsPerInteraction?: number;
  readonly rules?: Partial<TargetRules>;
}

/** What another probe found out about the chat, which began at 100; judged at 900 unless told otherwise. */
function bench({ hold, isWrong = false, judged = null, enforcement = ENFORCED, stopsPerInteraction = 2, rules = {} }: Changes = {}) {
  const seen: string[] = [];
  const filters = filtersWith({
    servers: {
      holdOf(name, startedAtMs, isNew) {
        seen.push(`hold ${name} ${startedAtMs} ${isNew ? 'new' : 'known'}`);
        return hold ?? null;
      },
    },
    guard: {
      judge({ interactionId }, { result, startedAtMs, isOwn }, nowMs) {
        seen.push(`judged ${interactionId} ${result.evidence} ${startedAtMs} ${isOwn ? 'own' : 'shared'} ${nowMs}`);
        return judged;
      },
    },
    controls: { isWrong },
    enforcement,
    limits: { stopsPerInteraction, messageWindowMs: 1_000 },
  });
  const chat: { stops: SentTimestamps; heldAtMs: number | null } = { stops: null, heldAtMs: null };
  const order = { ...ORDER, target: { ...ORDER.target, rules: { ...ORDER.target.rules, ...rules } } };
  const judgeIt = (result: ProbeResult, nowMs = 900, fields: Partial<Found> = {}) =>
    filterStop(filters, { order, result, probeId: 'another', startedAtMs: 100, isNewcomer: false, isOwn: true, chat, ...fields }, nowMs);
  return { seen, chat, judge: judgeIt };
}

describe('a computed stop', () => {
  it('is answered as it is where nothing speaks against it', () => {
    const { answer, withheld } = bench().judge(STOP);
    expect(answer).toEqual({ ...STOP, probeId: 'another', guarded: false, shadowVerdict: null });
    expect(withheld).toBeNull();
  });

  it.each(['mass_stop', 'no_delivery'] as const)('is withheld by the guard: %s', (judged) => {
    const { answer, withheld } = bench({ judged }).judge(STOP);
    expect(answer).toEqual({
      ...STOP,
      verdict: 'route',
      degraded: true,
      recheckAfterMs: 5_000,
      probeId: 'another',
      guarded: true,
      shadowVerdict: null,
    });
    expect(withheld).toBe(judged);
  });

  it('is withheld while a control probe gives the wrong answer, and counted by the guard all the same', () => {
    const { judge: judged, seen } = bench({ isWrong: true });
    expect(judged(STOP)).toMatchObject({ withheld: 'controls', answer: { verdict: 'route', guarded: true, recheckAfterMs: 5_000 } });
    expect(seen).toEqual(['judged 0006Ka9HFHRR0T2B dead 100 own 900']);
  });

  it.each([
    ['restoring', 2_000],
    ['out_of_sight', 5_000],
    ['still_used', 5_000],
  ] as const)(
    'of an orphan is withheld by what is known of its Chat Server (%s), and counted by the guard all the same',
    (hold, recheckAfterMs) => {
      const { judge: judged, seen } = bench({ hold, judged: 'mass_stop' });
      expect(judged(ORPHAN)).toMatchObject({ withheld: hold, answer: { verdict: 'route', degraded: true, guarded: true, recheckAfterMs } });
      expect(seen).toEqual(['judged 0006Ka9HFHRR0T2B orphaned 100 own 900', 'hold ChatServer_1 100 known']);
    },
  );

  it('of an orphan is withheld by the guard where nothing is known against it', () => {
    expect(bench({ judged: 'mass_stop' }).judge(ORPHAN).withheld).toBe('mass_stop');
    expect(bench().judge(ORPHAN).withheld).toBeNull();
  });

  it('of a chat that its server does not have has nothing to do with whether that server lives', () => {
    expect(bench({ hold: 'restoring' }).judge(STOP).withheld).toBeNull();
  });

  it('of a new chat is asked about as one, unless its policy has taken the time that the target asks for', () => {
    const askedAs = (rules: Partial<TargetRules>, isNewcomer = true) => {
      const { judge: judged, seen } = bench({ rules });
      judged(ORPHAN, 900, { isNewcomer });
      return seen[1];
    };
    expect(askedAs({ onChatServerDown: 'auto' })).toBe('hold ChatServer_1 100 new');
    expect(askedAs({ onChatServerDown: 'auto', restoreWindowMs: 8_001 })).toBe('hold ChatServer_1 100 new');
    expect(askedAs({ onChatServerDown: 'auto', restoreWindowMs: 8_000 })).toBe('hold ChatServer_1 100 known');
    expect(askedAs({ onChatServerDown: 'stop' })).toBe('hold ChatServer_1 100 known');
    expect(askedAs({ onChatServerDown: 'auto' }, false)).toBe('hold ChatServer_1 100 known');
  });

  it('of an interaction that says itself that it is closed is never withheld, and not counted', () => {
    const { judge: judged, seen } = bench({ hold: 'restoring', isWrong: true, judged: 'mass_stop' });
    expect(judged(CLOSED)).toMatchObject({ withheld: null, answer: { verdict: 'stop', guarded: false } });
    expect(seen).toEqual([]);
  });
});

it('a verdict that routes is counted by the guard, whatever else speaks against stops', () => {
  const { judge: judged, seen } = bench({ hold: 'restoring', isWrong: true });
  expect(judged(ALIVE)).toMatchObject({ withheld: null, answer: { verdict: 'route', guarded: false, degraded: false } });
  expect(seen).toEqual(['judged 0006Ka9HFHRR0T2B alive 100 own 900']);
});

describe('an interaction that is stopped again and again', () => {
  const CAUSE = { withheld: 'repeated', answer: { verdict: 'route', guarded: true, degraded: true, recheckAfterMs: null } };

  it('is routed after so many answers, and never told to come back', () => {
    const { judge: judged, chat } = bench();
    expect([judged(STOP, 900).answer.verdict, judged(STOP, 901).answer.verdict]).toEqual(['stop', 'stop']);
    expect(judged(STOP, 902)).toMatchObject(CAUSE);
    expect(chat.stops).toEqual([900, 901]);
  });

  it('is not held to it when it lives after all', () => {
    const { judge: judged } = bench();
    for (let n = 0; n < 3; n += 1) judged(STOP);
    expect(judged(ALIVE)).toMatchObject({ withheld: null, answer: { guarded: false, degraded: false } });
  });

  it('is stopped again when the window has moved on, which what was withheld does not prolong', () => {
    const { judge: judged } = bench();
    for (const atMs of [900, 1_000, 1_500]) judged(STOP, atMs);
    expect(judged(STOP, 1_899)).toMatchObject(CAUSE);
    expect(judged(STOP, 1_900).withheld).toBeNull();
    expect(judged(STOP, 1_901)).toMatchObject(CAUSE);
    expect(judged(STOP, 2_000).withheld).toBeNull();
  });

  it('is one whoever found it out, and though it says itself that it is closed', () => {
    const { judge: judged } = bench();
    judged({ ...STOP, servedBy: 'coalesced' }, 900, { isOwn: false });
    judged(CLOSED);
    expect([judged(STOP), judged(ORPHAN), judged(CLOSED)]).toMatchObject([CAUSE, CAUSE, CAUSE]);
  });

  it('is told to the guard as one that was withheld before, until its window is over', () => {
    const { judge, chat } = bench({ judged: 'mass_stop' });
    expect(chat.heldAtMs).toBeNull();
    judge(STOP, 1_000);
    judge(STOP, 60_999);
    expect(chat.heldAtMs).toBe(1_000);
    judge(STOP, 61_000);
    expect(chat.heldAtMs).toBe(61_000);
    const passed = bench();
    passed.judge(STOP);
    expect(passed.chat.heldAtMs).toBeNull();
  });

  it('is told so only where nothing else speaks against the stop', () => {
    const { chat } = bench();
    chat.stops = [899, 900];
    expect(bench({ judged: 'mass_stop' }).judge(STOP, 900, { chat }).withheld).toBe('mass_stop');
    expect(bench({ isWrong: true }).judge(STOP, 900, { chat }).withheld).toBe('controls');
    expect(bench({ hold: 'restoring' }).judge(ORPHAN, 900, { chat }).withheld).toBe('restoring');
    expect(bench().judge(STOP, 900, { chat }).withheld).toBe('repeated');
  });

  it('is not one for the answers that routed, be it in shadow or because something spoke against the stop', () => {
    for (const changes of [{ enforcement: SHADOW }, { judged: 'mass_stop' as const }, { hold: 'still_used' as const }]) {
      const { judge: judged, chat } = bench(changes);
      for (let n = 0; n < 10; n += 1) judged(ORPHAN);
      expect(chat.stops).toBeNull();
    }
    const { judge: judged, chat } = bench();
    for (let n = 0; n < 10; n += 1) judged(ALIVE);
    expect([chat.stops, judged(STOP).withheld]).toEqual([null, null]);
  });

  it('passes where there is to be no limit, and where nothing is remembered of it', () => {
    const free = bench({ stopsPerInteraction: 0 });
    const unknown = bench();
    for (let n = 0; n < 10; n += 1) {
      expect(free.judge(STOP).withheld).toBeNull();
      expect(unknown.judge(STOP, 900, { chat: null }).withheld).toBeNull();
    }
    expect(free.chat.stops).toBeNull();
  });
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
  expect(unfiltered(ENFORCED, ORDER, declined)).toEqual({ ...declined, probeId: 'probe-1', guarded: false, shadowVerdict: null });
  expect(unfiltered(SHADOW, ORDER, declined)).toMatchObject({ shadowVerdict: 'route' });
});
