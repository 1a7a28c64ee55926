import { isSurelyNew, surelyBefore } from './news.ts';
import type { Moment } from './record.ts';
import type { SeenProbe, TargetView } from './view.ts';

const LAG_MS = 5_000;

/** How long chats of a Chat Server that fell are unsettled (docs/outages.md, "Where the chats went"). */
export function unsettledMs(restoreWindowMs: number): number {
  return restoreWindowMs + Math.min(LAG_MS, restoreWindowMs / 9);
}

/** Whether, by what was heard before `now`, an orphan must not be stopped. False where the order of messages leaves a doubt. */
export function isHeldSurely(view: TargetView, { order, started }: SeenProbe, now: Moment): boolean {
  const { rules, safety } = view.mine;
  if (!rules.ha || !safety.outage.holdWhileRestoring || view.forgetsServers || now.seq > view.closingSeq) return false;
  const hasPlace = [...view.news].some(
    ([name, news]) => name !== null && name !== order.chatServer && news.some(({ says, heard }) => says === 'alive' && heard.seq < now.seq),
  );
  const isRecent = (fellAtMs: number): boolean => started.atMs < fellAtMs + unsettledMs(rules.restoreWindowMs);
  return hasPlace && fallsOf(view, order.chatServer, now).some(isRecent);
}

/** When a Chat Server surely fell, as far as was known by then. */
function fallsOf({ news: all, mine: { rules } }: TargetView, chatServer: string | null, now: Moment): readonly number[] {
  const news = (all.get(chatServer) ?? []).filter(({ heard }) => heard.seq < now.seq);
  return news.flatMap(({ says, heard }, n) => {
    if (says === 'alive' || !isSurelyNew(news, n)) return [];
    const before = news[n - 1];
    // Of one that was never heard of nobody knows since when it is down: that is left to us, or to the rule of the target.
    if (before === undefined) return rules.onChatServerDown === 'auto' && !rules.singleChatServer ? [heard.atMs] : [];
    const hasLived = news.slice(0, n).some((each) => each.says === 'alive');
    const isSilent = hasLived && heard.atMs - before.heard.atMs >= rules.restoreWindowMs;
    return surelyBefore(news, n) === 'alive' || isSilent ? [heard.atMs] : [];
  });
}
