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
  const last = deliveries.at(-1)?.at ?? null;
  const bad = firstAnswersIn(view).filter(
    ({ send: { to, probe }, heard }) =>
      to !== null &&
      to.seq < now.seq &&
      isBad(heard, view, probe.order.chatServer) &&
      (last === null || (to.seq > last.seq && probe.started.atMs > last.atMs)),
  );
  const faults = bad.filter(({ heard, send }) => heard === 'not_here' && send.attempt?.reason === 'session_not_found');
  const counted = bad.filter((each) => each.heard === 'server_down' || faults.includes(each));
  return {
    chats: chatsOf(counted).size,
    faults: chatsOf(faults).size,
    servers: new Set(counted.map(({ send }) => send.probe.order.chatServer)).size,
    inUse: new Set(deliveries.flatMap(({ chatServer }) => (chatServer === null ? [] : [chatServer]))).size,
    hasSeenDown: view.sends.some((send) => send.to !== null && send.to.seq < now.seq && heardOf(send) === 'server_down'),
  };
}

/** Whether so many bad first answers are too many to be believed (docs/outages.md, "First answers"). */
export function areTooMany({ chats, faults, servers, inUse, hasSeenDown }: BadRun, most: number): boolean {
  return inUse > 1 ? chats > most && servers > 1 : faults > most && !hasSeenDown;
}

/** All that shows that answers can be trusted: delivered messages, and a live control chat that was found. */
export function deliveriesIn(view: TargetView): readonly { readonly at: Moment; readonly chatServer: string | null }[] {
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
}

interface FirstAnswer {
  readonly send: SeenSend;
  readonly heard: Heard;
}

/** The first answer of each probe that got one. */
function firstAnswersIn({ probes }: TargetView): readonly FirstAnswer[] {
  return [...probes.values()].flatMap(({ sends }) => {
    const answers = sends.map((send) => ({ send, heard: heardOf(send) }));
    const first = answers.find(({ heard }) => heard !== 'nothing');
    return first === undefined ? [] : [first];
  });
}

/** By type nobody knows whether the one that hosts the chat was asked. */
function isBad(heard: Heard, { mine }: TargetView, chatServer: string | null): boolean {
  return heard === 'server_down' || (heard === 'not_here' && (chatServer !== null || mine.rules.singleChatServer));
}

function chatsOf(answers: readonly FirstAnswer[]): ReadonlySet<string> {
  return new Set(answers.map(({ send }) => send.probe.order.interactionId));
}
