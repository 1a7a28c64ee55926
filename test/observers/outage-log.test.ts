import { describe, expect, it } from 'vitest';
import { logProbes } from '../../src/observers/log.ts';
import { createLogger } from '../../src/observers/logger.ts';
import type { ProbeIdentity } from '../../src/probe/probe-order.ts';
import type { ControlState, ServiceEvent } from '../../src/resilience/events.ts';

const PROBE: ProbeIdentity = {
  probeId: 'p',
  requestId: 'r',
  caller: 'workflow',
  interactionId: 'i',
  target: 'default',
  policy: 'inline',
  chatServer: 'ChatServer_1',
};

function logged(...events: readonly ServiceEvent[]) {
  const lines: Record<string, unknown>[] = [];
  const observe = logProbes(createLogger('info', { write: (line: string) => lines.push(JSON.parse(line)) }));
  for (const event of events) observe(event);
  return lines.map(({ time, ...line }) => line);
}

describe('a Chat Server', () => {
  it.each([
    ['healthy', 'suspect', 'warn', 'Chat Server not found: one probe at a time asks for it'],
    ['suspect', 'recovering', 'info', 'Chat Server answers again: waiting probes are let go'],
    ['recovering', 'healthy', 'info', 'Chat Server is healthy'],
  ] as const)('that goes from %s to %s is told by name at %s', (from, to, level, msg) => {
    expect(logged({ type: 'server_changed', target: 'default', chatServer: 'ChatServer_1', from, to })).toEqual([
      { level, target: 'default', chatServer: 'ChatServer_1', from, to, msg },
    ]);
  });

  it('has no name where messages go by type, and never one as long as a body', () => {
    const change = { type: 'server_changed', target: 'default', from: 'healthy', to: 'suspect' } as const;
    const [byType, long] = logged({ ...change, chatServer: null }, { ...change, chatServer: 'x'.repeat(60_000) });
    expect(byType).toMatchObject({ chatServer: null });
    expect(long).toMatchObject({ chatServer: 'x'.repeat(256) });
  });
});

it('a simulator behind a gateway warns loudly, and one that is gone is information', () => {
  const change = { type: 'far_end_changed', target: 'default' } as const;
  expect(logged({ ...change, simulated: true }, { ...change, simulated: false })).toEqual([
    { level: 'warn', target: 'default', msg: 'SIMULATOR BEHIND A GATEWAY: verdicts of this target are made up' },
    { level: 'info', target: 'default', msg: 'no simulator answers at this gateway any more' },
  ]);
});

it('a gateway that is left alone warns, and one that answers again is information', () => {
  expect(
    logged({ type: 'gateway_changed', target: 'default', open: true }, { type: 'gateway_changed', target: 'default', open: false }),
  ).toEqual([
    { level: 'warn', target: 'default', msg: 'gateway keeps failing: probes are answered without asking it' },
    { level: 'info', target: 'default', msg: 'gateway answers again' },
  ]);
});

it.each([
  ['tripped', 'error', 'guard tripped: stops are withheld'],
  ['released', 'warn', 'guard released: stops pass whatever their share'],
  ['watching', 'info', 'guard is watching again'],
] as const)('a guard that is now %s is told at %s', (guard, level, msg) => {
  expect(logged({ type: 'guard_changed', target: 'default', state: guard })).toEqual([{ level, target: 'default', guard, msg }]);
});

describe('a control probe', () => {
  const told = (...states: readonly ControlState[]) =>
    logged(...states.map((state) => ({ type: 'control_answered', target: 'default', control: 'live', state }) as const));

  it.each([
    ['right', 'info', 'control probe answered right'],
    ['wrong', 'error', 'control probe answered wrong: stops are withheld'],
    ['unknown', 'warn', 'control probe got no answer'],
  ] as const)('that comes to %s is told at %s', (state, level, msg) => {
    expect(told(state)).toEqual([{ level, target: 'default', control: 'live', state, msg }]);
  });

  it('is told once per change, not once per interval', () => {
    expect(told('right', 'right', 'wrong', 'wrong', 'wrong', 'right', 'right').map(({ state }) => state)).toEqual([
      'right',
      'wrong',
      'right',
    ]);
  });

  it('is apart from the other control and from other targets', () => {
    const event = { type: 'control_answered', target: 'default', control: 'live', state: 'wrong' } as const;
    expect(logged(event, { ...event, control: 'absent' }, { ...event, target: 'second' })).toHaveLength(3);
  });
});

it('what is only counted, or stands in the line of its request, leaves none', () => {
  expect(
    logged(
      { type: 'stop_withheld', probe: PROBE, because: 'mass_stop' },
      { type: 'answer_shared', request: PROBE, probeId: 'p-of-the-run', servedBy: 'coalesced' },
      { type: 'message_saved', target: 'default', by: 'canary' },
      { type: 'probe_parked', target: 'default', by: 1 },
      { type: 'request_answered', target: 'default', verdict: 'route', servedBy: 'probe' },
    ),
  ).toEqual([]);
});
