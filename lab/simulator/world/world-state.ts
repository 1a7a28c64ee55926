import type { Scenario } from '../scenario/scenario.ts';
import type { Agenda } from './agenda.ts';
import { createAgenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import { createChance } from './chance.ts';
import type { ChatServer } from './chat-server.ts';
import { createChatServers, hasRoom, isConnected } from './chat-server.ts';
import type { Connections } from './connections.ts';
import { createConnections } from './connections.ts';
import type { Outages } from './outages.ts';
import { createOutages } from './outages.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { createSessions } from './sessions.ts';
import { createWebClients } from './web-clients.ts';
import type { Misconfiguration } from './world.ts';

/** What lies between the probe and the Chat Servers. */
export interface Surroundings {
  gateway: 'up' | 'down';
  interactionServer: 'up' | 'down';
  /** What every message is answered, whatever is the case; null where the target is configured well. */
  misconfiguration: Misconfiguration | null;
}

/** Everything that is the case in one world, and the rules by which it changes. It has no clock: its agenda is told the time. */
export interface WorldState {
  readonly scenario: Scenario;
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly surroundings: Surroundings;
  /** By name, in the order of the scenario. */
  readonly servers: ReadonlyMap<string, ChatServer>;
  readonly sessions: Sessions;
  readonly outages: Outages;
  readonly links: Connections;
  /** Chat Servers that could restore a session now: connected and with room; of a pair, only its own. */
  placesFor(session: Session): readonly ChatServer[];
}

/** A world at 0 in which everything is up and nobody chats. Its events are not on the agenda yet. */
export function createWorldState(scenario: Scenario, seed: number): WorldState {
  const agenda = createAgenda();
  const chance = createChance(seed);
  const surroundings: Surroundings = { gateway: 'up', interactionServer: 'up', misconfiguration: null };
  const servers = createChatServers(scenario.chatServers, scenario.backups);
  const sessions = createSessions(agenda, scenario.clients.staleMs, chance.clients);

  const inPairs = scenario.highAvailability === 'primary-backup';
  const all = [...servers.values()];
  const placesFor = ({ host }: Session): readonly ChatServer[] =>
    all.filter((server) => isConnected(server) && hasRoom(server) && (!inPairs || server === host || server === host.mate));

  const clients = createWebClients({ agenda, draw: chance.clients, clients: scenario.clients, sessions, placesFor });
  const { leaveShare } = scenario.clients;
  const leaves = (): boolean => leaveShare > 0 && chance.leavers() < leaveShare;
  const links = createConnections({ agenda, scenario, servers: all, linked: (server) => outages.linked(server) });
  const outages = createOutages({ agenda, scenario, sessions, clients, leaves, connect: links.started });
  return { scenario, agenda, chance, surroundings, servers, sessions, outages, links, placesFor };
}
