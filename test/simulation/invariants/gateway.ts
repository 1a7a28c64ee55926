import type { Attempt } from '../../../src/probe/attempt.ts';
import { REASONS } from '../../../src/probe/reasons.ts';
import { serverTimelines, timelineOf } from '../timeline.ts';
import type { SeenProbe, SeenSend, TargetView } from '../view.ts';
import type { Invariant } from './invariant.ts';

const MAX_TRIAL_GAP_MS = 500;
const TRIAL_GAP_DIVISOR = 10;
const OWN_SHORTNESS_MS = 20;

/** What may be sent to a gateway in trouble. */
export const GATEWAY: readonly Invariant[] = [
  {
    name: 'while the gateway is open one trial at a time is out, and they keep their distance',
    *breaches(view) {
      const open = openTimeline(view);
      const trials = view.sends.filter(({ from }) => open.surelyAt(from) === true);
      for (const [n, { from }] of trials.entries()) {
        const before = trials[n - 1];
        const sinceMs = open.sinceAt(from)?.atMs ?? 0;
        if (before === undefined || before.from.atMs <= sinceMs) continue;
        if (before.to === null || before.to.seq > from.seq) yield `two at ${from.atMs}`;
        if (from.atMs - before.from.atMs < Math.min(MAX_TRIAL_GAP_MS, (from.atMs - sinceMs) / TRIAL_GAP_DIVISOR))
          yield `${before.from.atMs} and ${from.atMs}, open since ${sinceMs}`;
      }
    },
  },
  {
    name: 'the gateway opens after so many failures in a row, and closes with the first answer',
    *breaches(view) {
      const { breaker, breakerFailures } = view.mine.safety.outage;
      const open = openTimeline(view);
      let failures = NO_FAILURES;
      const weightOf = weights(view);
      for (const send of inOrderOfEnd(view.sends)) {
        const { attempt, cut, to, probe } = send;
        if (attempt === null || to === null || cut || isOurs(attempt, probe)) continue;
        const { origin } = REASONS[attempt.reason];
        if (origin === 'reply') failures = NO_FAILURES;
        else if (origin === 'transport' && attempt.reason !== 'gateway_misrouted') failures = sum(failures, weightOf(send));
        else continue;
        // What follows from an attempt is told right before it.
        const isOpen = open.at(to);
        if (origin === 'reply' && isOpen) yield `open although ${attempt.reason} came at ${to.atMs}`;
        if (origin === 'transport' && !isOpen && breaker && failures.least >= breakerFailures)
          yield `closed after ${failures.least} failures at ${to.atMs}`;
        if (isOpen && !breaker) yield `open at ${to.atMs}, though switched off`;
        if (open.sinceAt(to)?.atMs === to.atMs && isOpen && failures.most < breakerFailures)
          yield `open after ${failures.most} failures at ${to.atMs}`;
      }
    },
  },
  {
    name: 'only an open gateway is a reason not to ask it',
    *breaches(view) {
      const open = openTimeline(view);
      for (const { id, result, ended } of view.probes.values()) {
        if (result?.reason === 'gateway_open' && ended !== null && open.surelyAt(ended) === false) yield `${id} at ${ended.atMs}`;
      }
    },
  },
];

/** Where it cannot be seen from outside for how many a failure counted. */
interface Range {
  readonly least: number;
  readonly most: number;
}

const NO_FAILURES: Range = { least: 0, most: 0 };
const ENOUGH_LONE_WITNESSES = 4;

function sum(one: Range, other: Range): Range {
  return { least: one.least + other.least, most: one.most + other.most };
}

/** A message that nobody took counts for more where its Chat Server was down as it was let go. */
function weights(view: TargetView): (send: SeenSend) => Range {
  const heavy = Math.max(1, view.mine.safety.outage.breakerFailures / ENOUGH_LONE_WITNESSES);
  const timelines = serverTimelines(view);
  return ({ attempt, probe, from, admittedAtMs }) => {
    if (attempt?.written !== false) return { least: 1, most: 1 };
    const state = admittedAtMs === from.atMs ? timelines(probe.order.chatServer).surelyAt(from) : null;
    return { least: state === 'suspect' ? heavy : 1, most: state === 'healthy' || state === 'recovering' ? 1 : heavy };
  };
}

/** A time-out for which our own deadline left too little time says nothing about the gateway. */
function isOurs({ reason, durationMs }: Attempt, { order }: SeenProbe): boolean {
  return reason === 'timeout' && durationMs < order.policy.attemptTimeoutMs - OWN_SHORTNESS_MS;
}

function openTimeline({ events }: TargetView) {
  return timelineOf<boolean>(events, false, (event) => (event.type === 'gateway_changed' ? event.open : null));
}

function inOrderOfEnd(sends: readonly SeenSend[]): readonly SeenSend[] {
  return sends.filter(({ to }) => to !== null).sort((one, other) => (one.to?.seq ?? 0) - (other.to?.seq ?? 0));
}
