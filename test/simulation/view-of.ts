import type { Attempt } from '../../src/probe/attempt.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import { MAX_SERVERS } from '../../src/resilience/chat-servers/chat-servers.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import { newsIn } from './news.ts';
import type { TargetPlan } from './plan.ts';
import type { Moment, Played, Recorded } from './record.ts';
import type { SeenProbe, SeenRequest, SeenSend, TargetView } from './view.ts';

/** Puts in order what happened to one target. */
export function viewOf({ plan, log: wholeLog, stalls, delivered }: Played, mine: TargetPlan): TargetView {
  const log = wholeLog.filter(({ target }) => target === mine.name);
  const requests = requestsIn(log);
  const orders = new Map<string, Ordered>(requests.map(({ order, asked }) => [order.probeId, { order, atMs: asked.atMs }]));
  for (const each of log) if (each.type === 'declined') orders.set(each.order.probeId, { order: each.order, atMs: each.atMs });
  const { probes, sends, faults } = probesIn(log, orders);
  return {
    plan,
    mine,
    log,
    stalls,
    requests,
    probes,
    sends,
    news: newsIn(sends),
    events: log.flatMap((each) => (each.type === 'told' && isOutageEvent(each.event) ? [{ ...momentOf(each), event: each.event }] : [])),
    faults,
    states: statesIn(log),
    declines: log.flatMap((each) => (each.type === 'declined' ? [each] : [])),
    releases: log.flatMap((each) => (each.type === 'released' ? [{ ...momentOf(each), minutes: each.minutes }] : [])),
    delivered: delivered.get(mine.name) ?? new Map(),
    closingSeq: log.find(({ type }) => type === 'closing')?.seq ?? Number.POSITIVE_INFINITY,
    forgetsServers: new Set(requests.map(({ order }) => order.chatServer)).size > MAX_SERVERS,
  };
}

export function momentOf({ atMs, seq }: Moment): Moment {
  return { atMs, seq };
}

function statesIn(log: readonly Recorded[]): TargetView['states'] {
  return log.flatMap((each): TargetView['states'] => {
    if (each.type === 'looked') return [{ ...momentOf(each), phase: 'looked', state: each.state, timers: null }];
    return each.type === 'came_to' ? [{ ...momentOf(each), phase: each.phase, state: each.state, timers: each.timers }] : [];
  });
}

function requestsIn(log: readonly Recorded[]): readonly SeenRequest[] {
  const requests = new Map<number, SeenRequest>();
  const byProbe = new Map<string, SeenRequest>();
  for (const each of log) {
    if (each.type === 'told' && each.event.type === 'stop_withheld') {
      const request = byProbe.get(each.event.probe.probeId);
      if (request !== undefined) request.withheld = each.event.because;
    }
    if (each.type === 'asked') {
      const { request: n, phase, order } = each;
      const unsettled = { left: null, settled: null, timesSettled: 0, answer: null, fault: null, withheld: null, living: false };
      const request: SeenRequest = { n, phase, order, asked: momentOf(each), ...unsettled };
      requests.set(n, request);
      byProbe.set(order.probeId, request);
    }
    if (each.type !== 'left' && each.type !== 'answered' && each.type !== 'rejected') continue;
    const request = requests.get(each.request);
    if (request === undefined) continue;
    if (each.type === 'left') request.left ??= { ...momentOf(each), how: each.how };
    else {
      request.timesSettled += 1;
      request.settled ??= momentOf(each);
      if (each.type === 'rejected') request.fault = each.fault;
      else {
        request.answer = each.answer;
        request.living = each.living;
      }
    }
  }
  return [...requests.values()];
}

/** Follows probes and their messages through the log. A probe sends its messages one after another. */
function probesIn(log: readonly Recorded[], orders: ReadonlyMap<string, Ordered>) {
  const probes = new Map<string, SeenProbe>();
  const sends: SeenSend[] = [];
  const declined = new Set(log.flatMap((each) => (each.type === 'declined' ? [each.order.probeId] : [])));
  let faults = 0;
  for (const each of log) {
    if (each.type === 'sent' && each.probeId !== null) {
      const probe = probes.get(each.probeId);
      if (probe === undefined) throw new Error(`${each.probeId} sends without having begun`);
      const send: SeenSend = {
        probe,
        n: probe.sends.length + 1,
        from: momentOf(each),
        passage: each.passage,
        to: null,
        attempt: null,
        cut: false,
        earliestAdmissionMs: probe.sends.at(-1)?.to?.atMs ?? probe.started.atMs,
        admittedAtMs: null,
      };
      send.admittedAtMs = isAlone(send, sends) ? send.from.atMs : null;
      probe.sends.push(send);
      sends.push(send);
    }
    if (each.type !== 'told') continue;
    const { event } = each;
    if (event.type === 'probe_started') {
      const id = event.probe.probeId;
      const ordered = orders.get(id);
      if (ordered === undefined) throw new Error(`nobody asked for the probe ${id}`);
      const order = begunAt(ordered, each.atMs);
      const open = { sends: [], ended: null, terminals: 0, result: null };
      probes.set(id, { id, order, isDeclined: declined.has(id), started: momentOf(each), ...open });
    }
    // Control probes, whose requests are not the callers', break no verdict.
    if (event.type === 'fault' && orders.has(event.requestId.replace('request-', ''))) faults += 1;
    followProbe(probes, momentOf(each), event);
  }
  return { probes, sends, faults };
}

/** What was asked for, and when. */
interface Ordered {
  readonly order: ProbeOrder;
  readonly atMs: number;
}

/** What a probe that begins now is to do, by the deadline of the request. */
function begunAt({ order, atMs }: Ordered, nowMs: number): ProbeOrder {
  return { ...order, policy: { ...order.policy, deadlineMs: order.policy.deadlineMs - (nowMs - atMs) } };
}

function followProbe(probes: ReadonlyMap<string, SeenProbe>, moment: Moment, event: ServiceEvent): void {
  if (!('probe' in event)) return;
  const probe = probes.get(event.probe.probeId);
  if (probe === undefined) return;
  switch (event.type) {
    case 'attempt_finished':
    case 'attempt_cancelled':
      endSend(probe.sends.at(-1), moment, event.attempt, event.type === 'attempt_cancelled');
      return;
    case 'probe_finished':
      probe.result ??= event.result;
      probe.ended ??= moment;
      probe.terminals += 1;
      return;
    case 'probe_cancelled':
      probe.ended ??= moment;
      probe.terminals += 1;
      return;
    case 'probe_started':
    case 'stop_withheld':
    case 'probe_answered':
    case 'request_abandoned':
      return;
  }
}

function endSend(send: SeenSend | undefined, moment: Moment, attempt: Attempt, cut: boolean): void {
  if (send === undefined) return;
  send.to ??= moment;
  send.attempt ??= attempt;
  send.cut = cut;
}

/** Whether no other message to the chat can have kept it waiting after it was let go. */
function isAlone({ probe, earliestAdmissionMs }: SeenSend, earlier: readonly SeenSend[]): boolean {
  return !earlier.some(
    (other) =>
      other.probe !== probe &&
      other.probe.order.interactionId === probe.order.interactionId &&
      (other.to === null || other.to.atMs >= earliestAdmissionMs),
  );
}

function isOutageEvent(event: ServiceEvent): event is TargetView['events'][number]['event'] {
  return !('probe' in event && event.type !== 'stop_withheld') && event.type !== 'fault' && event.type !== 'request_answered';
}
