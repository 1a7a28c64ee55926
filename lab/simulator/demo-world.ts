import type { Clock } from '../../src/probe/clock.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { World } from './world/world.ts';
import { createWorldControl } from './world/world-control.ts';
import { playWorld } from './world/world-play.ts';
import { createWorldState } from './world/world-state.ts';

/** One chat to try, and what it shows. */
export interface DemoChat {
  readonly id: string;
  /** The interaction's `ChatServerAppName`. */
  readonly chatServer: string;
  readonly shows: string;
}

/** The ids of the demo world. */
export const DEMO_CHATS = {
  live: { id: '0006Ka9HFHRR0T2B', chatServer: 'ChatServer_1', shows: 'a live session: the message is delivered' },
  lost: { id: '02JH8H2FE3Q3T00E', chatServer: 'ChatServer_1', shows: 'a session lost by a restart of its Chat Server: fault 100' },
  stranded: { id: '0000GaBNKN2Q0021', chatServer: 'ChatServer_2', shows: 'a Chat Server that is down and stays down: EventError 1' },
  restored: {
    id: '100p9yPPb8H4YWhX',
    chatServer: 'ChatServer_3',
    shows: 'a Chat Server that goes down when first asked and is back, session restored, 3 s later',
  },
} as const satisfies Record<string, DemoChat>;

/** How long `ChatServer_3` is down. */
export const DEMO_OUTAGE_MS = 3_000;

export interface DemoWorldParts {
  readonly clock: Clock;
  /** Whole number; the same seed gives the same latencies. */
  readonly seed: number;
  /** Least and most milliseconds that a message travels, both included; whole numbers. */
  readonly latencyMs?: readonly [number, number];
}

/** The world of the demo, fresh: what one world goes through, another does not notice. */
export function createDemoWorld({ clock, seed, latencyMs = [1, 5] }: DemoWorldParts): World {
  const { live, lost, stranded, restored } = DEMO_CHATS;
  const state = createWorldState(demoScenario(seed, latencyMs), seed);
  const { agenda, outages, sessions, servers } = state;
  const control = createWorldControl(state);

  for (const { id, chatServer } of [live, restored]) control.openSession(id, chatServer);
  for (const { id, chatServer } of [lost, stranded]) {
    const host = servers.get(chatServer);
    if (host !== undefined) sessions.add(id, host, 'lost', 'its Chat Server crashed before the world began');
  }
  control.crash(stranded.chatServer);

  const fragile = servers.get(restored.chatServer);
  let isAsked = false;
  // From the moment it is asked, not reached: so a second attempt 3 s after the first finds it up, however long either travels.
  const beforeAsk = (chatServer: string, askedAtMs: number): void => {
    if (isAsked || chatServer !== fragile?.name) return;
    isAsked = true;
    control.crash(chatServer);
    agenda.at(askedAtMs + DEMO_OUTAGE_MS, () => {
      if (!fragile.isUp) outages.start(fragile, 'restored');
    });
  };
  return playWorld({ clock, state, control, beforeAsk });
}

/** The web clients of the demo never find another Chat Server, so that each id shows one thing only. */
function demoScenario(seed: number, [least, most]: readonly [number, number]): Scenario {
  return {
    name: 'demo',
    description: 'One chat for each answer that there is.',
    seed,
    highAvailability: 'n+1',
    chatServers: ['ChatServer_1', 'ChatServer_2', 'ChatServer_3'],
    backups: {},
    switchOverMs: 0,
    connectMs: 0,
    clients: {
      returnMs: [60_000, 60_000],
      retryMs: 1_000,
      disconnectMs: 45_000,
      sessionRestoreExtendBy: 'none',
      staleMs: [0, 0],
      leaveShare: 0,
    },
    byType: 'first',
    latencyMs: { least, most },
    interactionServer: { reconnectMs: 0 },
    chats: { onlineShare: 1, staleShare: 0, arrivePerSecond: 0, arriveForMs: 0, queueMs: 0 },
    events: [],
    agents: { again: 'none', handleMs: 0, returnMs: 0, forMs: 0 },
    probes: { fromMs: 0, withinMs: 1, byName: true, doubledShare: 0, doubledWithinMs: 0, deafShare: 0 },
    target: {
      ha: true,
      singleChatServer: true,
      onChatServerDown: 'stop',
      restoreWindowMs: 45_000,
      confirmAfterMs: 1_000,
      onUnrecognised: 'route',
      requireDelivery: false,
    },
    operator: { releaseGuardAtMs: [] },
    service: { stalls: [] },
  };
}
