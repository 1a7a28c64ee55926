import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';
import type { ScenarioEvent } from '../../lab/simulator/scenario/scenario-event.ts';
import type { Dice } from './dice.ts';

/** Draws a world, and what happens to its Chat Servers until `untilMs`. Nothing happens in a calm one. */
export function drawScenario(dice: Dice, untilMs: number, isCalm: boolean): Scenario {
  const chatServers = Array.from({ length: dice.oneOf([1, 2, 3, 4]) }, (_, n) => `CS_${n + 1}`);
  const restores = dice.chance(0.6);
  const incidents = isCalm ? [] : dice.several(dice.whole(1, 5), () => drawIncident(dice, untilMs, chatServers, restores)).flat();
  const events = isCalm || dice.chance(0.7) ? incidents : [...drawColdStart(dice, untilMs, chatServers), ...incidents];
  return {
    name: 'drawn',
    description: 'drawn from a seed',
    seed: dice.whole(0, 2 ** 32 - 1),
    highAvailability: restores ? 'n+1' : 'none',
    chatServers,
    backups: {},
    switchOverMs: 3_000,
    connectMs: 0,
    clients: {
      returnMs: dice.oneOf([[200, 1_000] as const, [2_000, 8_000] as const, [6_000, 20_000] as const]),
      retryMs: 1_000,
      disconnectMs: dice.oneOf([3_000, 10_000, 45_000]),
      sessionRestoreExtendBy: dice.oneOf(['none', 'none', 'esp'] as const),
      staleMs: dice.oneOf([[0, 1_000] as const, [0, 4_000] as const, [2_000, 9_000] as const]),
      leaveShare: dice.oneOf([0, 0, 0.5, 1]),
    },
    byType: dice.oneOf(['balanced', 'first'] as const),
    latencyMs: isCalm || dice.chance(0.6) ? { least: 0, most: dice.oneOf([0, 0, 5, 40]) } : { median: 20, p99: 400 },
    interactionServer: { reconnectMs: dice.oneOf([0, 500, 2_000, 15_000]) },
    chats: {
      onlineShare: dice.oneOf([1, 1, 0.9]),
      staleShare: dice.oneOf([0, 0, 0.3, 0.8]),
      arrivePerSecond: 0,
      arriveForMs: 3_600_000,
      queueMs: 5_000,
    },
    events: [...events].sort((one, other) => one.atMs - other.atMs),
    agents: { again: 'none', handleMs: 60_000, returnMs: 5_000, forMs: 3_600_000 },
    probes: { fromMs: 0, withinMs: 1, byName: true, doubledShare: 0, doubledWithinMs: 1_000, deafShare: 0 },
    target: {
      ha: true,
      singleChatServer: false,
      onChatServerDown: 'auto',
      restoreWindowMs: 0,
      confirmAfterMs: 0,
      onUnrecognised: 'route',
      requireDelivery: false,
    },
    operator: { releaseGuardAtMs: [] },
    service: { stalls: [] },
  };
}

/** One thing that happens, and mostly its end. What cannot happen by then, such as a second crash, the world passes over. */
function drawIncident(dice: Dice, untilMs: number, chatServers: readonly string[], restores: boolean): readonly ScenarioEvent[] {
  const atMs = dice.whole(0, untilMs);
  const endsAtMs = Math.min(untilMs, atMs + dice.oneOf([100, 1_000, 3_000, 6_000, 15_000, 30_000]) + dice.whole(0, 500));
  const server = dice.oneOf(chatServers);
  const sessions = restores && dice.chance(0.4) ? 'restored' : 'lost';
  switch (
    dice.oneOf(['crash', 'crash', 'crash', 'all', 'flap', 'slow', 'link', 'interactionServer', 'gateway', 'misconfigure', 'limit'] as const)
  ) {
    case 'crash':
      return [
        { atMs, crash: server },
        { atMs: endsAtMs, start: server, sessions },
      ];
    case 'all':
      return chatServers.flatMap((each): readonly ScenarioEvent[] => [
        { atMs, crash: each },
        { atMs: endsAtMs, start: each, sessions },
      ]);
    case 'flap':
      return [drawFlapping(dice, atMs, untilMs, server)];
    case 'slow':
      return [
        { atMs, slow: server, extraMs: dice.oneOf([50, 400, 1_500, 5_000]) },
        { atMs: endsAtMs, slow: server, extraMs: null },
      ];
    case 'link':
      return [
        { atMs, link: server, state: 'down' },
        { atMs: endsAtMs, link: server, state: 'up' },
      ];
    case 'interactionServer':
      return [
        { atMs, interactionServer: 'down' },
        { atMs: endsAtMs, interactionServer: 'up' },
      ];
    case 'gateway':
      return [
        { atMs, gateway: 'down' },
        { atMs: endsAtMs, gateway: 'up' },
      ];
    case 'misconfigure':
      return [
        { atMs, misconfigure: dice.oneOf(['chat_server_not_found', 'session_not_found'] as const) },
        { atMs: endsAtMs, misconfigure: 'nothing' },
      ];
    case 'limit':
      return [
        { atMs, limit: server, maxSessions: dice.whole(0, 10) },
        { atMs: endsAtMs, limit: server, maxSessions: null },
      ];
  }
}

/** Chat Servers that are down as the service begins, which never saw them alive. */
function drawColdStart(dice: Dice, untilMs: number, chatServers: readonly string[]): readonly ScenarioEvent[] {
  const down = dice.chance(0.5) ? chatServers : [dice.oneOf(chatServers)];
  const backAtMs = dice.whole(dice.oneOf([1, Math.floor(untilMs / 2)]), untilMs);
  return down.flatMap((each): readonly ScenarioEvent[] => [
    { atMs: 0, crash: each },
    { atMs: backAtMs, start: each, sessions: 'lost' },
  ]);
}

/** Over by `untilMs`, so that everything can be repaired for good then. */
function drawFlapping(dice: Dice, atMs: number, untilMs: number, flap: string): ScenarioEvent {
  const downMs = dice.oneOf([50, 400, 2_000]);
  const upMs = dice.oneOf([50, 400, 2_000]);
  const times = Math.max(1, Math.min(dice.whole(1, 8), Math.floor((untilMs - atMs) / (downMs + upMs))));
  return { atMs, flap, downMs, upMs, times };
}
