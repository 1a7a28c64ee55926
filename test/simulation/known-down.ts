import { isSurelyNew, type News } from './news.ts';
import type { Moment } from './record.ts';
import type { TargetView } from './view.ts';

const LAG_MS = 5_000;
/** Longest time between two answers that a Chat Server is down in which it counts as down throughout. */
const MAX_GAP_MS = 90_000;
/** How recently another Chat Server must have lived. */
const WITNESS_MS = 15_000;

/** How long chats of a Chat Server that fell are unsettled (docs/outages.md, "Where the chats went"). */
export function unsettledMs(restoreWindowMs: number): number {
  return restoreWindowMs + Math.min(LAG_MS, restoreWindowMs / 9);
}

/** A question about what was known of a Chat Server to a probe that began at `startedAtMs`. */
export interface Question {
  readonly chatServer: string | null;
  readonly startedAtMs: number;
  /** What was heard of it before this counts. */
  readonly now: Moment;
  /** What was heard of the others before this counts; the same unless given. */
  readonly witnessBy?: Moment;
}

/**
 * Whether the answers on the wire allow that it was known to be down: not found since before the restore window and its lag, with no
 * gap of over 90 s and no sign of life, and another named one alive within 15 s. True where the order of messages leaves a doubt.
 */
export function mayBeKnownDown(view: TargetView, question: Question): boolean {
  return isDownLongEnough(view, question, 'possibly') && hasWitness(view, question, 'possibly');
}

/** The same, but false where there is a doubt. */
export function isSurelyKnownDown(view: TargetView, question: Question): boolean {
  if (view.forgetsServers || question.now.seq > view.closingSeq) return false;
  return isDownLongEnough(view, question, 'surely') && hasWitness(view, question, 'surely');
}

type Certainty = 'possibly' | 'surely';

function isDownLongEnough(view: TargetView, { chatServer, startedAtMs, now }: Question, how: Certainty): boolean {
  if (chatServer === null) return false;
  const sinceMs = downSinceMs(heardBefore(view, chatServer, now), now.atMs, how);
  return sinceMs !== null && startedAtMs >= sinceMs + unsettledMs(view.mine.rules.restoreWindowMs);
}

/** Since when it was not found, as heard; null if it is not known to be down. */
function downSinceMs(news: readonly News[], nowMs: number, how: Certainty): number | null {
  const lastAlive = news.findLastIndex(({ says }) => says === 'alive');
  const mine = news.slice(lastAlive + 1);
  // An answer that was overtaken brings no news: it counts only where it may be new.
  const first = how === 'possibly' ? 0 : mine.findIndex((_, n) => isSurelyNew(news, lastAlive + 1 + n));
  if (first === -1) return null;
  const alive = news[lastAlive];
  // It was known to be down all along where the sign of life was overtaken.
  const isOvertaken =
    alive !== undefined && news.slice(0, lastAlive).some((each) => each.says === 'down' && each.latestMs >= alive.earliestMs);
  const heardMs = mine.slice(first).map(({ heard }) => heard.atMs);
  const moments = how === 'possibly' && isOvertaken ? [alive.heard.atMs, ...heardMs] : heardMs;
  let sinceMs: number | null = null;
  let laterMs = nowMs;
  for (const atMs of moments.toReversed()) {
    if (laterMs - atMs > MAX_GAP_MS) break;
    sinceMs = atMs;
    laterMs = atMs;
  }
  return sinceMs;
}

function hasWitness(view: TargetView, { chatServer, now, witnessBy = now }: Question, how: Certainty): boolean {
  return [...view.news.keys()].some((name) => {
    if (name === null || name === chatServer) return false;
    const news = heardBefore(view, name, witnessBy);
    const alive = news.filter(({ says }) => says === 'alive');
    const down = news.filter(({ says }) => says === 'down');
    const isRecent = alive.some(({ heard }) => heard.atMs >= witnessBy.atMs - WITNESS_MS);
    const newestAliveMs = Math.max(...alive.map((each) => (how === 'surely' ? each.earliestMs : each.latestMs)));
    const newestDownMs = Math.max(...down.map((each) => (how === 'surely' ? each.latestMs : each.earliestMs)));
    return isRecent && (how === 'surely' ? newestAliveMs > newestDownMs : newestAliveMs >= newestDownMs);
  });
}

function heardBefore({ news }: TargetView, chatServer: string, now: Moment): readonly News[] {
  return (news.get(chatServer) ?? []).filter(({ heard }) => heard.seq < now.seq);
}
