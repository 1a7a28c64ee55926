import { describe, expect, it } from 'vitest';
import type { AskedAttempt } from '../../src/probe/admission.ts';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import type { Reason } from '../../src/probe/reasons.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { type AdmissionParts, createAdmissionControl } from '../../src/resilience/admission-control.ts';
import type { Permit } from '../../src/resilience/chat-servers/chat-server.ts';
import type { GuardState, Saving } from '../../src/resilience/events.ts';
import { NO_FLEET } from '../../src/resilience/fleet.ts';
import type { ChatLock } from '../../src/resilience/single-flight/chat-lock.ts';
import { attemptWith, orderWith } from '../support/samples.ts';
import { scriptedAdapter } from '../support/scripted-adapter.ts';

const ASKED: AskedAttempt = { n: 1, confirms: false, probeStartedAtMs: 0, lastMomentAtMs: 6_000, deadlineAtMs: 8_000 };
const FREE: Permit = { kind: 'send', role: 'free', admittedAtMs: 0 };
const BY_CANARY: Permit = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };
const { signal } = createCancelController();

interface Changes {
  readonly server?: Permit | Promise<Permit>;
  readonly claimed?: boolean | Promise<boolean>;
  readonly mayGetMessage?: boolean;
  readonly gateway?: 'free' | 'trial' | null;
  readonly mayRetry?: boolean;
  readonly refuses?: boolean;
  readonly isOpen?: boolean;
  readonly isNewcomer?: boolean;
  readonly guard?: GuardState;
  readonly rules?: Partial<TargetRules>;
}

/** The gate of a chat on A, whose neighbours do as they are told; `seen` is what they were told. */
function rig(changes: Changes = {}) {
  const { server = FREE, claimed = true, mayGetMessage = true, gateway = 'free', mayRetry = true, refuses = false } = changes;
  const clock = createVirtualClock();
  const seen: string[] = [];
  const saved: Saving[] = [];
  const note = (text: string): void => void seen.push(text);
  const parts: AdmissionParts = {
    clock,
    servers: {
      use: (name) => ({
        admit: (_asked, { mayHurry, mayWait }) => {
          note(`server ${name}${mayHurry ? '' : ' without haste'}${mayWait ? '' : ' without waiting'}`);
          return server;
        },
        sent: () => ({ kind: 'send', role: 'free', admittedAtMs: clock.nowMs() }),
        release: (permit, attempt) => note(`server ${name} ${permit.role} told ${attempt?.reason ?? null}`),
        mayHaveMoved: (startedAtMs) => name === 'A' && startedAtMs === 7,
        downtime: (startedAtMs) => ({ isKnown: name === 'A' && startedAtMs === 7, provenForMs: 5 }),
      }),
    },
    breaker: {
      refuses: () => refuses,
      mayAsk: () => gateway,
      release: (pass, reason, _nowMs, isLoneWitness) =>
        note(`gateway ${pass} told ${reason}${isLoneWitness === true ? ' by a lone witness' : ''}`),
      isOpen: changes.isOpen ?? false,
    },
    budget: {
      first: () => note('first'),
      mayRetry: () => {
        note('retry');
        return mayRetry;
      },
    },
    guard: {
      heard: (reason, chatServer, nowMs) => note(`guard told ${reason} of ${chatServer} at ${nowMs}`),
      badFirstAnswer: ({ interactionId, chatServer }, reason, startedAtMs) =>
        note(`guard told first ${reason} about ${interactionId} on ${chatServer} to a probe of ${startedAtMs}`),
      state: () => changes.guard ?? 'watching',
    },
    saved: (by) => saved.push(by),
    fleet: NO_FLEET,
  };
  const traffic: ChatLock = {
    isNewcomer: changes.isNewcomer ?? false,
    acquire: (untilMs: number) => {
      note(`claim until ${untilMs}`);
      return claimed;
    },
    release: () => note('release'),
    mayGetMessage: () => mayGetMessage,
    gotMessage: () => note('got message'),
  };
  const order = orderWith(scriptedAdapter(clock, []), { chatServer: 'A', interactionId: 'id' }, changes.rules);
  return { clock, seen, saved, gate: createAdmissionControl(parts, order, traffic) };
}

describe('a first attempt in healthy traffic', () => {
  it('passes without a promise', () => {
    const { gate, seen, saved } = rig();
    expect(gate.admit(ASKED, signal)).toEqual({ kind: 'send' });
    expect(seen).toEqual(['server A', 'claim until 7950', 'first']);
    expect(saved).toEqual([]);
  });

  it('tells everybody that it was delivered, once', () => {
    const { gate, seen } = rig();
    void gate.admit(ASKED, signal);
    seen.length = 0;
    gate.release(attemptWith({ reason: 'delivered' }), false);
    gate.release(attemptWith({ reason: 'delivered' }), false);
    expect(seen).toEqual([
      'server A free told delivered',
      'gateway free told delivered',
      'guard told delivered of A at 0',
      'got message',
      'release',
    ]);
  });
});

describe('what came of an attempt', () => {
  const told = (attempt: Parameters<ReturnType<typeof rig>['gate']['release']>[0], cut = false) => {
    const { gate, seen } = rig({ gateway: 'trial' });
    void gate.admit(ASKED, signal);
    seen.length = 0;
    gate.release(attempt, cut);
    return seen;
  };

  it('an answer that is no delivery leaves nothing in a transcript', () => {
    expect(told(attemptWith({ reason: 'session_not_found', written: true }))).toEqual([
      'server A free told session_not_found',
      'gateway trial told session_not_found',
      'guard told session_not_found of A at 0',
      'guard told first session_not_found about id on A to a probe of 0',
      'release',
    ]);
  });

  it('a message that was written and not answered counts as one that the chat got', () => {
    expect(told(attemptWith({ reason: 'timeout', durationMs: 2_000, written: true }))).toContain('got message');
    expect(told(attemptWith({ reason: 'connect_refused', written: false }))).not.toContain('got message');
  });

  it('a message that the gateway rejected is none, and is told to the gateway and its server as ever', () => {
    expect(told(attemptWith({ reason: 'gateway_auth', rejected: true }))).toEqual([
      'server A free told gateway_auth',
      'gateway trial told gateway_auth',
      'guard told gateway_auth of A at 0',
      'release',
    ]);
  });

  it('a message that the gateway rejected was taken all the same: it is no sign that nobody is there', () => {
    const { gate, seen } = rig({ server: { kind: 'send', role: 'canary', admittedAtMs: 0 } });
    void gate.admit(ASKED, signal);
    gate.release(attemptWith({ reason: 'gateway_busy', rejected: true }), false);
    expect(seen).toContain('gateway free told gateway_busy');
  });

  it('a time-out says nothing of the gateway where it was we who had little time', () => {
    const shorter = attemptWith({ reason: 'timeout', durationMs: 1_979 });
    expect(told(shorter)).toContain('gateway trial told null');
    expect(told({ ...shorter, durationMs: 1_980 })).toContain('gateway trial told timeout');
    expect(told({ ...shorter, reason: 'connection_reset' })).toContain('gateway trial told connection_reset');
  });

  it.each([
    ['canary', false, 'gateway free told connect_refused by a lone witness'],
    ['released', false, 'gateway free told connect_refused'],
    ['free', false, 'gateway free told connect_refused'],
    ['canary', true, 'gateway free told connect_refused'],
  ] as const)('one that nobody took says more where few may be sent (%s, written: %s)', (role, written, expected) => {
    const { gate, seen } = rig({ server: { kind: 'send', role, admittedAtMs: 0 } });
    void gate.admit(ASKED, signal);
    gate.release(attemptWith({ reason: 'connect_refused', written }), false);
    expect(seen).toContain(expected);
  });

  it('one that was cut short says nothing, but may have been written', () => {
    expect(told(attemptWith({ reason: 'draining', written: true }), true)).toEqual([
      'server A free told null',
      'gateway trial told null',
      'got message',
      'release',
    ]);
    expect(told(attemptWith({ reason: 'draining', written: false }), true)).not.toContain('got message');
  });

  it('one that was not made says nothing', () => {
    expect(told(null)).toEqual(['server A free told null', 'gateway trial told null', 'release']);
  });
});

describe('an attempt is not made', () => {
  it('where a canary has proved the case: a message saved', () => {
    const { gate, seen, saved } = rig({ server: BY_CANARY });
    expect(gate.admit(ASKED, signal)).toEqual(BY_CANARY);
    expect([seen, saved]).toEqual([['server A'], ['canary']]);
  });

  it('where its time ran out while it was parked', () => {
    const { gate, saved } = rig({ server: { kind: 'answer', reason: 'deadline', servedBy: 'none' } });
    expect(gate.admit(ASKED, signal)).toEqual({ kind: 'answer', reason: 'deadline', servedBy: 'none' });
    expect(saved).toEqual([]);
  });

  it('where the gateway would take nothing, without asking or waiting for anybody', () => {
    const { gate, seen, saved } = rig({ refuses: true });
    expect(gate.admit(ASKED, signal)).toEqual({ kind: 'answer', reason: 'gateway_open', servedBy: 'none' });
    expect([seen, saved]).toEqual([[], ['gateway_open']]);
  });

  it('where the gateway was given up while it was parked', () => {
    const { gate, saved } = rig({ server: { kind: 'answer', reason: 'gateway_open', servedBy: 'none' } });
    expect(gate.admit(ASKED, signal)).toEqual({ kind: 'answer', reason: 'gateway_open', servedBy: 'none' });
    expect(saved).toEqual(['gateway_open']);
  });

  it('where another message to the chat is in flight too long: everything taken is given back', () => {
    const { gate, seen } = rig({ claimed: false });
    expect(gate.admit(ASKED, signal)).toEqual({ kind: 'answer', reason: 'deadline', servedBy: 'none' });
    expect(seen).toEqual(['server A', 'claim until 7950', 'server A free told null']);
  });

  it.each([
    ['message_limit', { mayGetMessage: false }, []],
    ['gateway_open', { gateway: null }, []],
    ['retry_suppressed', { mayRetry: false }, ['retry', 'gateway free told null']],
  ] as const)('for %s: everything taken is given back', (reason, changes, between) => {
    const { gate, seen, saved } = rig(changes);
    expect(gate.admit({ ...ASKED, n: 2 }, signal)).toEqual({ kind: 'answer', reason, servedBy: 'none' });
    expect(seen).toEqual(['server A', 'claim until 7950', ...between, 'release', 'server A free told null']);
    expect(saved).toEqual([reason]);
    gate.release(null, false);
    expect(seen).toHaveLength(between.length + 4);
  });
});

describe('the budget for retries', () => {
  it('is not asked for a first attempt', () => {
    expect(rig({ mayRetry: false }).gate.admit(ASKED, signal)).toEqual({ kind: 'send' });
  });

  it.each(['canary', 'released'] as const)('is not asked for an attempt admitted as %s, which is bounded already', (role) => {
    const { gate, seen } = rig({ server: { ...FREE, role }, mayRetry: false });
    expect(gate.admit({ ...ASKED, n: 2 }, signal)).toEqual({ kind: 'send' });
    expect(seen).not.toContain('retry');
  });

  it('is not asked for an attempt that is to confirm a stop, while the guard would let one pass', () => {
    for (const guard of ['watching', 'released'] as const) {
      const { gate, seen } = rig({ mayRetry: false, guard });
      expect(gate.admit({ ...ASKED, n: 2, confirms: true }, signal)).toEqual({ kind: 'send' });
      expect(seen).not.toContain('retry');
    }
  });

  it('is asked for it like for any retry while the guard withholds all stops', () => {
    const confirming = { ...ASKED, n: 2, confirms: true };
    expect(rig({ mayRetry: false, guard: 'tripped' }).gate.admit(confirming, signal)).toMatchObject({ reason: 'retry_suppressed' });
    expect(rig({ mayRetry: true, guard: 'tripped' }).gate.admit(confirming, signal)).toEqual({ kind: 'send' });
    expect(rig({ mayRetry: false }).gate.admit({ ...ASKED, n: 2 }, signal)).toMatchObject({ reason: 'retry_suppressed' });
  });

  it('counts a first attempt whatever it was admitted as', () => {
    const { gate, seen } = rig({ server: { ...FREE, role: 'canary' } });
    void gate.admit(ASKED, signal);
    expect(seen).toContain('first');
  });
});

it('waits for the Chat Server, then for the chat', async () => {
  const { gate, seen } = rig({ server: Promise.resolve(FREE), claimed: Promise.resolve(true) });
  expect(await gate.admit(ASKED, signal)).toEqual({ kind: 'send' });
  expect(seen).toEqual(['server A', 'claim until 7950', 'first']);
});

it('tells the probe whether the sessions of its Chat Server may have moved since it began', () => {
  const { gate } = rig();
  void gate.admit({ ...ASKED, probeStartedAtMs: 7 }, signal);
  expect(gate.mayHaveMoved()).toBe(true);
});

it('does not let a probe wait for its Chat Server where the gateway is open', () => {
  const { gate, seen } = rig({ isOpen: true });
  void gate.admit(ASKED, signal);
  expect(seen[0]).toBe('server A without waiting');
});

describe('what is known of a Chat Server that is down', () => {
  const AUTO = { ha: true, onChatServerDown: 'auto' } as const;

  it.each([
    [true, { ...AUTO, onChatServerDown: 'stop' }, false],
    [true, { ...AUTO, restoreWindowMs: 8_000 }, false],
    [true, { ...AUTO, restoreWindowMs: 8_001 }, true],
    [true, { ...AUTO, onChatServerDown: 'route' }, true],
    [false, { ...AUTO, onChatServerDown: 'stop' }, true],
    [false, AUTO, true],
  ] as const)(
    'makes a probe short, but not that of a new chat that its policy could stop (new: %s, %o): %s',
    (isNewcomer, rules, isShort) => {
      const { gate, seen } = rig({ isNewcomer, rules });
      void gate.admit({ ...ASKED, probeStartedAtMs: 7 }, signal);
      expect(seen[0]).toBe(isShort ? 'server A' : 'server A without haste');
      expect(gate.downtime()).toEqual({ isKnown: isShort, provenForMs: 5 });
    },
  );

  it('is that of the probe, by its Chat Server and when it began', () => {
    const { gate } = rig();
    void gate.admit({ ...ASKED, probeStartedAtMs: 8 }, signal);
    expect(gate.downtime().isKnown).toBe(false);
  });
});

describe('the guard', () => {
  const told = (...reasons: readonly Reason[]) => {
    const { clock, gate, seen } = rig();
    for (const reason of reasons) {
      void gate.admit({ ...ASKED, probeStartedAtMs: 7 }, signal);
      clock.stall(1);
      gate.release(attemptWith({ reason }), false);
    }
    return seen.filter((line) => line.startsWith('guard'));
  };
  const FIRST = 'guard told first session_not_found about id on A to a probe of 7';

  it('is told of each answer, and of the first if it is bad', () => {
    expect(told('session_not_found', 'chat_server_not_found')).toEqual([
      'guard told session_not_found of A at 1',
      FIRST,
      'guard told chat_server_not_found of A at 2',
    ]);
    expect(told('chat_server_not_found')).toContain('guard told first chat_server_not_found about id on A to a probe of 7');
  });

  it('is told of the first answer of Interaction Server, not of what failed on the way to it', () => {
    expect(told('timeout', 'gateway_busy', 'session_not_found', 'session_not_found').filter((line) => line === FIRST)).toHaveLength(1);
  });

  it.each(['delivered', 'fault_unrecognised', 'session_may_have_moved'] as const)(
    'is told of no bad answer after one that was %s',
    (reason) => {
      expect(told(reason, 'session_not_found')).not.toContain(FIRST);
    },
  );

  it('is told nothing of an attempt that was cut short or not made', () => {
    const { gate, seen } = rig();
    void gate.admit(ASKED, signal);
    gate.release(attemptWith({ reason: 'draining' }), true);
    void gate.admit(ASKED, signal);
    gate.release(null, false);
    expect(seen.filter((line) => line.startsWith('guard'))).toEqual([]);
  });
});
