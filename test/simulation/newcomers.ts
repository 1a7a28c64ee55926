import { isSurelyNew, surelyBefore } from './news.ts';
import { perView } from './per-view.ts';
import type { Moment } from './record.ts';
import type { SeenProbe, SeenRequest, TargetView } from './view.ts';

/** What docs/outages.md says of "A dead server gets no new chats". */
const CHANCE_OF_NONE = 1e-5;
const LEAST_SHARE = 0.02;
const MOST_NEW_MS = 30_000;
const CHANCE_OF_HALF = 1e-7;
const MAX_GAP_MS = 90_000;
const ROUNDING = 1e-6;

/** The first questions about chats that name a Chat Server, in order, by chat: those that begin a probe. Chats that the service has forgotten since are left out. */
const newcomersIn = perView(({ requests }): ReadonlyMap<string, SeenRequest> => {
  const firsts = new Map<string, SeenRequest>();
  for (const request of requests) {
    const { order, asked, left } = request;
    // Whoever was gone before has asked nothing.
    if (order.isOffline || order.chatServer === null || left?.seq === asked.seq + 1 || firsts.has(order.interactionId)) continue;
    firsts.set(order.interactionId, request);
  }
  return firsts;
});

/** Whether the chat was asked about for the first time when the probe began, or so shortly before that it counts as new. */
export function isNewTo(view: TargetView, { order, started }: SeenProbe): boolean {
  const first = newcomersIn(view).get(order.interactionId);
  return first === undefined || first.order.probeId === order.probeId || started.atMs - first.asked.atMs < newMs(view);
}

/** How long a chat counts as new, and how long a Chat Server must be without one: of a restore window shorter than usual the same share. */
function newMs({ mine }: TargetView): number {
  return Math.min(MOST_NEW_MS, (mine.rules.restoreWindowMs * 2) / 3);
}

/** Whether the service forgets chats before all is over: to whom it was told of then, it is new again. */
export function forgetsChats({ mine, log }: TargetView): boolean {
  return Math.max(mine.safety.outage.messageWindowMs, mine.safety.outage.reuseAliveMs) < (log.at(-1)?.atMs ?? 0);
}

/**
 * Whether new chats may still be going on to name a Chat Server that is not found, reckoned from the questions as docs/outages.md says;
 * null where it cannot be seen from outside since when it is down, or what was forgotten.
 */
export function isStillUsed(view: TargetView, chatServer: string, now: Moment): boolean | null {
  const fell = lastFall(view, chatServer, now);
  if (fell === null || view.forgetsServers || forgetsChats(view)) return null;
  const newcomers = [...newcomersIn(view).values()].filter(({ asked }) => asked.seq < now.seq);
  const isOwn = newcomers.map(({ order }) => order.chatServer === chatServer);
  const lastOwnMs = newcomers.findLast((_, n) => isOwn[n])?.asked.atMs ?? Number.NEGATIVE_INFINITY;
  const course = {
    isOwn,
    before: newcomers.filter(({ asked }) => asked.seq < fell.seq).length,
    isQuiet: now.atMs - lastOwnMs >= newMs(view),
  };
  const [leastEvidence, mostEvidence] = [looksUsed(course, longestRow(course)), looksUsed(course, 0)];
  return leastEvidence === mostEvidence ? leastEvidence : null;
}

/** The newcomers up to a moment: whether each named the Chat Server, and how many of them came before it fell. */
interface Course {
  readonly isOwn: readonly boolean[];
  readonly before: number;
  /** Whether it has been without one for long enough. */
  readonly isQuiet: boolean;
}

/** The longest row of newcomers elsewhere before the fall. Not all of it need have been seen by the service while the server lived. */
function longestRow({ isOwn, before }: Course): number {
  let longest = 0;
  let row = 0;
  for (const own of isOwn.slice(0, before)) {
    row = own ? 0 : row + 1;
    longest = Math.max(longest, row);
  }
  return longest;
}

function looksUsed({ isOwn, before, isQuiet }: Course, row: number): boolean | null {
  const own = isOwn.slice(0, before).filter(Boolean).length;
  const share = own === 0 ? 0 : (own - 2 * Math.sqrt(own)) / before;
  const byChance = Math.ceil(Math.log(CHANCE_OF_NONE) / Math.log(1 - Math.max(share, LEAST_SHARE)));
  const enoughElsewhere = Math.max(byChance, 2 * row);
  if (isQuiet && isOwn.length - 1 - isOwn.lastIndexOf(true) >= enoughElsewhere) return false;

  const enough = -Math.log(CHANCE_OF_HALF);
  const step = share > 0 ? (Math.log((1 - share / 2) / (1 - share)) * byChance) / enoughElsewhere : 0;
  let evidence = 0;
  for (const named of isOwn.slice(before)) evidence = named ? Math.max(0, evidence - Math.log(2)) : Math.min(enough, evidence + step);
  return evidence < enough - ROUNDING;
}

/** When it was first found down since its last sign of life, or since a gap; null where the order of messages leaves a doubt. */
function lastFall({ news: all }: TargetView, chatServer: string, now: Moment): Moment | null {
  const news = (all.get(chatServer) ?? []).filter(({ heard }) => heard.seq < now.seq);
  const first = news.findLastIndex(({ says }) => says === 'alive') + 1;
  const gap = news.findLastIndex(({ heard }, n) => n > first && heard.atMs - (news[n - 1]?.heard.atMs ?? 0) > MAX_GAP_MS);
  const fall = Math.max(first, gap);
  const isSure = isSurelyNew(news, fall) && (fall === 0 || fall === gap || surelyBefore(news, fall) === 'alive');
  return isSure ? (news[fall]?.heard ?? null) : null;
}
