import type { UserData, Visibility } from '../../../src/probe/esp.ts';
import type { ChatServer } from './chat-server.ts';

/** A message that reached a session. It stays: every delivered probe is a permanent record. */
export interface TranscriptEntry {
  /** When it was delivered, in ms since the world began. */
  readonly atMs: number;
  readonly text: string;
  readonly messageType: string | null;
  readonly visibility: Visibility;
}

/**
 * `live`: a Chat Server runs it;
 * `interrupted`: its Chat Server crashed, and it can still be restored;
 * `closed`: it ended cleanly, and its interaction says so;
 * `lost`: gone for good, although its interaction still says that it is online.
 */
export type SessionStatus = 'live' | 'interrupted' | 'closed' | 'lost';

/** What is really the case, whatever a message would find out. A living chat is one whose customer is present. */
export interface Truth {
  readonly customer: 'present' | 'gone';
  readonly session: 'running' | 'restorable' | 'none';
  /** Since when, in ms since the world began. */
  readonly since: number;
  readonly why: string;
}

/** One chat, as it is at one moment. */
export interface SessionView {
  /** The interaction id. */
  readonly id: string;
  /** Name of the Chat Server that runs it, null if none does. */
  readonly host: string | null;
  readonly status: SessionStatus;
  readonly truth: Truth;
  /** What a workflow would find attached to the interaction now; `ChatServerAppName` may be stale. */
  readonly userData: UserData;
  /** In the order of delivery. */
  readonly transcript: readonly TranscriptEntry[];
}

/** One chat as the model keeps it. Changed by `sessions.ts` and, as to its client, by `web-clients.ts`. */
export interface Session {
  readonly id: string;
  status: SessionStatus;
  /** The Chat Server that runs it, or ran it last. */
  host: ChatServer;
  sinceMs: number;
  why: string;
  /** `ChatServerAppName` as the interaction has it. */
  shownHost: string;
  /** Counts the places it has had, so that what was planned for an earlier one is seen to be out of date. */
  moves: number;
  /** Counts how often its web client has lost its Chat Server, for the same purpose. */
  losses: number;
  /** Whether the web client has lost its Chat Server and not found one yet. */
  isClientAway: boolean;
  readonly transcript: TranscriptEntry[];
}

/** Entries that a transcript keeps: a world that is asked for days must not grow by it. */
export const MAX_TRANSCRIPT = 1_000;

/** Adds a message to the transcript, which keeps the last `MAX_TRANSCRIPT` of them. */
export function recordMessage({ transcript }: Session, entry: TranscriptEntry): void {
  transcript.push(entry);
  if (transcript.length > MAX_TRANSCRIPT) transcript.shift();
}

export function truthOf({ status, sinceMs: since, why }: Session): Truth {
  if (status === 'live') return { customer: 'present', session: 'running', since, why };
  if (status === 'interrupted') return { customer: 'present', session: 'restorable', since, why };
  return { customer: 'gone', session: 'none', since, why };
}

/** A copy: what happens later does not show in it. A server that crashes never sets `IsOnline` back (docs/genesys.md, "The problem"). */
export function viewOfSession(session: Session): SessionView {
  const { id, status, host, shownHost, transcript } = session;
  return {
    id,
    host: status === 'live' ? host.name : null,
    status,
    truth: truthOf(session),
    userData: { ChatServerAppName: shownHost, IsOnline: status === 'closed' ? '0' : '1' },
    transcript: [...transcript],
  };
}
