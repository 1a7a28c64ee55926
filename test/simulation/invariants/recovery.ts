import type { Reason } from '../../../src/probe/reasons.ts';
import { serverTimelines } from '../timeline.ts';
import type { Invariant } from './invariant.ts';

/** Why there was no other attempt. */
const ONLY_ONCE: ReadonlySet<Reason | undefined> = new Set(['retry_suppressed', 'message_limit']);

/** Once the last outage is over and traffic goes on, all is as if nothing had been. */
export const RECOVERY: readonly Invariant[] = [
  {
    name: 'after the last outage every Chat Server and the gateway are healthy again, and nobody waits',
    *breaches(view) {
      const timelines = serverTimelines(view);
      for (const { phase, state, ...moment } of view.states) {
        if (phase !== 'repaired' && phase !== 'proved') continue;
        for (const name of view.mine.scenario.chatServers) {
          const server = timelines(name).at(moment);
          if (server !== 'healthy') yield `${name} is ${server} (${phase})`;
        }
        // Where one failure is enough, a message that a slow world makes late is one, and nobody may have asked since.
        if (state.gatewayOpen && phase === 'proved' && view.mine.safety.outage.breakerFailures > 1) yield `the gateway is open (${phase})`;
        if (state.probesParked > 0) yield `${state.probesParked} wait (${phase})`;
      }
    },
  },
  {
    name: 'after the last outage living chats are found alive',
    *breaches({ requests, mine }) {
      for (const { phase, answer, order, n } of requests) {
        if (phase !== 'proof' || answer?.evidence === 'alive') continue;
        // An old chat may have had its messages.
        if (order.interactionId.startsWith('chat-') && answer?.reason === 'message_limit') continue;
        // In a slow world a message takes longer than its attempt now and then, and there may be no second one.
        if (ONLY_ONCE.has(answer?.reason) && answer?.attempts.at(-1)?.reason === 'timeout') continue;
        if (answer?.reason === 'gateway_open' && mine.safety.outage.breakerFailures === 1) continue;
        yield `request ${n} about ${order.interactionId}: ${answer?.reason}`;
      }
    },
  },
  {
    name: 'after the last outage the guard watches again as soon as a living chat is found',
    *breaches({ states }) {
      for (const { phase, state } of states) if (phase === 'proved' && state.guard === 'tripped') yield 'the guard is tripped';
    },
  },
  {
    name: 'when the service is closed nobody waits, no Chat Server counts as down and no timer runs',
    *breaches({ states }) {
      for (const { phase, state, timers } of states) {
        if (phase !== 'closed') continue;
        if (state.probesParked !== 0) yield `${state.probesParked} wait`;
        if (state.serversDown !== 0) yield `${state.serversDown} count as down`;
        if (timers !== 0) yield `${timers} timers run`;
      }
    },
  },
];
