import type { JudgedProbe } from './judged-probe.ts';
import { percentile } from './percentile.ts';

export interface ChatCounts {
  /** Chats that were living at one verdict at least, and those of them that were stopped living. */
  readonly living: number;
  readonly livingStopped: number;
  /** Chats that were dead at one verdict at least, and those of them that were stopped dead. */
  readonly ghosts: number;
  readonly ghostsStopped: number;
}

/** What ghosts cost the agents. A question that a second caller asks brings no second visit. */
export interface AgentCounts {
  /** How often a chat whose customer was gone was routed to an agent. */
  readonly ghostVisits: number;
  /** Those whose Chat Server was down when the question came. */
  readonly ofServerDown: number;
  readonly minutesLost: number;
}

/** Questions about ghosts of a Chat Server that was down, after its first ghost had been stopped as orphaned. */
export interface KnownDown {
  readonly asked: number;
  /** 95 of 100 of them took no longer. */
  readonly p95Ms: number;
}

export function chatCounts(probes: readonly JudgedProbe[]): ChatCounts {
  const count = (counts: (probe: JudgedProbe) => boolean): number => new Set(probes.filter(counts).map(({ id }) => id)).size;
  return {
    living: count(({ living }) => living),
    livingStopped: count(({ living, verdict }) => living && verdict === 'stop'),
    ghosts: count(({ living }) => !living),
    ghostsStopped: count(({ living, verdict }) => !living && verdict === 'stop'),
  };
}

const MINUTE_MS = 60_000;

export function agentCounts(dead: readonly JudgedProbe[], handleMs: number): AgentCounts {
  const visits = dead.filter(({ verdict, isSecond }) => verdict === 'route' && !isSecond);
  const ofServerDown = visits.filter(({ toServerDown }) => toServerDown).length;
  return { ghostVisits: visits.length, ofServerDown, minutesLost: Math.round((visits.length * handleMs) / MINUTE_MS) };
}

export function knownDownIn(dead: readonly JudgedProbe[]): KnownDown | null {
  const stopped = dead.filter(
    ({ verdict, reason, toServerDown }) => verdict === 'stop' && reason === 'chat_server_not_found' && toServerDown,
  );
  const sinceMs = new Map<string | null, number>();
  for (const { chatServer, startedAtMs, elapsedMs } of stopped)
    sinceMs.set(chatServer, Math.min(startedAtMs + elapsedMs, sinceMs.get(chatServer) ?? Number.POSITIVE_INFINITY));
  const later = dead.filter(
    (probe) => probe.toServerDown && probe.startedAtMs >= (sinceMs.get(probe.chatServer) ?? Number.POSITIVE_INFINITY),
  );
  if (later.length === 0) return null;
  const elapsedMs = later.map((probe) => probe.elapsedMs).sort((a, b) => a - b);
  return { asked: later.length, p95Ms: Math.round(percentile(elapsedMs, 0.95)) };
}
