import type { Scenario } from '../scenario/scenario.ts';
import type { Agenda } from './agenda.ts';
import type { Draw } from './chance.ts';
import { drawOne, drawWithin } from './chance.ts';
import type { ChatServer } from './chat-server.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** What the customers' browsers do when a Chat Server is gone (docs/world.md, "Web clients"). */
export interface WebClients {
  /** The Chat Server that ran the session has crashed: its client will look for another, but not for ever. */
  lost(session: Session): void;
  /** The client has a Chat Server again. */
  found(session: Session): void;
}

export interface WebClientsParts {
  readonly agenda: Agenda;
  readonly draw: Draw;
  readonly clients: Scenario['clients'];
  readonly sessions: Sessions;
  /** Chat Servers that could restore a session now. */
  placesFor(session: Session): readonly ChatServer[];
}

export function createWebClients({ agenda, draw, clients, sessions, placesFor }: WebClientsParts): WebClients {
  /** Does it later, unless the client has a Chat Server by then, or lost it once more. */
  const later = (session: Session, delayMs: number, action: () => void): void => {
    const { losses } = session;
    agenda.at(agenda.nowMs() + delayMs, () => {
      if (session.isClientAway && session.losses === losses) action();
    });
  };
  const found = (session: Session): void => {
    session.isClientAway = false;
  };
  const look = (session: Session): void => {
    // A message by ESP may have been there first: then the client joins the session where it runs.
    if (session.status === 'live') {
      found(session);
      return;
    }
    const place = drawOne(draw, placesFor(session));
    if (place === null) {
      later(session, clients.retryMs, () => look(session));
      return;
    }
    found(session);
    sessions.place(session, place, `its web client returned to ${place.name}`);
  };
  const drop = (session: Session): void => {
    found(session);
    // A Chat Server that runs the session ends it in good order; without one nobody is there to do so.
    if (session.status === 'live') sessions.end(session, 'closed', 'its web client was silent for flex-disconnect-timeout');
    else sessions.end(session, 'lost', 'its web client found no Chat Server within flex-disconnect-timeout');
  };

  return {
    found,
    lost(session) {
      // Restored by ESP and lost again, before the client came: its time goes on running.
      if (session.isClientAway) return;
      session.isClientAway = true;
      session.losses += 1;
      later(session, drawWithin(draw, clients.returnMs), () => look(session));
      later(session, clients.disconnectMs, () => drop(session));
    },
  };
}
