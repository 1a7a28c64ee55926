import type { ServerState } from '../../../src/resilience/events.ts';
import { groupedBy, mostWithin } from '../grouping.ts';
import { serverTimelines } from '../timeline.ts';
import type { SeenSend, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

const SECOND_MS = 1_000;
/** How soon a probe that waits alone may try again. */
const ALONE_INTERVAL_MS = 200;
/** Within which a canary is usually answered. */
const REPLY_MS = 2_000;
/** Moments that are no whole milliseconds do not add up exactly. */
const ROUNDING_MS = 1e-6;

/** What may be sent to a Chat Server in trouble. */
export const SERVERS: readonly Invariant[] = [
  {
    name: 'one canary at a time is out for each Chat Server, and they keep their distance',
    *breaches(view) {
      const { canaryIntervalMs } = view.mine.safety.outage;
      for (const [server, canaries] of byServer(sentIn(view, 'suspect'))) {
        for (const [n, { from, n: attempt }] of canaries.entries()) {
          const before = canaries[n - 1];
          if (before === undefined) continue;
          if (before.to === null || before.to.seq > from.seq) yield `two are out for ${server} at ${from.atMs}`;
          const leastMs = attempt > 1 ? Math.min(ALONE_INTERVAL_MS, canaryIntervalMs) : canaryIntervalMs;
          if (from.atMs - before.from.atMs < leastMs - ROUNDING_MS) yield `${server}: ${before.from.atMs} and ${from.atMs}`;
        }
      }
    },
  },
  {
    name: 'what a canary answers is fresh, and no newer canary has put it in question',
    *breaches(view) {
      const mostAgeMs = 2 * view.mine.safety.outage.canaryIntervalMs + REPLY_MS;
      const canaries = byServer(sentIn(view, 'suspect'));
      const proofs = byServer(view.sends.filter(({ attempt, cut }) => !cut && attempt?.reason === 'chat_server_not_found'));
      for (const { id, order, result, ended } of view.probes.values()) {
        if (result?.servedBy !== 'canary' || ended === null || ended.seq > view.closingSeq) continue;
        const canary = canaries.get(order.chatServer)?.findLast(({ from }) => from.atMs < ended.atMs);
        const sinceMs = Math.max(ended.atMs - mostAgeMs - ROUNDING_MS, canary?.from.atMs ?? 0);
        const proof = proofs.get(order.chatServer)?.findLast(({ from, to }) => to !== null && to.seq < ended.seq && from.atMs >= sinceMs);
        if (proof === undefined) yield `${id} at ${ended.atMs}, no proof since ${sinceMs}`;
      }
    },
  },
  {
    name: 'a Chat Server that is down gets no more messages a second than canaries may be',
    *breaches(view) {
      const { canaryIntervalMs } = view.mine.safety.outage;
      const allowed = Math.ceil(SECOND_MS / Math.min(ALONE_INTERVAL_MS, canaryIntervalMs));
      for (const [server, sends] of byServer(sentIn(view, 'suspect'))) {
        const most = mostWithin(moments(sends), SECOND_MS);
        if (most > allowed) yield `${server} got ${most}, ${allowed} allowed`;
      }
    },
  },
  {
    name: 'a Chat Server that comes back gets no more than maxReleasePerSecond',
    *breaches(view) {
      for (const [server, sends] of byServer(sentIn(view, 'recovering'))) {
        const most = mostWithin(moments(sends), SECOND_MS);
        if (most > view.mine.safety.outage.maxReleasePerSecond) yield `${server} got ${most}`;
      }
    },
  },
  {
    name: 'no more messages are under way to one Chat Server than maxInFlightPerServer',
    *breaches(view) {
      const { maxInFlightPerServer } = view.mine.safety.outage;
      if (maxInFlightPerServer === 0 || view.forgetsServers) return;
      const surely = new Set([...sentIn(view, 'healthy'), ...sentIn(view, 'recovering')]);
      for (const [server, sends] of byServer(view.sends)) {
        for (const send of sends) {
          if (!surely.has(send)) continue;
          const others = sends.filter(({ from, to }) => from.seq < send.from.seq && (to === null || to.seq > send.from.seq));
          if (others.length >= maxInFlightPerServer) yield `${server}: ${others.length + 1} at ${send.from.atMs}`;
        }
      }
    },
  },
  {
    name: 'without canaries every Chat Server counts as healthy',
    *breaches({ events, mine }) {
      if (mine.safety.outage.canary) return;
      for (const { event, atMs } of events) if (event.type === 'server_changed') yield `${event.chatServer} at ${atMs}`;
    },
  },
  {
    name: 'a Chat Server becomes suspect because an answer just said that it is down, and recovers because it just gave a sign of life',
    *breaches({ events, sends, forgetsServers }) {
      if (forgetsServers) return;
      for (const { event, seq, atMs } of events) {
        if (event.type !== 'server_changed' || event.to === 'healthy') continue;
        // The attempt is told right after what follows from it.
        const [cause] = sends
          .filter(
            ({ to, probe, cut }) => !cut && to !== null && to.seq > seq && to.atMs === atMs && probe.order.chatServer === event.chatServer,
          )
          .sort((one, other) => (one.to?.seq ?? 0) - (other.to?.seq ?? 0));
        const isDown = cause?.attempt?.reason === 'chat_server_not_found';
        if (cause === undefined || isDown !== (event.to === 'suspect'))
          yield `${event.chatServer} at ${atMs}: ${event.to} after ${cause?.attempt?.reason}`;
      }
    },
  },
];

/** Messages that were surely let go while their Chat Server was in this state. */
function sentIn(view: TargetView, state: ServerState): readonly SeenSend[] {
  if (view.forgetsServers) return [];
  const timelines = serverTimelines(view);
  return view.sends.filter(
    ({ admittedAtMs, from, probe }) =>
      from.seq < view.closingSeq && admittedAtMs !== null && timelines(probe.order.chatServer).surelyAt(from) === state,
  );
}

function byServer(sends: readonly SeenSend[]): ReadonlyMap<string | null, readonly SeenSend[]> {
  return groupedBy(sends, ({ probe }) => probe.order.chatServer);
}

function moments(sends: readonly SeenSend[]): readonly number[] {
  return sends.map(({ from }) => from.atMs);
}
