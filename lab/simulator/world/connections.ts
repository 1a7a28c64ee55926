import type { Scenario } from '../scenario/scenario.ts';
import type { Agenda } from './agenda.ts';
import type { ChatServer } from './chat-server.ts';

/** To which Chat Servers Interaction Server is connected (docs/world.md, "Chat Servers" and "Interaction Server and the gateway"). */
export interface Connections {
  /** A Chat Server has started: it is connected after its time, not before Interaction Server takes connections. */
  started(server: ChatServer): void;
  /** Interaction Server went down: nobody is connected, nor will be. */
  cut(): void;
  /** Interaction Server came up: it takes connections after its time, all of them together. */
  reopened(): void;
  /** The link to this Chat Server is lost, whatever becomes of the two. */
  lost(server: ChatServer): void;
  /** The link is there again. */
  found(server: ChatServer): void;
}

export interface ConnectionsParts {
  readonly agenda: Agenda;
  readonly scenario: Scenario;
  readonly servers: Iterable<ChatServer>;
  /** Told of each Chat Server in the moment in which it is connected. */
  linked(server: ChatServer): void;
}

export function createConnections({ agenda, scenario, servers, linked }: ConnectionsParts): Connections {
  const all = [...servers];
  /** From when on Interaction Server takes connections, in ms since the world began; infinite while it is down. */
  let opensAtMs = 0;

  /** What was planned before for this Chat Server is out of date. */
  const link = (server: ChatServer): void => {
    server.isLinked = false;
    server.linkings += 1;
    const { linkings } = server;
    const connect = (): void => {
      if (server.linkings !== linkings) return;
      server.isLinked = true;
      linked(server);
    };
    const dueMs = server.isLinkLost ? Number.POSITIVE_INFINITY : Math.max(opensAtMs, server.startedAtMs + scenario.connectMs);
    if (dueMs <= agenda.nowMs()) connect();
    else if (dueMs < Number.POSITIVE_INFINITY) agenda.at(dueMs, connect);
  };

  return {
    started(server) {
      server.startedAtMs = agenda.nowMs();
      link(server);
    },
    cut() {
      opensAtMs = Number.POSITIVE_INFINITY;
      for (const server of all) link(server);
    },
    reopened() {
      opensAtMs = agenda.nowMs() + scenario.interactionServer.reconnectMs;
      for (const server of all) link(server);
    },
    lost(server) {
      server.isLinkLost = true;
      link(server);
    },
    found(server) {
      server.isLinkLost = false;
      link(server);
    },
  };
}
