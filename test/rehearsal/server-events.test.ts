import { describe, expect, it } from 'vitest';
import { crashedBetween, linkLostBetween, startedBetween, troublesIn } from '../../lab/rehearsal/server-events.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { createScenarioWorld } from '../../lab/simulator/world/scenario-world.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

const EVENTS = [
  { atMs: 10, crash: 'A' },
  { atMs: 20, start: 'A', sessions: 'lost' },
  { atMs: 100, flap: 'B', downMs: 4, upMs: 6, times: 3 },
] as const;

it.each([
  ['a crash', 'A', 9, 10, true],
  ['a crash at its beginning', 'A', 10, 50, false],
  ['a crash after its end', 'A', 0, 9, false],
  ['a crash of another', 'C', 0, 1_000, false],
  ['the first crash of one that flaps', 'B', 50, 100, true],
  ['the last crash of one that flaps', 'B', 115, 120, true],
  ['one that flaps, between two crashes', 'B', 110, 119, false],
  ['one that flaps no more', 'B', 120, 1_000, false],
])('of crashes sees %s', (_what, server, fromMs, toMs, expected) => {
  expect(crashedBetween(EVENTS, server, fromMs, toMs)).toBe(expected);
});

it.each([
  ['a start', 'A', 19, 20, true],
  ['a start at its beginning', 'A', 20, 50, false],
  ['a start after its end', 'A', 0, 19, false],
  ['a start of another', 'C', 0, 1_000, false],
  ['the first start of one that flaps', 'B', 100, 104, true],
  ['one that flaps, while it is down', 'B', 104, 113, false],
  ['the last start of one that flaps', 'B', 115, 124, true],
  ['one that flaps no more', 'B', 124, 1_000, false],
])('of starts sees %s', (_what, server, fromMs, toMs, expected) => {
  expect(startedBetween(EVENTS, server, fromMs, toMs)).toBe(expected);
});

describe('a link that is lost', () => {
  const events = [
    { atMs: 100, link: 'A', state: 'down' },
    { atMs: 150, link: 'B', state: 'down' },
    { atMs: 200, link: 'A', state: 'up' },
  ] as const;

  it.each([
    ['before', 0, 99, false],
    ['as it is lost', 50, 100, true],
    ['while it is', 120, 130, true],
    ['and there again by the end', 199, 300, true],
    ['after', 200, 300, false],
  ] as const)('is seen %s', (_, fromMs, toMs, isLost) => {
    expect(linkLostBetween(events, 'A', fromMs, toMs)).toBe(isLost);
  });

  it('is not that of another Chat Server', () => {
    expect(linkLostBetween(events, 'C', 0, 300)).toBe(false);
  });
});

describe('what goes wrong, and for how long', () => {
  const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));

  it('is told of everything that can: servers, links, slowness, what is around them, false answers', () => {
    const events = [
      ...EVENTS,
      { atMs: 5, slow: 'A', extraMs: 3 },
      { atMs: 6, slow: 'A', extraMs: null },
      { atMs: 7, link: 'A', state: 'down' },
      { atMs: 8, gateway: 'down' },
      { atMs: 9, gateway: 'up' },
      { atMs: 10, interactionServer: 'down' },
      { atMs: 11, interactionServer: 'up' },
      { atMs: 12, misconfigure: 'session_not_found' },
      { atMs: 13, limit: 'A', maxSessions: 1 },
    ] as const;
    const told = troublesIn(events).map(({ who, what, fromMs, toMs }) => `${who} ${what} ${fromMs}-${toMs}`);
    expect(told).toEqual([
      ...['A slow 5-6', 'gateway down 8-9', 'Interaction Server down 10-11', 'A down 10-20'],
      ...['B down 100-104', 'B down 110-114', 'B down 120-124', 'A link lost 7-Infinity', 'the target false answers 12-Infinity'],
    ]);
  });

  it.each(LIBRARY.names)('is so in the world of %s', async (name) => {
    const parsed = parseScenario(LIBRARY.text(name) ?? '', name);
    if (!parsed.ok) throw new Error(parsed.problems.join('; '));
    const { scenario } = parsed;
    const clock = createVirtualClock();
    const world = createScenarioWorld({ clock, scenario, chats: 1 });
    const troubles = troublesIn(scenario.events);
    for (let nowMs = 0; nowMs < 120_000; nowMs += 250) {
      const isTold = (who: string, what: string): boolean =>
        troubles.some((trouble) => trouble.who === who && trouble.what === what && trouble.fromMs <= nowMs && nowMs < trouble.toMs);
      const down = world.chatServers().filter(({ status }) => status === 'down');
      expect(
        scenario.chatServers.filter((server) => isTold(server, 'down')),
        `${nowMs} ms`,
      ).toEqual(down.map((server) => server.name));
      expect(isTold('gateway', 'down'), `${nowMs} ms`).toBe(world.health() === 'no_gateway');
      await clock.advance(250);
    }
  });
});
