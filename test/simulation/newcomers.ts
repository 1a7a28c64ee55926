import { isSurelyNew, surelyBefore } from './news.ts';
import type { Moment } from './record.ts';
import type { SeenProbe, SeenRequest, TargetView } from './view.ts';

/** How long a chat counts as new. */
const NEW_MS = 30_000;
/** What docs/outages.md says of "A dead server gets no new chats". */
const CHANCE_OF_NONE = 1e-5;
const LEAST_SHARE = 0.02;
const QUIET_MS = 30_000;
const CHANCE_OF_HALF = 1e-7;
const MAX_GAP_MS = 90_000;
const ROUNDING = 1e-6;

/** The first questions about chats, in order: those that begin a probe. Chats that the service has forgotten since are left out. */
export function newcomersIn({ requests }: TargetView): readonly SeenRequest[] {
  const known = new Set<string>();
  return requests.filter(({ order, asked, left }) => {
    // Whoever was gone before has asked nothing.
    if (order.isOffline || left?.seq === asked.seq + 1 || known.has(order.interactionId)) return false;
    known.add(order.interactionId);
    return true;
  });
}

/** Whether the chat was asked about for the first time when the probe began, or so shortly before that it counts as new. */
export function isNewTo(view: TargetView, { order, started }: SeenProbe): boolean {
  const first = newcomersIn(view).find((request) => request.order.interactionId === order.interactionId);
  return first === undefined || started.atMs - first.asked.atMs < NEW_MS;
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
  const newcomers = newcomersIn(view).filter(({ order, asked }) => order.chatServer !== null && asked.seq < now.seq);
  const before = newcomers.filter(({ asked }) => asked.seq < fell.seq);
  const own = before.filter(({ order }) => order.chatServer === chatServer).length;
  const share = own === 0 ? 0 : (own - 2 * Math.sqrt(own)) / before.length;

  const lastOwn = newcomers.findLastIndex(({ order }) => order.chatServer === chatServer);
  const elsewhere = newcomers.length - 1 - lastOwn;
  const quietMs = now.atMs - (newcomers[lastOwn]?.asked.atMs ?? Number.NEGATIVE_INFINITY);
  const isQuiet = elsewhere >= Math.log(CHANCE_OF_NONE) / Math.log(1 - Math.max(share, LEAST_SHARE)) && quietMs >= QUIET_MS;
  if (isQuiet) return false;

  const enough = -Math.log(CHANCE_OF_HALF);
  const step = share > 0 ? Math.log((1 - share / 2) / (1 - share)) : 0;
  let evidence = 0;
  for (const { order } of newcomers.slice(before.length)) {
    evidence = order.chatServer === chatServer ? Math.max(0, evidence - Math.log(2)) : Math.min(enough + 2 * Math.log(2), evidence + step);
  }
  return Math.abs(evidence - enough) < ROUNDING ? null : evidence < enough;
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
