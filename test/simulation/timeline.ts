import type { GuardState, OutageEvent, ServerState } from '../../src/resilience/events.ts';
import { perView } from './per-view.ts';
import type { Moment } from './record.ts';
import type { TimedOutageEvent } from './view.ts';

/** What holds from one change to the next. */
export interface Timeline<S> {
  at(moment: Moment): S;
  /** The same, but null if it began to hold in the very millisecond: what was decided in it may have gone before. */
  surelyAt(moment: Moment): S | null;
  /** When what holds then began to; null if it has from the beginning. */
  sinceAt(moment: Moment): Moment | null;
  /** Null unless the same holds from one moment to the other, both included. */
  throughout(from: Moment, to: Moment): S | null;
}

/** @param pick what an event changes it to, null if it does not. */
export function timelineOf<S>(events: readonly TimedOutageEvent[], first: S, pick: (event: OutageEvent) => S | null): Timeline<S> {
  const changes = events.flatMap(({ atMs, seq, event }) => {
    const state = pick(event);
    return state === null ? [] : [{ atMs, seq, state }];
  });
  const lastAt = ({ seq }: Moment) => changes.findLast((change) => change.seq < seq) ?? null;
  return {
    at: (moment) => lastAt(moment)?.state ?? first,
    surelyAt(moment) {
      const last = lastAt(moment);
      if (last === null) return first;
      return last.atMs < moment.atMs ? last.state : null;
    },
    sinceAt: lastAt,
    throughout(from, to) {
      const last = lastAt(from);
      return lastAt(to) === last ? (last?.state ?? first) : null;
    },
  };
}

/** The states of every Chat Server that has changed; whoever is not in it was healthy all the time. */
export const serverTimelines = perView(({ events }): ((chatServer: string | null) => Timeline<ServerState>) => {
  const known = new Map<string | null, Timeline<ServerState>>();
  return (chatServer) => {
    const found = known.get(chatServer);
    if (found !== undefined) return found;
    const made = timelineOf<ServerState>(events, 'healthy', (event) =>
      event.type === 'server_changed' && event.chatServer === chatServer ? event.to : null,
    );
    known.set(chatServer, made);
    return made;
  };
});

/** The states of the guard. */
export const guardTimeline = perView(({ events }) =>
  timelineOf<GuardState>(events, 'watching', (event) => (event.type === 'guard_changed' ? event.state : null)),
);
