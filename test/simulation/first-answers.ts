import { perView } from './per-view.ts';
import type { Moment } from './record.ts';
import type { SeenSend, TargetView } from './view.ts';
import { type Heard, heardOf } from './wire.ts';

/** How many chats in a row were answered badly at first, with no message delivered in between. */
export interface BadRun {
  readonly chats: number;
  /** Those of them that were answered fault 100. */
  readonly faults: number;
  /** Names by which they were asked for. */
  readonly servers: number;
  /** Named Chat Servers that have delivered until then. */
  readonly inUse: number;
  readonly hasSeenDown: boolean;
}

/** What counted at a moment, by the wire: no less than this. */
export function badRunAt(view: TargetView, now: Moment): BadRun {
  const deliveries = deliveriesIn(view).filter(({ at }) => at.seq < now.seq);
  const last = deliveries.at(-1)?.at ?? { seq: -1, atMs: -1 };
  const counted = badFirstAnswers(view).filter(
    ({ at, send }) => at.seq < now.seq && at.seq > last.seq && send.probe.started.atMs > last.atMs,
  );
  return {
    chats: chatsOf(counted).size,
    faults: chatsOf(counted.filter(({ heard }) => heard === 'not_here')).size,
    servers: new Set(counted.map(({ send }) => send.probe.order.chatServer)).size,
    inUse: new Set(deliveries.flatMap(({ chatServer }) => (chatServer === null ? [] : [chatServer]))).size,
    hasSeenDown: firstSeenDown(view) < now.seq,
  };
}

/** How many chats may have counted at a moment, with those that a canary answered for: no more than this. */
export function mostBadChatsAt(view: TargetView, now: Moment): number {
  const lastSeq = deliveriesIn(view).findLast(({ at }) => at.seq < now.seq)?.at.seq ?? -1;
  const chats = new Set(chatsOf(badFirstAnswers(view).filter(({ at }) => at.seq < now.seq && at.seq > lastSeq)));
  for (const { order, result, sends, ended } of view.probes.values()) {
    // It is judged in the moment in which it ends.
    const isCanary = result?.servedBy === 'canary' && sends.length === 0;
    if (isCanary && ended !== null && ended.atMs <= now.atMs && ended.seq > lastSeq) chats.add(order.interactionId);
  }
  return chats.size;
}

/** Whether so many bad first answers are too many to be believed (docs/outages.md). */
export function areTooMany({ chats, faults, servers, inUse, hasSeenDown }: BadRun, most: number): boolean {
  return inUse > 1 ? chats > most && servers > 1 : faults > most && !hasSeenDown;
}

/** All that shows that answers can be trusted: delivered messages, and a live control chat that was found. */
export const deliveriesIn = perView((view): readonly { readonly at: Moment; readonly chatServer: string | null }[] => {
  const messages = view.sends.flatMap((send) =>
    send.to !== null && heardOf(send) === 'delivered' ? [{ at: send.to, chatServer: send.probe.order.chatServer }] : [],
  );
  const controlServer = view.mine.safety.controls.live?.chatServer ?? null;
  const controls = view.events.flatMap(({ event, atMs, seq }) =>
    event.type === 'control_answered' && event.control === 'live' && event.state === 'right'
      ? [{ at: { atMs, seq }, chatServer: controlServer }]
      : [],
  );
  return [...messages, ...controls].sort((one, other) => one.at.seq - other.at.seq);
});

interface FirstAnswer {
  readonly send: SeenSend;
  readonly heard: Heard;
  /** When it came. */
  readonly at: Moment;
}

/** The first answer of each probe, if it is bad, in the order in which they came. */
const badFirstAnswers = perView((view): readonly FirstAnswer[] =>
  [...view.probes.values()]
    .flatMap(({ sends }): readonly FirstAnswer[] => {
      for (const send of sends) {
        const heard = heardOf(send);
        if (heard !== 'nothing')
          return send.to !== null && isBad(heard, view, send.probe.order.chatServer) ? [{ send, heard, at: send.to }] : [];
      }
      return [];
    })
    .filter(({ heard, send }) => heard === 'server_down' || send.attempt?.reason === 'session_not_found'),
);

/** When one was not found for the first time. */
const firstSeenDown = perView(({ sends }): number =>
  Math.min(...sends.flatMap((send) => (send.to !== null && heardOf(send) === 'server_down' ? [send.to.seq] : []))),
);

/** By type nobody knows whether the one that hosts the chat was asked. */
function isBad(heard: Heard, { mine }: TargetView, chatServer: string | null): boolean {
  return heard === 'server_down' || (heard === 'not_here' && (chatServer !== null || mine.rules.singleChatServer));
}

function chatsOf(answers: readonly FirstAnswer[]): ReadonlySet<string> {
  return new Set(answers.map(({ send }) => send.probe.order.interactionId));
}
