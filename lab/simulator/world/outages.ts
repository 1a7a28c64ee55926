import type { Scenario } from '../scenario/scenario.ts';
import type { Agenda } from './agenda.ts';
import type { ChatServer } from './chat-server.ts';
import { hasRoom, isConnected } from './chat-server.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { WebClients } from './web-clients.ts';

/** What happens when Chat Servers crash and start (docs/world.md, "Chat Servers"). */
export interface Outages {
  /** A Chat Server that is up crashes. */
  crash(server: ChatServer): void;
  /** A Chat Server that is down starts, empty or, once it is connected, with the sessions of its last crash. */
  start(server: ChatServer, sessions: 'lost' | 'restored'): void;
  /** A Chat Server is connected to Interaction Server, and takes back what it has room for. */
  linked(server: ChatServer): void;
}

export interface OutagesParts {
  readonly agenda: Agenda;
  readonly scenario: Scenario;
  readonly sessions: Sessions;
  readonly clients: WebClients;
  /** Whether the customer of a chat that breaks leaves for good; drawn for each. */
  leaves(): boolean;
  /** Plans when a Chat Server that has just started is connected. */
  connect(server: ChatServer): void;
}

export function createOutages({ agenda, scenario, sessions, clients, leaves, connect }: OutagesParts): Outages {
  const isRestorable = scenario.highAvailability !== 'none';

  /** After its time the backup takes over from a primary that is still down, if it is up itself. */
  const switchOverFrom = (primary: ChatServer): void => {
    const { starts, mate } = primary;
    if (mate === null) return;
    agenda.at(agenda.nowMs() + scenario.switchOverMs, () => {
      if (primary.starts !== starts || !mate.isUp || !primary.isPrimary) return;
      primary.isPrimary = false;
      mate.isPrimary = true;
    });
  };

  return {
    crash(server) {
      const hit = [...server.running];
      server.isUp = false;
      server.returning = [];
      const stay: Session[] = [];
      for (const session of hit) {
        if (!isRestorable) sessions.end(session, 'lost', `${server.name} crashed, without high availability`);
        else if (leaves()) sessions.end(session, 'lost', `${server.name} crashed, and its customer left`);
        else stay.push(session);
      }
      for (const session of stay) sessions.interrupt(session, `${server.name} crashed`);
      server.interrupted = stay;
      for (const session of server.interrupted) clients.lost(session);
      if (server.isPrimary) switchOverFrom(server);
    },
    start(server, how) {
      const { mate, isPrimary, interrupted } = server;
      server.isUp = true;
      server.starts += 1;
      // Where the other one of the pair has taken over, sessions are restored there.
      server.returning = how === 'restored' && isPrimary ? interrupted : [];
      server.interrupted = [];
      connect(server);
      if (mate !== null && !isPrimary && !mate.isUp) switchOverFrom(mate);
    },
    linked(server) {
      const { returning } = server;
      server.returning = [];
      for (const session of returning) {
        const isStillIts = session.status === 'interrupted' && session.host === server;
        if (!isStillIts || !isConnected(server) || !hasRoom(server)) continue;
        clients.found(session);
        sessions.place(session, server, `${server.name} started with its sessions`);
      }
    },
  };
}
