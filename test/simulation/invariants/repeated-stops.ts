import { groupedBy, mostWithin } from '../grouping.ts';
import type { SeenRequest, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

/** A chat is stopped once: whoever stops it again and again is about something else. */
export const REPEATED_STOPS: readonly Invariant[] = [
  {
    name: 'no interaction is answered with more than stopsPerInteraction stops within messageWindowMs, closed ones included',
    *breaches(view) {
      const { stopsPerInteraction, messageWindowMs } = view.mine.safety.outage;
      if (stopsPerInteraction === 0) return;
      for (const [chat, stops] of stopsByChat(view)) {
        const most = mostWithin(stops, messageWindowMs);
        if (most > stopsPerInteraction) yield `${chat} was stopped ${most} times`;
        else if (most === stopsPerInteraction && most > 1) yield null;
      }
    },
  },
  {
    name: 'a stop is withheld as repeated only where that many were answered before within messageWindowMs',
    *breaches(view) {
      const { stopsPerInteraction, messageWindowMs } = view.mine.safety.outage;
      const stops = stopsByChat(view);
      for (const { withheld, settled, order, n } of view.requests) {
        if (withheld !== 'repeated' || settled === null) continue;
        const before = (stops.get(order.interactionId) ?? []).filter(
          (atMs) => atMs <= settled.atMs && atMs > settled.atMs - messageWindowMs,
        ).length;
        yield stopsPerInteraction > 0 && before >= stopsPerInteraction ? null : `request ${n} after ${before}`;
      }
    },
  },
];

/** When each interaction was answered with a stop, in order. */
function stopsByChat({ requests }: TargetView): ReadonlyMap<string, readonly number[]> {
  const stopped = requests.filter(({ answer, settled }) => answer?.verdict === 'stop' && settled !== null).filter(hasAsked);
  const sorted = [...stopped].sort((one, other) => (one.settled?.seq ?? 0) - (other.settled?.seq ?? 0));
  const groups = groupedBy(sorted, ({ order }) => order.interactionId);
  return new Map([...groups].map(([chat, mine]) => [chat, mine.map(({ settled }) => settled?.atMs ?? 0)]));
}

/** False for a request that was over before it began, which the service does not remember. */
function hasAsked({ left, asked }: SeenRequest): boolean {
  return left?.seq !== asked.seq + 1;
}
