import type { GuardSettings } from '../settings.ts';

/** How long a delivery shows that a Chat Server is in use, and a "not found" that one may just have crashed. */
const LATELY_MS = 600_000;

/** A question about a chat whose first answer was bad. */
export interface BadFirstAnswer {
  readonly interactionId: string;
  readonly chatServer: string | null;
  /** True for fault 100, false where its Chat Server was not found. */
  readonly isFault: boolean;
}

/**
 * Counts chats in a row whose first answer was bad, with no message delivered in between. First answers come seconds before the
 * first stop, and hide behind no retry. Where answers can be trusted, living chats are among them all the time; of many in a row
 * without one, more is wrong than the chats. Moments are on one monotonic clock, in ms.
 */
export interface FirstAnswers {
  delivered(chatServer: string | null, nowMs: number): void;
  /** Some Chat Server was not found. */
  sawDown(nowMs: number): void;
  bad(answer: BadFirstAnswer, probeStartedAtMs: number): void;
  /** Whether there are too many to be believed. Once there are, there are until the next delivery. */
  areTooMany(nowMs: number): boolean;
}

/**
 * Where at least two Chat Servers have delivered lately, the bad answers must name two: else it may be one that crashed. Where only
 * one has, a crash of it looks like a target that is wrong; then only fault 100 counts, as long as nothing was seen down.
 *
 * @param settings `badFirstAnswers`: how many may pass.
 */
export function createFirstAnswers(settings: Pick<GuardSettings, 'badFirstAnswers'>): FirstAnswers {
  const chats = new Set<string>();
  const faults = new Set<string>();
  const servers = new Set<string | null>();
  /** When the latest probe among them began. */
  let newestMs = Number.NEGATIVE_INFINITY;
  let deliveredAtMs = Number.NEGATIVE_INFINITY;
  let downAtMs = Number.NEGATIVE_INFINITY;
  /** Who delivered last, and the last one of another name. */
  let latest: { readonly name: string; readonly atMs: number } | null = null;
  let other: { readonly name: string; readonly atMs: number } | null = null;
  let wereTooMany = false;
  const areTooMany = (nowMs: number): boolean => {
    const most = settings.badFirstAnswers;
    const isInUse = other !== null && nowMs - other.atMs <= LATELY_MS;
    if (isInUse) return chats.size > most && servers.size > 1;
    return faults.size > most && nowMs - downAtMs > LATELY_MS;
  };

  return {
    delivered(chatServer, nowMs) {
      deliveredAtMs = Math.max(deliveredAtMs, nowMs);
      if (chatServer !== null) {
        if (latest !== null && latest.name !== chatServer) other = latest;
        latest = { name: chatServer, atMs: nowMs };
      }
      // That of another replica may be told when what began after it has been counted: it says nothing of that.
      if (servers.size === 0 || nowMs < newestMs) return;
      chats.clear();
      faults.clear();
      servers.clear();
      wereTooMany = false;
    },
    sawDown(nowMs) {
      downAtMs = Math.max(downAtMs, nowMs);
    },
    bad({ interactionId, chatServer, isFault }, probeStartedAtMs) {
      if (probeStartedAtMs < deliveredAtMs) return;
      const most = settings.badFirstAnswers;
      newestMs = Math.max(newestMs, probeStartedAtMs);
      if (chats.size <= most) chats.add(interactionId);
      if (isFault && faults.size <= most) faults.add(interactionId);
      if (servers.size < 2) servers.add(chatServer);
    },
    areTooMany(nowMs) {
      // Neither time nor one more bad answer shows that they can be believed after all.
      wereTooMany ||= areTooMany(nowMs);
      return wereTooMany;
    },
  };
}
