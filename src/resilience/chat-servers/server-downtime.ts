import type { TargetRules } from '../../probe/target.ts';
import type { Withholding } from '../events.ts';
import { type Liveness, MAX_SIGN_GAP_MS } from './liveness.ts';
import type { Newcomers } from './newcomers.ts';

/**
 * How long, beyond the restore window, user data may still show the name of a Chat Server that fell. An assumption: how
 * fast it follows is not documented.
 */
const USER_DATA_LAG_MS = 5_000;

/** How recently another Chat Server must have lived: else it may be Interaction Server that has lost sight of all. */
const WITNESS_MS = 15_000;

/** How long after a Chat Server fell a living chat may still be asked for under its name, or be on its way to another one. */
export function unsettledMs({ restoreWindowMs }: TargetRules): number {
  // Of a window shorter than usual the same share, so that it is not mostly lag.
  return restoreWindowMs + Math.min(USER_DATA_LAG_MS, restoreWindowMs / 9);
}

/** Why an orphan is not stopped, whatever rule says so. */
export type Hold = Extract<Withholding, 'restoring' | 'out_of_sight' | 'still_used'>;

/** What is known of one Chat Server. */
export interface KnownServer {
  /** Null where messages go by type. */
  readonly name: string | null;
  readonly liveness: Omit<Liveness, 'observe'>;
  readonly newcomers: Pick<Newcomers, 'isStillUsed'>;
}

/** What all that is known of the Chat Servers of one target says of one that is not found. */
export interface ServerDowntime {
  /** See `ChatServer.mayHaveMoved`. */
  mayHaveMoved(server: KnownServer, probeStartedAtMs: number): boolean;
  /**
   * What speaks against stopping an orphan: its Chat Server, null if it is not remembered, has not been down for long enough before the
   * probe began, no other one is known to live, or new chats go on naming it.
   */
  holdOf(server: KnownServer | null, probeStartedAtMs: number, nowMs: number): Hold | null;
  /** Whether it has been down for so long, and others live, that nobody can be restored from it any more. */
  isKnown(server: KnownServer, probeStartedAtMs: number, nowMs: number): boolean;
}

/** @param some whether any of the Chat Servers that are remembered fulfils the condition. */
export function createServerDowntime(rules: TargetRules, some: (condition: (server: KnownServer) => boolean) => boolean): ServerDowntime {
  const outlastsMs = unsettledMs(rules);
  const hasWitness = (nowMs: number): boolean =>
    some(({ name, liveness }) => name !== null && liveness.signal === 'alive' && nowMs - liveness.seenAliveAtMs <= WITNESS_MS);
  const holdOf: ServerDowntime['holdOf'] = (server, probeStartedAtMs, nowMs) => {
    if (server === null || downSinceMs(server.liveness, nowMs) + outlastsMs > probeStartedAtMs) return 'restoring';
    // By type, "not found" says that none at all is there.
    if (server.name === null || !hasWitness(nowMs)) return 'out_of_sight';
    return server.newcomers.isStillUsed(nowMs) ? 'still_used' : null;
  };
  return {
    mayHaveMoved: ({ liveness }, probeStartedAtMs) => probeStartedAtMs - liveness.seenDownAtMs < outlastsMs,
    holdOf,
    isKnown(server, probeStartedAtMs, nowMs) {
      if (!mayRestore(rules)) return false;
      const hold = holdOf(server, probeStartedAtMs, nowMs);
      return hold === null || hold === 'still_used';
    },
  };
}

/** Where there is nowhere to restore to, the site's rule is followed to the letter. */
export function mayRestore({ ha, singleChatServer }: TargetRules): boolean {
  return ha && !singleChatServer;
}

/** Since when it has been down without a break, as far as the answers tell; Infinity if it is not known to be. */
function downSinceMs(liveness: KnownServer['liveness'], nowMs: number): number {
  if (nowMs - liveness.seenDownAtMs > MAX_SIGN_GAP_MS) return Number.POSITIVE_INFINITY;
  // An answer that was overtaken is a sign of life all the same.
  return Math.max(liveness.downSinceMs, liveness.seenAliveAtMs);
}
