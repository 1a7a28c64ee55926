import type { RetryPolicy } from '../../../src/probe/policy.ts';
import { groupedBy } from '../grouping.ts';
import type { Invariant } from './invariant.ts';

/** Where nothing goes wrong, outage protection does not show, whatever happens to a neighbour. */
export const CALM: readonly Invariant[] = [
  {
    name: 'in a calm world every living chat is found alive with one message',
    *breaches({ mine, requests, sends }) {
      if (!mine.isCalm) return;
      const messages = groupedBy(sends, ({ probe }) => probe.id);
      for (const { phase, order, answer, living, n } of requests) {
        if (phase !== 'outage' || !living || order.isOffline) continue;
        const sent = messages.get(order.probeId)?.length ?? 0;
        if (answer?.reason !== 'delivered' || answer.servedBy !== 'probe' || sent !== 1)
          yield `request ${n}: ${answer?.reason} with ${sent} messages`;
      }
    },
  },
  {
    name: 'in a calm world no message is withheld but retries beyond their budget, and nothing is told to be wrong',
    *breaches({ mine, events, states }) {
      if (!mine.isCalm) return;
      const provedSeq = states.find(({ phase }) => phase === 'proved')?.seq ?? 0;
      for (const { event, seq, atMs } of events) {
        if (seq > provedSeq) break;
        const isWrong =
          event.type === 'server_changed' ||
          event.type === 'gateway_changed' ||
          event.type === 'probe_parked' ||
          (event.type === 'message_saved' && event.by !== 'retry_suppressed' && event.by !== 'message_limit' && event.by !== 'recent') ||
          (event.type === 'control_answered' && event.state === 'wrong');
        if (isWrong) yield `${JSON.stringify(event)} at ${atMs}`;
      }
    },
  },
  {
    name: 'in a calm world every lost chat is found dead, or left for want of messages or of time for a second one',
    *breaches({ mine, requests }) {
      if (!mine.isCalm) return;
      for (const { phase, order, answer, living, n } of requests) {
        if (phase !== 'outage' || living || order.isOffline) continue;
        const isFound = answer !== null && ['session_not_found', 'retry_suppressed', 'message_limit'].includes(answer.reason);
        const isUnconfirmed = answer?.reason === 'unconfirmed' && mine.rules.ha && !hasRoomForTwo(order.policy, mine.rules.confirmAfterMs);
        if (!isFound && !isUnconfirmed) yield `request ${n}: ${answer?.reason}`;
      }
    },
  },
];

/** Whether a policy has time for two words that are far enough apart. */
function hasRoomForTwo({ attempts, deadlineMs, attemptTimeoutMs }: RetryPolicy, confirmAfterMs: number): boolean {
  return attempts > 1 && deadlineMs - attemptTimeoutMs >= confirmAfterMs;
}
