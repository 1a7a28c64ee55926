import { describe, expect, it } from 'vitest';
import type { Saving } from '../../src/outage/events.ts';
import { createGate, type GateParts } from '../../src/outage/gate.ts';
import type { ServerPass } from '../../src/outage/servers/server-pass.ts';
import type { AskedAttempt } from '../../src/probe/attempt-gate.ts';
import { createStopController } from '../../src/probe/stop-signal.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { attemptWith } from '../support/samples.ts';

const ASKED: AskedAttempt = { n: 1, probeStartedAtMs: 0, lastMomentAtMs: 6_000, deadlineAtMs: 8_000 };
const FREE: ServerPass = { kind: 'send', role: 'free', admittedAtMs: 0 };
const BY_CANARY: ServerPass = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };
const { signal } = createStopController();

interface Changes {
  readonly server?: ServerPass | Promise<ServerPass>;
  readonly claimed?: boolean | Promise<boolean>;
  readonly mayGetMessage?: boolean;
  readonly gateway?: 'free' | 'trial' | null;
  readonly mayRetry?: boolean;
  readonly refuses?: boolean;
}

/** The gate of a chat on A, whose neighbours do as they are told; `seen` is what they were told. */
function rig({ server = FREE, claimed = true, mayGetMessage = true, gateway = 'free', mayRetry = true, refuses = false }: Changes = {}) {
  const seen: string[] = [];
  const saved: Saving[] = [];
  const note = (text: string): void => void seen.push(text);
  const parts: GateParts = {
    clock: createVirtualClock(),
    servers: {
      admit: (_asked, chatServer) => {
        note(`server ${chatServer}`);
        return server;
      },
      settled: (name, pass, attempt) => note(`server ${name} ${pass.role} told ${attempt?.reason ?? null}`),
      mayHaveMoved: (name, startedAtMs) => name === 'A' && startedAtMs === 7,
      isRestoring: () => false,
      serversDown: 0,
      parked: 0,
      dismiss: () => undefined,
      close: () => undefined,
    },
    breaker: {
      refuses: () => refuses,
      mayAsk: () => gateway,
      settled: (pass, reason, _nowMs, isLoneWitness) =>
        note(`gateway ${pass} told ${reason}${isLoneWitness === true ? ' by a lone witness' : ''}`),
      isOpen: false,
    },
    budget: {
      first: () => note('first'),
      mayRetry: () => {
        note('retry');
        return mayRetry;
      },
    },
    guard: { delivered: () => note('delivered') },
    saved: (by) => saved.push(by),
  };
  const traffic = {
    claim: (untilMs: number) => {
      note(`claim until ${untilMs}`);
      return claimed;
    },
    release: () => note('release'),
    mayGetMessage: () => mayGetMessage,
    gotMessage: () => note('got message'),
  };
  return { seen, saved, gate: createGate(parts, 'A', 2_000, traffic) };
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
    gate.settled(attemptWith({ reason: 'delivered' }), false);
    gate.settled(attemptWith({ reason: 'delivered' }), false);
    expect(seen).toEqual(['server A free told delivered', 'gateway free told delivered', 'delivered', 'got message', 'release']);
  });
});

describe('what came of an attempt', () => {
  const told = (attempt: Parameters<ReturnType<typeof rig>['gate']['settled']>[0], cut = false) => {
    const { gate, seen } = rig({ gateway: 'trial' });
    void gate.admit(ASKED, signal);
    seen.length = 0;
    gate.settled(attempt, cut);
    return seen;
  };

  it('an answer that is no delivery leaves nothing in a transcript', () => {
    expect(told(attemptWith({ reason: 'session_not_found', written: true }))).toEqual([
      'server A free told session_not_found',
      'gateway trial told session_not_found',
      'release',
    ]);
  });

  it('a message that was written and not answered counts as one that the chat got', () => {
    expect(told(attemptWith({ reason: 'timeout', durationMs: 2_000, written: true }))).toContain('got message');
    expect(told(attemptWith({ reason: 'connect_refused', written: false }))).not.toContain('got message');
  });

  it('a time-out says nothing of the gateway where it was we who had little time', () => {
    const shorter = attemptWith({ reason: 'timeout', durationMs: 1_979 });
    expect(told(shorter)).toContain('gateway trial told null');
    expect(told({ ...shorter, durationMs: 1_980 })).toContain('gateway trial told timeout');
    expect(told({ ...shorter, reason: 'connection_reset' })).toContain('gateway trial told connection_reset');
  });

  it.each([
    ['canary', false, 'gateway free told connect_refused by a lone witness'],
    ['last', false, 'gateway free told connect_refused by a lone witness'],
    ['released', false, 'gateway free told connect_refused'],
    ['free', false, 'gateway free told connect_refused'],
    ['canary', true, 'gateway free told connect_refused'],
  ] as const)('one that nobody took says more where few may be sent (%s, written: %s)', (role, written, expected) => {
    const { gate, seen } = rig({ server: { kind: 'send', role, admittedAtMs: 0 } });
    void gate.admit(ASKED, signal);
    gate.settled(attemptWith({ reason: 'connect_refused', written }), false);
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
    gate.settled(null, false);
    expect(seen).toHaveLength(between.length + 4);
  });
});

describe('the budget for retries', () => {
  it('is not asked for a first attempt', () => {
    expect(rig({ mayRetry: false }).gate.admit(ASKED, signal)).toEqual({ kind: 'send' });
  });

  it.each(['canary', 'last', 'released'] as const)('is not asked for an attempt admitted as %s, which is bounded already', (role) => {
    const { gate, seen } = rig({ server: { ...FREE, role }, mayRetry: false });
    expect(gate.admit({ ...ASKED, n: 2 }, signal)).toEqual({ kind: 'send' });
    expect(seen).not.toContain('retry');
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
