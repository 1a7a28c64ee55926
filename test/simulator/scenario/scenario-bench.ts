import type { Scenario } from '../../../lab/simulator/scenario/scenario.ts';
import { createScenarioWorld } from '../../../lab/simulator/world/scenario-world.ts';
import type { SessionView } from '../../../lab/simulator/world/session.ts';
import type { World, WorldAnswer } from '../../../lab/simulator/world/world.ts';
import type { EspRequest } from '../../../src/probe/esp.ts';
import type { VirtualClock } from '../../../src/probe/virtual-clock.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { requestFor } from '../sample-request.ts';

const CALM: Scenario = {
  name: 'calm',
  description: 'Two Chat Servers with N+1, and nothing happens of itself.',
  seed: 1,
  highAvailability: 'n+1',
  chatServers: ['A', 'B'],
  backups: {},
  switchOverMs: 3_000,
  connectMs: 0,
  clients: {
    returnMs: [5_000, 5_000],
    retryMs: 1_000,
    disconnectMs: 45_000,
    sessionRestoreExtendBy: 'none',
    staleMs: [1_000, 1_000],
    leaveShare: 0,
  },
  byType: 'first',
  latencyMs: { least: 0, most: 0 },
  interactionServer: { reconnectMs: 2_000 },
  chats: { onlineShare: 1, staleShare: 0, arrivePerSecond: 0, arriveForMs: 3_600_000, queueMs: 5_000 },
  events: [],
  agents: { again: 'none', handleMs: 60_000, returnMs: 5_000, forMs: 3_600_000 },
  probes: { fromMs: 0, withinMs: 60_000, byName: true, doubledShare: 0, doubledWithinMs: 1_000, deafShare: 0 },
  target: {
    ha: true,
    singleChatServer: false,
    onChatServerDown: 'auto',
    restoreWindowMs: 45_000,
    confirmAfterMs: 1_000,
    onUnrecognised: 'route',
    requireDelivery: true,
  },
  operator: { releaseGuardAtMs: [] },
  service: { stalls: [] },
};

/** A calm scenario, but for what a test wants otherwise. Clients return after 5 s, user data follow 1 s later. */
export function calmScenario({ clients, chats, ...others }: ScenarioChanges = {}): Scenario {
  return { ...CALM, ...others, clients: { ...CALM.clients, ...clients }, chats: { ...CALM.chats, ...chats } };
}

export type ScenarioChanges = Partial<Omit<Scenario, 'clients' | 'chats'>> & {
  readonly clients?: Partial<Scenario['clients']>;
  readonly chats?: Partial<Scenario['chats']>;
};

export interface ScenarioBench {
  readonly clock: VirtualClock;
  readonly world: World;
  /** Moves time on to so many milliseconds since the world began. */
  until(ms: number): Promise<void>;
  /** Asks about one chat and waits for the answer; by type with null. */
  ask(id: string, appName: string | null): Promise<WorldAnswer>;
  send(request: EspRequest, timeoutMs?: number): Promise<WorldAnswer>;
  /** A chat that there must be. */
  chat(id: string): SessionView;
}

/** The world of a scenario in virtual time, without chats but those asked for. */
export function scenarioBench(changes: ScenarioChanges = {}, chats = 0): ScenarioBench {
  const clock = createVirtualClock();
  const world = createScenarioWorld({ clock, scenario: calmScenario(changes), chats });
  const send = (request: EspRequest, timeoutMs = 10_000): Promise<WorldAnswer> =>
    clock.drive(world.ask(request, timeoutMs, new AbortController().signal));
  return {
    clock,
    world,
    send,
    until: (ms) => clock.advance(ms - clock.nowMs()),
    ask: (id, appName) => send(requestFor(id, appName)),
    chat(id) {
      const view = world.session(id);
      if (view === null) throw new Error(`the world has no chat ${id}`);
      return view;
    },
  };
}

/** What an answer comes down to. */
export function gistOf(answer: WorldAnswer): string {
  if (answer.kind !== 'reply') return answer.kind;
  const { reply } = answer;
  if (reply.kind === 'response') return 'delivered';
  return reply.kind === 'fault' ? `fault ${reply.faultCode}` : `error ${reply.errorCode}: ${reply.errorMessage}`;
}
