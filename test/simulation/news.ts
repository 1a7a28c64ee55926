import { groupedBy } from './grouping.ts';
import type { Moment } from './record.ts';
import type { SeenSend } from './view.ts';
import { heardOf } from './wire.ts';

/**
 * What one answer told of the Chat Server that was asked: that it lives, since it answered itself, or that Interaction
 * Server did not find it. The news is as old as the moment at which the message was let go, which lies between two.
 */
export interface News {
  readonly says: 'alive' | 'down';
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly heard: Moment;
}

/** By the name asked for, null for messages by type; in the order in which they were heard. */
export type AllNews = ReadonlyMap<string | null, readonly News[]>;

/** All the news that the service had of Chat Servers. Control probes bring none. */
export function newsIn(sends: readonly SeenSend[]): AllNews {
  const byServer = groupedBy(sends, ({ probe }) => probe.order.chatServer);
  return new Map(
    [...byServer].map(([chatServer, mine]) => [chatServer, mine.flatMap(newsOf).sort((one, other) => one.heard.seq - other.heard.seq)]),
  );
}

function newsOf(send: SeenSend): readonly News[] {
  const { to: heard, from } = send;
  const earliestMs = send.admittedAtMs ?? send.earliestAdmissionMs;
  const word = heardOf(send);
  if (heard === null || word === 'nothing' || word === 'other_error') return [];
  return [{ says: word === 'server_down' ? 'down' : 'alive', earliestMs, latestMs: from.atMs, heard }];
}

/** Whether it is surely newer than all that was heard before it. */
export function isSurelyNew(news: readonly News[], n: number): boolean {
  const { earliestMs = Number.NEGATIVE_INFINITY } = news[n] ?? {};
  return news.slice(0, n).every(({ latestMs }) => latestMs < earliestMs);
}

/** What the newest of those heard before it surely said; null where their order leaves a doubt, or there are none. */
export function surelyBefore(news: readonly News[], n: number): News['says'] | null {
  const earlier = news.slice(0, n);
  for (const says of ['alive', 'down'] as const) {
    const newestMs = Math.max(...earlier.filter((each) => each.says === says).map(({ earliestMs }) => earliestMs));
    if (newestMs > Number.NEGATIVE_INFINITY && earlier.every((each) => each.says === says || each.latestMs < newestMs)) return says;
  }
  return null;
}
