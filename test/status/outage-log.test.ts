import { describe, expect, it } from 'vitest';
import type { ServerState, ServiceEvent } from '../../src/resilience/events.ts';
import { createOutageLog, MOST_OUTAGES } from '../../src/status/outage-log.ts';

function outages() {
  const time = { nowMs: 0 };
  const log = createOutageLog(() => time.nowMs);
  const later = (ms: number, event: ServiceEvent): boolean => {
    time.nowMs += ms;
    return log.follow(event);
  };
  const server = (to: ServerState, chatServer: string | null = 'ChatServer_1', target = 'default'): ServiceEvent => ({
    type: 'server_changed',
    target,
    chatServer,
    from: 'healthy',
    to,
  });
  return { log, later, server };
}

describe('an outage', () => {
  it('of a Chat Server begins, is answered again, and is over', () => {
    const { log, later, server } = outages();
    later(1, server('suspect'));
    expect(log.of(null)).toMatchObject([{ kind: 'server', name: 'ChatServer_1', startedAtMs: 1, backAtMs: null, endedAtMs: null }]);
    later(9, server('recovering'));
    expect(log.of(null)).toMatchObject([{ backAtMs: 10, endedAtMs: null }]);
    later(5, server('healthy'));
    expect(log.of(null)).toMatchObject([{ startedAtMs: 1, backAtMs: 10, endedAtMs: 15 }]);
  });

  it('that comes back before it was over is the same one, down again', () => {
    const { log, later, server } = outages();
    for (const state of ['suspect', 'recovering', 'suspect'] as const) later(1, server(state));
    expect(log.of(null)).toMatchObject([{ startedAtMs: 1, backAtMs: null, endedAtMs: null }]);
  });

  it.each([
    ['gateway', { type: 'gateway_changed', target: 'default', open: true }, { type: 'gateway_changed', target: 'default', open: false }],
    [
      'guard',
      { type: 'guard_changed', target: 'default', state: 'tripped' },
      { type: 'guard_changed', target: 'default', state: 'watching' },
    ],
    [
      'release',
      { type: 'guard_changed', target: 'default', state: 'released' },
      { type: 'guard_changed', target: 'default', state: 'watching' },
    ],
    [
      'control',
      { type: 'control_answered', target: 'default', control: 'live', state: 'wrong' },
      { type: 'control_answered', target: 'default', control: 'live', state: 'right' },
    ],
  ] satisfies [string, ServiceEvent, ServiceEvent][])('of the kind %s begins and ends', (kind, begin, end) => {
    const { log, later } = outages();
    later(1, begin);
    later(1, begin);
    expect(log.of('default')).toMatchObject([{ kind, startedAtMs: 1, endedAtMs: null }]);
    later(1, end);
    expect(log.of('default')).toMatchObject([{ kind, endedAtMs: 3 }]);
  });

  it('is told by target, the latest to begin first', () => {
    const { log, later, server } = outages();
    later(1, server('suspect', 'A'));
    later(1, server('suspect', null, 'east'));
    expect(log.of(null).map(({ name }) => name)).toEqual([null, 'A']);
    expect(log.of('default').map(({ name }) => name)).toEqual(['A']);
  });

  it('of a released guard ends the one of a tripped guard', () => {
    const { log, later } = outages();
    later(1, { type: 'guard_changed', target: 'default', state: 'tripped' });
    later(1, { type: 'guard_changed', target: 'default', state: 'released' });
    expect(log.of(null)).toMatchObject([
      { kind: 'release', endedAtMs: null },
      { kind: 'guard', endedAtMs: 2 },
    ]);
  });

  it('of a target that is gone is over', () => {
    const { log, later, server } = outages();
    later(1, server('suspect'));
    later(1, server('suspect', 'A', 'east'));
    log.forget('default');
    expect(log.of(null)).toMatchObject([
      { target: 'east', endedAtMs: null },
      { target: 'default', endedAtMs: 2 },
    ]);
  });
});

it('callers who make up names fill no memory, and do not drive out what lasts', () => {
  const { log, later, server } = outages();
  later(1, server('suspect', 'lasts'));
  for (let n = 0; n < 3 * MOST_OUTAGES; n += 1) {
    later(1, server('suspect', `made-up-${n}`));
    later(1, server('healthy', `made-up-${n}`));
  }
  expect(log.of(null)).toHaveLength(MOST_OUTAGES);
  expect(log.of(null).at(-1)?.name).toBe('lasts');
  later(1, server('suspect', 'x'.repeat(10_000)));
  expect(log.of(null)[0]?.name).toHaveLength(64);
});

it('what is no outage is not noted', () => {
  const { log, later } = outages();
  expect(later(1, { type: 'probe_parked', target: 'default', by: 1 })).toBe(false);
  expect(log.of(null)).toEqual([]);
});
