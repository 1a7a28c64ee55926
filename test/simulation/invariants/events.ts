import type { Reason } from '../../../src/probe/reasons.ts';
import type { OutageEvent } from '../../../src/resilience/events.ts';
import { type Heard, heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';

/** What must have been heard for an attempt to be told so; nothing for all the others. */
const MEANINGS: Partial<Record<Reason, Heard>> = {
  delivered: 'delivered',
  session_not_found: 'not_here',
  session_not_found_by_type: 'not_here',
  session_may_have_moved: 'not_here',
  chat_server_not_found: 'server_down',
  fault_unrecognised: 'other_fault',
  error_unrecognised: 'other_error',
};

/** What observers are told adds up. */
export const EVENTS: readonly Invariant[] = [
  {
    name: 'each probe that begins has exactly one terminal event',
    *breaches({ probes }) {
      for (const { id, terminals } of probes.values()) if (terminals !== 1) yield `${id} has ${terminals}`;
    },
  },
  {
    name: 'each message is told once as an attempt, and the result tells of all of them',
    *breaches({ probes }) {
      for (const { id, sends, result } of probes.values()) {
        if (sends.some(({ to }) => to === null)) yield `${id} has a message without an attempt`;
        if (sends.some(({ n, attempt }) => attempt?.n !== n))
          yield `${id} numbers its attempts ${sends.map(({ attempt }) => attempt?.n).join()}`;
        if (result !== null && result.attempts.length !== sends.length)
          yield `${id} tells of ${result.attempts.length} of ${sends.length} attempts`;
      }
    },
  },
  {
    name: 'an attempt is told as what was heard on the wire, and as nothing else',
    *breaches({ sends }) {
      for (const send of sends) {
        if (send.attempt === null || send.cut) continue;
        const heard = heardOf(send);
        if ((MEANINGS[send.attempt.reason] ?? 'nothing') !== heard) yield `${send.probe.id}: ${send.attempt.reason}, heard ${heard}`;
      }
    },
  },
  {
    name: 'the states of Chat Servers follow from each other',
    *breaches({ events }) {
      const states = new Map<string | null, string>();
      for (const { event, atMs } of events) {
        if (event.type !== 'server_changed') continue;
        const before = states.get(event.chatServer) ?? 'healthy';
        if (event.from !== before || event.to === event.from)
          yield `${event.chatServer} at ${atMs}: ${before}, told ${event.from} to ${event.to}`;
        states.set(event.chatServer, event.to);
      }
    },
  },
  {
    name: 'guard and gateway change whenever they are said to',
    *breaches({ events }) {
      let guard = 'watching';
      let isOpen = false;
      for (const { event, atMs } of events) {
        if (event.type === 'guard_changed') {
          if (event.state === guard) yield `guard ${guard} twice at ${atMs}`;
          guard = event.state;
        }
        if (event.type === 'gateway_changed') {
          if (event.open === isOpen) yield `gateway open ${isOpen} twice at ${atMs}`;
          isOpen = event.open;
        }
      }
    },
  },
  {
    name: 'what /readyz tells is what the events add up to',
    *breaches(view) {
      for (const { seq, atMs, state } of view.states) {
        const before = view.events.filter((each) => each.seq < seq).map(({ event }) => event);
        const parked = sum(before, (event) => (event.type === 'probe_parked' ? event.by : 0));
        const down = sum(before, (event) =>
          event.type === 'server_changed' ? Number(event.to !== 'healthy') - Number(event.from !== 'healthy') : 0,
        );
        const isOpen = before.findLast((event) => event.type === 'gateway_changed')?.open ?? false;
        const guard = before.findLast((event) => event.type === 'guard_changed')?.state ?? 'watching';
        if (parked !== state.probesParked || parked < 0) yield `${parked} parked, told ${state.probesParked} at ${atMs}`;
        if (down !== state.serversDown) yield `${down} down, told ${state.serversDown} at ${atMs}`;
        if (isOpen !== state.gatewayOpen) yield `gateway open ${isOpen}, told ${state.gatewayOpen} at ${atMs}`;
        if (guard !== state.guard) yield `guard ${guard}, told ${state.guard} at ${atMs}`;
      }
    },
  },
  {
    name: 'each answer that is shared is told once, and counted as a message saved',
    *breaches({ requests, events }) {
      for (const servedBy of ['coalesced', 'recent'] as const) {
        const answers = requests.filter(({ answer }) => answer?.servedBy === servedBy).map(({ order }) => order.requestId);
        const told = events.flatMap(({ event }) =>
          event.type === 'answer_shared' && event.servedBy === servedBy ? [event.request.requestId] : [],
        );
        const saved = events.filter(({ event }) => event.type === 'message_saved' && event.by === servedBy).length;
        if (answers.toSorted().join() !== told.toSorted().join()) yield `${servedBy}: ${answers.join()} answered, ${told.join()} told`;
        if (saved !== answers.length) yield `${servedBy}: ${answers.length} answered, ${saved} saved`;
      }
    },
  },
  {
    name: 'each message that the gate keeps back is counted as saved',
    *breaches({ probes, events }) {
      for (const by of ['canary', 'gateway_open', 'retry_suppressed', 'message_limit'] as const) {
        const kept = [...probes.values()].filter(({ result }) =>
          by === 'canary' ? result?.servedBy === 'canary' : result?.reason === by,
        ).length;
        const saved = events.filter(({ event }) => event.type === 'message_saved' && event.by === by).length;
        if (saved < kept) yield `${by}: ${kept} kept back, ${saved} saved`;
      }
    },
  },
  {
    name: 'no fault is told but those of adapters that break their promises',
    *breaches({ faults, sends }) {
      const broken = sends.filter(({ passage }) => passage.trouble === 'throws' || passage.trouble === 'rejects').length;
      if (faults > broken) yield `${faults} faults, ${broken} broken promises`;
    },
  },
];

function sum(events: readonly OutageEvent[], worth: (event: OutageEvent) => number): number {
  return events.reduce((total, event) => total + worth(event), 0);
}
