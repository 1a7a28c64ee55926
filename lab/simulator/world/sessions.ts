import type { Agenda } from './agenda.ts';
import type { Draw } from './chance.ts';
import { drawWithin } from './chance.ts';
import type { ChatServer } from './chat-server.ts';
import type { Session, SessionStatus } from './session.ts';

/** Every chat that there is or was, and what can become of one. It keeps sessions and the sets of their Chat Servers in step. */
export interface Sessions {
  /** By id, in the order in which they came. */
  readonly all: ReadonlyMap<string, Session>;
  /** A chat that is new to the world; its id must be. */
  add(id: string, host: ChatServer, status: SessionStatus, why: string): void;
  /** Runs a session on a Chat Server; the interaction's `ChatServerAppName` follows some time later. */
  place(session: Session, host: ChatServer, why: string): void;
  /** Takes a session from the Chat Server that crashed. */
  interrupt(session: Session, why: string): void;
  /** Ends a session for good. */
  end(session: Session, status: 'closed' | 'lost', why: string): void;
}

/** @param staleMs least and most that an interaction still shows the old name, in milliseconds. */
export function createSessions(agenda: Agenda, staleMs: readonly [number, number], draw: Draw): Sessions {
  const all = new Map<string, Session>();

  const turn = (session: Session, status: SessionStatus, why: string): void => {
    session.host.running.delete(session);
    session.status = status;
    session.sinceMs = agenda.nowMs();
    session.why = why;
  };
  /** What was to be shown for a place that the session has left since, or that crashed in time, is never written. */
  const showLater = (session: Session): void => {
    const { moves } = session;
    agenda.at(agenda.nowMs() + drawWithin(draw, staleMs), () => {
      if (session.status === 'live' && session.moves === moves) session.shownHost = session.host.name;
    });
  };

  return {
    all,
    add(id, host, status, why) {
      const session: Session = {
        id,
        status,
        host,
        sinceMs: agenda.nowMs(),
        why,
        shownHost: host.name,
        moves: 0,
        losses: 0,
        isClientAway: false,
        transcript: [],
      };
      all.set(id, session);
      if (status === 'live') host.running.add(session);
    },
    place(session, host, why) {
      turn(session, 'live', why);
      session.host = host;
      session.moves += 1;
      host.running.add(session);
      if (session.shownHost !== host.name) showLater(session);
    },
    interrupt: (session, why) => turn(session, 'interrupted', why),
    end(session, status, why) {
      turn(session, status, why);
      // Whoever is still looking for a place finds nothing to return to.
      session.isClientAway = false;
    },
  };
}
