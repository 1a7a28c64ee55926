import type { GuardSettings } from '../settings.ts';

/** How long a delivery shows that a Chat Server is in use, and a "not found" that one may just have crashed. */
const LATELY_MS = 600_000;

/** A question about a chat whose first answer was bad. */
export interface BadFirstAnswer {
  readonly interactionId: string;
  readonly chatServer: string | null;
  /** True for fault 100, false where its Chat Server was not found. */
  readonly isFault: boolean;
  /** True where its Chat Server was seen down before: then a delivery clears also what comes a moment after it. False unless given. */
  readonly isNoNews?: boolean;
}

/** So much shorter than from a first answer to a stop that a target which goes wrong is still found out in time. */
const LIFE_SPEAKS_FOR_MS = 500;

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
  // By when its probe began: a delivery of another replica may be told after the answer of a probe that began later.
  const chats = createNewest<string>();
  const faults = createNewest<string>();
  const servers = createNewest<string | null>();
  const deliverers = createNewest<string>();
  let deliveredAtMs = Number.NEGATIVE_INFINITY;
  let downAtMs = Number.NEGATIVE_INFINITY;
  let wereTooMany = false;
  const areTooMany = (nowMs: number): boolean => {
    const most = settings.badFirstAnswers;
    deliverers.forget((atMs) => nowMs - atMs > LATELY_MS);
    if (deliverers.size > 1) return chats.size > most && servers.size > 1;
    return faults.size > most && nowMs - downAtMs > LATELY_MS;
  };

  return {
    delivered(chatServer, nowMs) {
      deliveredAtMs = Math.max(deliveredAtMs, nowMs);
      if (chatServer !== null) deliverers.add(chatServer, nowMs, 2);
      for (const bad of [chats, faults, servers]) bad.forget((atMs) => atMs <= nowMs);
      if (chats.size <= settings.badFirstAnswers) wereTooMany = false;
    },
    sawDown(nowMs) {
      downAtMs = Math.max(downAtMs, nowMs);
    },
    bad({ interactionId, chatServer, isFault, isNoNews = false }, probeStartedAtMs) {
      if (probeStartedAtMs < deliveredAtMs + (isNoNews ? LIFE_SPEAKS_FOR_MS : 0)) return;
      const enough = settings.badFirstAnswers + 1;
      chats.add(interactionId, probeStartedAtMs, enough);
      if (isFault) faults.add(interactionId, probeStartedAtMs, enough);
      servers.add(chatServer, probeStartedAtMs, 2);
    },
    areTooMany(nowMs) {
      // Neither time nor one more bad answer shows that they can be believed after all.
      wereTooMany ||= areTooMany(nowMs);
      return wereTooMany;
    },
  };
}

/** When each of some keys came last. Of those that came after any moment there are as many as have come, or enough. */
function createNewest<Key>() {
  let moments = new Map<Key, number>();
  return {
    add(key: Key, atMs: number, enough: number): void {
      moments.set(key, Math.max(atMs, moments.get(key) ?? atMs));
      // Seldom, and then many at once.
      if (moments.size >= 2 * enough) moments = new Map([...moments].sort(([, one], [, another]) => another - one).slice(0, enough));
    },
    forget(isOld: (atMs: number) => boolean): void {
      for (const [key, atMs] of moments) if (isOld(atMs)) moments.delete(key);
    },
    get size() {
      return moments.size;
    },
  };
}
