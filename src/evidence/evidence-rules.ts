import type { Reason } from '../probe/reasons.ts';
import type { Verdict } from '../probe/verdict.ts';

/* What goes for records wherever they are kept: which are asked for, in which order they stand, and which give way first. */

/** Of all records of a kind, those that stops never have to give to others. */
export const SHARE_OF_STOPS = 0.75;
/** One chat that is asked about all the time must not drive out all others. */
export const MOST_OF_ONE_CHAT = 100;

/** Which records are asked for; null where it does not matter. */
export interface EvidenceFilter {
  readonly verdict: Verdict | null;
  readonly reason: Reason | null;
  readonly target: string | null;
  readonly chatServer: string | null;
  readonly sinceMs: number | null;
}

/** What of a record the filter goes by. */
export interface Facets {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly target: string;
  readonly chatServer: string | null;
  readonly atMs: number;
}

export function matches(filter: EvidenceFilter, { verdict, reason, target, chatServer, atMs }: Facets): boolean {
  if (filter.verdict !== null && filter.verdict !== verdict) return false;
  if (filter.reason !== null && filter.reason !== reason) return false;
  if (filter.target !== null && filter.target !== target) return false;
  if (filter.chatServer !== null && filter.chatServer !== chatServer) return false;
  return filter.sinceMs === null || atMs >= filter.sinceMs;
}

/** Where a record stands among all, of whichever replica. */
export interface Position {
  /** Microseconds since 1970, about: it grows with each record of a replica, whatever its clock does. */
  readonly order: number;
  readonly probeId: string;
}

/** Whether the first is older than the other. */
export function isOlder(one: Position, other: Position): boolean {
  return one.order < other.order || (one.order === other.order && one.probeId < other.probeId);
}

/** For sorting, the newest first. */
export function newestFirst(one: Position, other: Position): number {
  return isOlder(one, other) ? 1 : -1;
}
