import { MIN_ATTEMPT_MS } from '../../../src/probe/policy.ts';
import { REASONS } from '../../../src/probe/reasons.ts';
import { groupedBy, mostWithin } from '../grouping.ts';
import type { SeenSend, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

/** Every delivered message is a permanent record: which may be sent, and how many. */
export const MESSAGES: readonly Invariant[] = [
  {
    name: 'at most one message is in flight for each chat',
    *breaches(view) {
      for (const [chat, sends] of byChat(view)) {
        for (const [n, send] of sends.entries()) {
          const before = sends[n - 1];
          if (before !== undefined && (before.to === null || before.to.seq > send.from.seq)) yield `${chat} at ${send.from.atMs}`;
        }
      }
    },
  },
  {
    name: 'no chat gets more than messageLimit messages within messageWindowMs',
    *breaches(view) {
      const { messageLimit, messageWindowMs } = view.mine.safety.outage;
      if (messageLimit === 0) return;
      for (const [chat, sends] of byChat(view)) {
        const most = mostWithin(
          sends.flatMap((send) => (send.to !== null && mayStandInTranscript(send) ? [send.to.atMs] : [])),
          messageWindowMs,
        );
        if (most > messageLimit) yield `${chat} got ${most}`;
      }
    },
  },
  {
    name: 'no message stands in a transcript that the service does not reckon with',
    *breaches(view) {
      const counted = byChat(view);
      for (const [chat, delivered] of view.delivered) {
        const reckoned = (counted.get(chat) ?? []).filter(mayStandInTranscript).length;
        if (delivered > reckoned && !chat.startsWith('control-')) yield `${chat} got ${delivered}, reckoned with ${reckoned}`;
      }
    },
  },
  {
    name: 'a message is sent only while somebody waits for what it finds out',
    *breaches({ requests, sends }) {
      const waiting = groupedBy(requests, ({ order }) => order.interactionId);
      for (const { probe, from } of sends) {
        const isWaitedFor = (waiting.get(probe.order.interactionId) ?? []).some(
          ({ order, asked, left, settled }) =>
            order.chatServer === probe.order.chatServer &&
            !order.isOffline &&
            asked.seq < from.seq &&
            (settled === null || settled.seq > from.seq) &&
            (left === null || left.seq > from.seq),
        );
        if (!isWaitedFor) yield `${probe.id} at ${from.atMs}`;
      }
    },
  },
  {
    name: 'no attempt begins with less than 50 ms left, and no probe makes more of them than its policy says',
    *breaches({ sends }) {
      for (const { probe, n, from } of sends) {
        const { deadlineMs, attempts } = probe.order.policy;
        const leftMs = deadlineMs - (from.atMs - probe.started.atMs);
        if (leftMs < MIN_ATTEMPT_MS) yield `${probe.id} with ${leftMs} ms left`;
        if (n > attempts) yield `${probe.id} made ${n} of ${attempts}`;
      }
    },
  },
  {
    name: 'a chat that its caller calls closed gets no message, nor one that is declined',
    *breaches({ sends }) {
      for (const { probe } of sends) if (probe.order.isOffline || probe.isDeclined) yield probe.id;
    },
  },
];

function byChat({ sends }: TargetView): ReadonlyMap<string, readonly SeenSend[]> {
  return groupedBy(sends, ({ probe }) => probe.order.interactionId);
}

/** A message that was written and neither answered nor rejected may have been delivered. */
function mayStandInTranscript({ attempt, cut }: SeenSend): boolean {
  if (attempt === null) return true;
  return attempt.reason === 'delivered' || (attempt.written && !attempt.rejected && (cut || REASONS[attempt.reason].origin !== 'reply'));
}
