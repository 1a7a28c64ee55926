import { REASONS } from '../../../src/probe/reasons.ts';
import type { ProbeAnswered } from '../../../src/resilience/events.ts';
import { isEnforced } from '../../../src/resilience/stop-filters/filter-stop.ts';
import type { SeenRequest, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

/** An answer may come so much later than its deadline (docs/reference.md, "Retry policies"). */
const GRACE_MS = 50;
/** How soon one who hung up, or is told that the service drains, is let go. */
const AT_ONCE_MS = 100;

type Answered = ProbeAnswered['answer'];

/** How requests are answered, whatever the verdict. */
export const ANSWERS: readonly Invariant[] = [
  {
    name: 'every request is answered exactly once, or given up by its caller',
    *breaches({ requests }) {
      for (const request of requests) {
        if (request.fault !== null) yield `${who(request)} was rejected: ${request.fault}`;
        if (request.timesSettled !== 1) yield `${who(request)} was settled ${request.timesSettled} times`;
        else if (request.answer === null && request.left?.how !== 'hangs_up') yield `${who(request)} got no answer, and had not hung up`;
      }
    },
  },
  {
    name: 'each answer is told once, as its caller got it, and no other',
    *breaches({ log, requests, declines }) {
      const told = new Map<string, Answered[]>();
      for (const each of log) {
        if (each.type !== 'told' || each.event.type !== 'probe_answered') continue;
        const { probeId } = each.event.probe;
        told.set(probeId, [...(told.get(probeId) ?? []), each.event.answer]);
      }
      for (const { order, answer } of [...requests, ...declines]) {
        const [first = null, ...others] = told.get(order.probeId) ?? [];
        if (first !== answer || others.length > 0)
          yield `${order.probeId}: told ${others.length + Number(first !== null)} times, or otherwise`;
        told.delete(order.probeId);
      }
      if (told.size > 0) yield `told of ${[...told.keys()].join()}, who did not ask`;
    },
  },
  {
    name: 'every answer comes by its deadline + 50 ms',
    *breaches(view) {
      for (const request of view.requests) {
        const dueMs = request.asked.atMs + request.order.policy.deadlineMs + GRACE_MS;
        if (request.settled !== null && request.settled.atMs > dueMs + stalledMs(view, request.asked.atMs, request.settled.atMs))
          yield `${who(request)} was answered at ${request.settled.atMs}, due by ${dueMs}`;
      }
    },
  },
  {
    name: 'who hangs up or is drained is let go at once',
    *breaches(view) {
      for (const { left, settled, ...request } of view.requests) {
        if (left === null || settled === null) continue;
        const lateMs = settled.atMs - left.atMs - stalledMs(view, left.atMs, settled.atMs);
        if (lateMs > AT_ONCE_MS) yield `${who(request)} left at ${left.atMs} and was let go at ${settled.atMs}`;
      }
    },
  },
  {
    name: 'an answer says of its evidence and shadow verdict what the tables say',
    *breaches({ requests, declines, mine }) {
      const answered = [...requests, ...declines.map((each) => ({ ...each, withheld: null }))];
      for (const { order, answer, withheld } of answered) {
        if (answer === null) continue;
        if (answer.evidence !== REASONS[answer.reason].evidence) yield `${order.probeId}: ${answer.reason} is no ${answer.evidence}`;
        const { enforcement } = mine.safety;
        const isEnforcedHere = !enforcement.shadow && (enforcement.enforcePercent === 100 || isEnforced(enforcement, order.interactionId));
        const isShadow = answer.shadowVerdict !== null;
        if (isShadow === isEnforcedHere && answer.reason !== 'internal_error')
          yield `${order.probeId}: shadow verdict ${answer.shadowVerdict} where enforced is ${isEnforcedHere}`;
        if (isShadow && answer.verdict !== 'route') yield `${order.probeId}: ${answer.verdict} although it is in shadow`;
        const isTold = withheld === 'repeated' ? answer.recheckAfterMs === null : answer.recheckAfterMs !== null;
        if (answer.guarded && (answer.verdict !== 'route' || !answer.degraded || !isTold))
          yield `${order.probeId}: guarded, but ${JSON.stringify(answer)}`;
      }
    },
  },
  {
    name: '`recent` is answered only within reuseAliveMs after the chat was found alive under the same name',
    *breaches(view) {
      const { reuseAliveMs } = view.mine.safety.outage;
      for (const request of view.requests) {
        const { answer, order, asked } = request;
        if (answer?.servedBy !== 'recent') continue;
        const probe = view.probes.get(answer.probeId);
        const ageMs = asked.atMs - (probe?.ended?.atMs ?? Number.NEGATIVE_INFINITY);
        const isOfIt = probe?.order.interactionId === order.interactionId && probe.order.chatServer === order.chatServer;
        if (!isOfIt || probe?.result?.evidence !== 'alive' || !(ageMs < reuseAliveMs)) yield `${who(request)} after ${ageMs} ms`;
        if (answer.verdict !== 'route' || answer.reason !== 'delivered') yield `${who(request)} was answered ${answer.verdict}`;
      }
    },
  },
  {
    name: '`coalesced` is answered with what a probe of the same chat under the same name came to, or with its own deadline',
    *breaches(view) {
      for (const request of view.requests) {
        const { answer, order, asked, settled } = request;
        if (answer?.servedBy !== 'coalesced' || settled === null) continue;
        const probe = view.probes.get(answer.probeId);
        if (probe?.order.interactionId !== order.interactionId || probe.order.chatServer !== order.chatServer)
          yield `${who(request)} shared the probe of another chat`;
        const isOwnDeadline = answer.reason === 'deadline' && settled.atMs >= asked.atMs + order.policy.deadlineMs;
        if (answer.reason !== probe?.result?.reason && !isOwnDeadline)
          yield `${who(request)}: ${answer.reason}, not ${probe?.result?.reason}`;
        if (probe?.ended != null && probe.ended.seq < asked.seq) yield `${who(request)} joined a probe that had ended`;
      }
    },
  },
];

export function who({ n, order }: Pick<SeenRequest, 'n' | 'order'>): string {
  return `request ${n} (${order.interactionId} via ${order.chatServer ?? 'type'})`;
}

/** How long the process hung between two moments, which nothing in it can make up for. */
function stalledMs({ stalls }: TargetView, fromMs: number, toMs: number): number {
  let total = 0;
  for (const { atMs, forMs } of stalls) if (atMs + forMs >= fromMs && atMs <= toMs) total += forMs;
  return total;
}
