import { firstWaits } from '../first-step.ts';
import type { Moment } from '../record.ts';
import type { TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

/** Nobody waits for a gateway. */
export const WAITING: readonly Invariant[] = [
  {
    name: 'who waits for a Chat Server when the gateway opens is answered there and then',
    *breaches(view) {
      for (const { opened } of openTimes(view)) {
        for (const { probe, until, sends } of firstWaits(view)) {
          if (probe.started.seq > opened.seq || until.seq < opened.seq || opened.seq > view.closingSeq) continue;
          if (until.atMs > opened.atMs) yield `${probe.id} of ${probe.started.atMs}, open at ${opened.atMs}, waited until ${until.atMs}`;
          else if (!sends) yield null;
        }
      }
    },
  },
  {
    name: 'who asks while the gateway is open sends at once or is answered at once',
    *breaches(view) {
      for (const { opened, closed } of openTimes(view)) {
        for (const { probe, until } of firstWaits(view)) {
          const { started } = probe;
          if (started.atMs <= opened.atMs || started.seq > closed.seq || started.seq > view.closingSeq) continue;
          if (until.atMs > started.atMs) yield `${probe.id} of ${started.atMs}, open since ${opened.atMs}, waited until ${until.atMs}`;
          else if (view.news.get(probe.order.chatServer)?.findLast(({ heard }) => heard.seq < started.seq)?.says === 'down') yield null;
        }
      }
    },
  },
  {
    name: 'nobody is parked while the gateway is open',
    *breaches({ events, states }) {
      let parked = 0;
      let opened: Moment | null = null;
      for (const { event, ...moment } of events) {
        // Those who are parked when it opens go in that very moment.
        if (opened !== null && parked > 0 && moment.atMs > opened.atMs) yield `${parked} at ${moment.atMs}`;
        if (event.type === 'probe_parked') {
          if (opened !== null && event.by === 1) yield `one more at ${moment.atMs}`;
          parked += event.by;
        }
        if (event.type !== 'gateway_changed') continue;
        opened = event.open ? moment : null;
        if (event.open && parked > 0) yield null;
      }
      for (const { atMs, state } of states) if (state.gatewayOpen && state.probesParked > 0) yield `${state.probesParked} seen at ${atMs}`;
    },
  },
];

interface OpenTime {
  readonly opened: Moment;
  readonly closed: Moment;
}

const NEVER: Moment = { atMs: Number.POSITIVE_INFINITY, seq: Number.POSITIVE_INFINITY };

function openTimes({ events }: TargetView): readonly OpenTime[] {
  const changes = events.filter(({ event }) => event.type === 'gateway_changed');
  return changes.flatMap((opened, n) =>
    opened.event.type === 'gateway_changed' && opened.event.open ? [{ opened, closed: changes[n + 1] ?? NEVER }] : [],
  );
}
