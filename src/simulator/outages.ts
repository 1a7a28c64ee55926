import type { Agenda } from './agenda.ts';
import type { ChatServer } from './chat-server.ts';
import type { Scenario } from './scenario.ts';
import type { Sessions } from './sessions.ts';
import type { WebClients } from './web-clients.ts';

/** What happens when Chat Servers crash and start (docs/world.md, "Chat Servers"). */
export interface Outages {
  /** A Chat Server that is up crashes. */
  crash(server: ChatServer): void;
  /** A Chat Server that is down starts, with the sessions of its last crash or empty. */
  start(server: ChatServer, sessions: 'lost' | 'restored'): void;
}

export interface OutagesParts {
  readonly agenda: Agenda;
  readonly scenario: Scenario;
  readonly sessions: Sessions;
  readonly clients: WebClients;
  isInteractionServerUp(): boolean;
}

export function createOutages({ agenda, scenario, sessions, clients, isInteractionServerUp }: OutagesParts): Outages {
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
      server.interrupted = isRestorable ? hit : [];
      for (const session of hit) {
        if (isRestorable) sessions.interrupt(session, `${server.name} crashed`);
        else sessions.end(session, 'lost', `${server.name} crashed, without high availability`);
      }
      for (const session of server.interrupted) clients.lost(session);
      if (server.isPrimary) switchOverFrom(server);
    },
    start(server, how) {
      const own = server.interrupted.filter(({ status, host }) => status === 'interrupted' && host === server);
      server.isUp = true;
      server.starts += 1;
      server.isLinked = isInteractionServerUp();
      server.interrupted = [];
      const { mate, isPrimary } = server;
      // Where the other one of the pair has taken over, sessions are restored there.
      for (const session of how === 'restored' && isPrimary ? own : []) {
        clients.found(session);
        sessions.place(session, server, `${server.name} started with its sessions`);
      }
      if (mate !== null && !isPrimary && !mate.isUp) switchOverFrom(mate);
    },
  };
}
