import { type FirstWait, firstWaits } from '../first-step.ts';
import { mostWithin } from '../grouping.ts';
import { isSurelyNew, surelyBefore } from '../news.ts';
import type { Moment } from '../record.ts';
import type { TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

const SECOND_MS = 1_000;

/** How Chat Servers fall and come back, judged by the wire alone. */
export const RETURNING_SERVERS: readonly Invariant[] = [
  {
    name: 'a Chat Server that comes back gets no more than maxReleasePerSecond until all who waited for it then are gone',
    *breaches(view) {
      const { canary, maxReleasePerSecond } = view.mine.safety.outage;
      if (!canary || view.forgetsServers) return;
      for (const { chatServer, heard, nextFall } of returns(view)) {
        const waiting = firstWaits(view).filter((each) => isWaitingFor(chatServer, heard, each));
        const lastGone = waiting.map(({ until }) => until).reduce(later, heard);
        const waiters = new Set(waiting.map(({ probe }) => probe));
        const endSeq = Math.min(nextFall?.seq ?? view.closingSeq, view.closingSeq);
        const sends = view.sends.filter(
          ({ probe, from, admittedAtMs, n }) =>
            probe.order.chatServer === chatServer &&
            admittedAtMs !== null &&
            from.atMs > heard.atMs &&
            from.seq < endSeq &&
            (from.atMs < lastGone.atMs || (from.atMs === lastGone.atMs && n === 1 && waiters.has(probe))),
        );
        const most = mostWithin(
          sends.map(({ from }) => from.atMs),
          SECOND_MS,
        );
        if (most > maxReleasePerSecond) yield `${chatServer} got ${most}, back at ${heard.atMs}, ${waiting.length} waited`;
        else if (waiting.length > maxReleasePerSecond) yield null;
      }
    },
  },
  {
    name: 'an answer that was overtaken changes nothing that is believed of its Chat Server',
    *breaches(view) {
      if (view.forgetsServers || !view.mine.safety.outage.canary) return;
      const changes = changesByCause(view);
      for (const [chatServer, news] of view.news) {
        for (const [n, { says, heard, latestMs }] of news.entries()) {
          if (!news.slice(0, n).some((newer) => newer.earliestMs >= latestMs)) continue;
          const changed = changes.get(heard.seq);
          if (changed !== undefined) yield `${chatServer} at ${heard.atMs}: ${changed} after an answer to what was let go by ${latestMs}`;
          else if (![says, null].includes(surelyBefore(news, n))) yield null;
        }
      }
    },
  },
];

interface Return {
  readonly chatServer: string | null;
  /** The first sign of life. */
  readonly heard: Moment;
  /** When it was next heard to be down. */
  readonly nextFall: Moment | null;
}

function returns({ news: all }: TargetView): readonly Return[] {
  return [...all].flatMap(([chatServer, news]) =>
    news.flatMap(({ says, heard }, n): readonly Return[] => {
      if (says === 'down' || !isSurelyNew(news, n) || surelyBefore(news, n) !== 'down') return [];
      return [{ chatServer, heard, nextFall: news.slice(n).find((each) => each.says === 'down')?.heard ?? null }];
    }),
  );
}

function isWaitingFor(chatServer: string | null, back: Moment, { probe, until }: FirstWait): boolean {
  return probe.order.chatServer === chatServer && probe.started.atMs < back.atMs && until.seq > back.seq;
}

function later(one: Moment, other: Moment): Moment {
  return one.seq > other.seq ? one : other;
}

/** What became of a Chat Server, by the answer that it followed from: the attempt is told right after it. */
function changesByCause({ sends, events }: TargetView): ReadonlyMap<number, string> {
  const ends = sends.flatMap(({ to }) => (to === null ? [] : [to.seq])).sort((one, other) => one - other);
  return new Map(
    events.flatMap(({ event, seq }) =>
      event.type === 'server_changed' && event.to !== 'healthy' ? [[ends.find((end) => end > seq) ?? seq, event.to] as const] : [],
    ),
  );
}
