import type { Session } from './session.ts';

/** One Chat Server, as it is at one moment. */
export interface ChatServerView {
  readonly name: string;
  readonly status: 'up' | 'down';
  /** Whether Interaction Server is connected to it; never to the backup of a pair. */
  readonly connected: boolean;
  /** How many sessions it runs. */
  readonly sessions: number;
  /** What its messages take longer, null if it is as fast as ever. */
  readonly latencyMs: number | null;
  /** Most sessions that it takes, null for no limit. */
  readonly maxSessions: number | null;
}

/** One Chat Server as the model keeps it. */
export interface ChatServer {
  readonly name: string;
  /** The other one of a pair of primary and backup, null if it stands alone. */
  mate: ChatServer | null;
  /** False while the other one of the pair is the primary. */
  isPrimary: boolean;
  isUp: boolean;
  /** Counts its starts, so that what was planned for an outage that is over is seen to be out of date. */
  starts: number;
  /** When it started last, in ms since the world began; long ago where it was there from the beginning. */
  startedAtMs: number;
  /** Whether Interaction Server has it, provided that it is up and the primary. */
  isLinked: boolean;
  /** Whether the link between the two is lost. */
  isLinkLost: boolean;
  /** Counts the connections planned, so that an earlier plan is seen to be out of date. */
  linkings: number;
  extraMs: number | null;
  maxSessions: number | null;
  readonly running: Set<Session>;
  /** What it ran when it crashed last; some of it may be elsewhere or over by now. */
  interrupted: readonly Session[];
  /** What it brings back when it is connected. */
  returning: readonly Session[];
}

/** Chat Servers in the order given, all of them up. A backup is not the primary. */
export function createChatServers(names: readonly string[], backups: Readonly<Record<string, string>>): ReadonlyMap<string, ChatServer> {
  const isBackup = new Set(Object.values(backups));
  const servers = new Map(names.map((name) => [name, createChatServer(name, !isBackup.has(name))]));
  for (const [primary, backup] of Object.entries(backups)) {
    pair(servers.get(primary), servers.get(backup));
  }
  return servers;
}

/** Whether Interaction Server has it: of a pair it is connected to the primary only (docs/genesys.md, "High availability"). */
export function isConnected({ isUp, isPrimary, isLinked }: ChatServer): boolean {
  return isUp && isPrimary && isLinked;
}

export function hasRoom({ maxSessions, running }: ChatServer): boolean {
  return maxSessions === null || running.size < maxSessions;
}

/** A copy: what happens later does not show in it. */
export function viewOfChatServer(server: ChatServer): ChatServerView {
  const { name, isUp, running, extraMs, maxSessions } = server;
  return {
    name,
    status: isUp ? 'up' : 'down',
    connected: isConnected(server),
    sessions: running.size,
    latencyMs: extraMs,
    maxSessions,
  };
}

function createChatServer(name: string, isPrimary: boolean): ChatServer {
  return {
    name,
    mate: null,
    isPrimary,
    isUp: true,
    starts: 0,
    startedAtMs: Number.NEGATIVE_INFINITY,
    isLinked: true,
    isLinkLost: false,
    linkings: 0,
    extraMs: null,
    maxSessions: null,
    running: new Set(),
    interrupted: [],
    returning: [],
  };
}

function pair(one: ChatServer | undefined, other: ChatServer | undefined): void {
  if (one === undefined || other === undefined) return;
  one.mate = other;
  other.mate = one;
}
