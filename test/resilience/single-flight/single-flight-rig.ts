import { type CancelController, type CancelListener, type CancelSignal, createCancelController } from '../../../src/probe/cancel-signal.ts';
import { wait } from '../../../src/probe/clock.ts';
import type { ProbeOrder } from '../../../src/probe/probe-order.ts';
import { DRAINING } from '../../../src/probe/prober.ts';
import type { Reason } from '../../../src/probe/reasons.ts';
import { conclude, type ProbeResult } from '../../../src/probe/verdict.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/probe/virtual-clock.ts';
import type { OutageEvent } from '../../../src/resilience/events.ts';
import { NO_FLEET } from '../../../src/resilience/fleet.ts';
import type { Answer } from '../../../src/resilience/probe-service.ts';
import { type Found, type Run, SingleFlight, type SingleFlightSettings } from '../../../src/resilience/single-flight/single-flight.ts';
import { attemptWith, orderWith } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';

export const FLIGHT_SETTINGS: SingleFlightSettings = { coalesce: true, reuseAliveMs: 2_000, messageLimit: 10, messageWindowMs: 600_000 };

/** How the one message of a run goes. */
export interface Course {
  readonly takesMs: number;
  readonly reason: Reason;
  /** How long a message that was cut short stays in flight. */
  readonly lingersMs?: number;
  /** The run breaks with its message in flight, and gives nothing back. */
  readonly breaks?: boolean;
  /** Its Chat Server has been down for long. */
  readonly isKnownDown?: boolean;
}

/** One run as it was seen. */
export interface SeenRun {
  readonly order: ProbeOrder;
  readonly signal: CancelSignal;
  readonly startedAtMs: number;
  /** When its message left, null while it has not. */
  sentAtMs: number | null;
  endedAtMs: number | null;
  result: ProbeResult | null;
}

/** One request and its caller. */
export interface Asked {
  readonly order: ProbeOrder;
  readonly controller: CancelController;
  readonly atMs: number;
  readonly answer: Promise<Answer | null>;
  /** Undefined until it has settled. */
  settled: { readonly atMs: number; readonly answer: Answer | null } | undefined;
}

export interface FlightsRig {
  readonly clock: VirtualClock;
  readonly flights: SingleFlight;
  readonly runs: readonly SeenRun[];
  readonly events: readonly OutageEvent[];
  /** What was to be answered, in order, and to which request. */
  readonly judged: readonly Found[];
  /** Chat Servers that chats which were never asked about before have named. */
  readonly newcomers: readonly (string | null)[];
  /** Messages delivered or cut short, by chat. */
  readonly messages: ReadonlyMap<string, readonly number[]>;
  /** Most messages to one chat that were in flight at once. */
  readonly mostInFlight: () => number;
  /** Asks without moving time. */
  ask(fields?: Partial<ProbeOrder>): Asked;
}

/** Single flight in virtual time, over runs that send one message each. By default it is delivered after 100 ms. */
export function flightsRig(settings: Partial<SingleFlightSettings> = {}, course: (order: ProbeOrder) => Course = alive): FlightsRig {
  const clock = createVirtualClock();
  const adapter = scriptedAdapter(clock, []);
  const runs: SeenRun[] = [];
  const events: OutageEvent[] = [];
  const inFlight = new Map<string, number>();
  const messages = new Map<string, number[]>();
  let mostInFlight = 0;

  const judged: Found[] = [];
  const newcomers: (string | null)[] = [];

  const send: Run = async (order, signal, traffic) => {
    const deadlineAtMs = clock.nowMs() + order.policy.deadlineMs;
    if (order.isOffline) return resultWith(order, 'session_offline');
    if (signal.aborted) return endedBy(order, signal);
    const claimed = await traffic.acquire(deadlineAtMs - 50, signal);
    if (!claimed) return signal.aborted ? endedBy(order, signal) : resultWith(order, 'deadline');
    if (signal.aborted || !traffic.mayGetMessage()) {
      traffic.release();
      return signal.aborted ? endedBy(order, signal) : resultWith(order, 'message_limit');
    }

    const id = order.interactionId;
    const { takesMs, reason, lingersMs = 0, breaks = false, isKnownDown = false } = course(order);
    const present = (inFlight.get(id) ?? 0) + 1;
    inFlight.set(id, present);
    mostInFlight = Math.max(mostInFlight, present);
    const run = runs.find((each) => each.order === order);
    if (run !== undefined) run.sentAtMs = clock.nowMs();
    await wait(clock, Math.min(takesMs, deadlineAtMs - clock.nowMs()), signal);
    const cut = signal.aborted;
    if (cut) await wait(clock, lingersMs, createCancelController().signal);
    inFlight.set(id, (inFlight.get(id) ?? 0) - 1);
    if (breaks) throw new Error('broken');
    if (cut || reason === 'delivered') {
      messages.set(id, [...(messages.get(id) ?? []), clock.nowMs()]);
      traffic.gotMessage();
    }
    traffic.release();
    return cut ? endedBy(order, signal) : resultWith(order, reason, isKnownDown);
  };
  const run: Run = async (order, signal, traffic) => {
    const seen: SeenRun = { order, signal, startedAtMs: clock.nowMs(), sentAtMs: null, endedAtMs: null, result: null };
    runs.push(seen);
    try {
      seen.result = await send(order, signal, traffic);
      return seen.result;
    } finally {
      seen.endedAtMs = clock.nowMs();
    }
  };
  const flights = new SingleFlight({
    clock,
    settings: { ...FLIGHT_SETTINGS, ...settings },
    newcomerMs: 30_000,
    run,
    newcomer: (chatServer) => newcomers.push(chatServer),
    fleet: NO_FLEET,
    observe: (event) => events.push(event),
  });

  let asks = 0;
  return {
    clock,
    flights,
    runs,
    events,
    judged,
    newcomers,
    messages,
    mostInFlight: () => mostInFlight,
    ask(fields = {}) {
      asks += 1;
      const order = orderWith(adapter, { probeId: `probe-${asks}`, requestId: `request-${asks}`, ...fields });
      const controller = createCancelController();
      const answer = flights.ask(order, controller.signal).then((found) => {
        if (found !== null) judged.push(found);
        return answerTo(found);
      });
      const asked: Asked = { order, controller, atMs: clock.nowMs(), answer, settled: undefined };
      void answer.then((settled) => {
        if (asked.settled !== undefined) throw new Error('settled twice');
        asked.settled = { atMs: clock.nowMs(), answer: settled };
      });
      return asked;
    },
  };
}

export function alive(): Course {
  return { takesMs: 100, reason: 'delivered' };
}

/** A signal that never aborts, and who listens to it. */
export function watchedSignal(): { readonly signal: CancelSignal; readonly listening: ReadonlySet<CancelListener> } {
  const listening = new Set<CancelListener>();
  const signal: CancelSignal = {
    aborted: false,
    reason: undefined,
    addEventListener: (_type, listener) => listening.add(listener),
    removeEventListener: (_type, listener) => listening.delete(listener),
  };
  return { signal, listening };
}

/** A policy of one attempt with this deadline. */
export function within(deadlineMs: number): Pick<ProbeOrder, 'policy'> {
  return {
    policy: { attempts: 1, attemptTimeoutMs: 60_000, pauseMs: 0, backoff: 1, maxPauseMs: 0, jitter: 0, deadlineMs },
  };
}

function endedBy(order: ProbeOrder, signal: CancelSignal): ProbeResult | null {
  return signal.reason === DRAINING ? resultWith(order, 'draining') : null;
}

/** What a run comes to that made one attempt with this outcome. */
export function resultWith(order: ProbeOrder, reason: Reason, isKnownDown = false): ProbeResult {
  return {
    ...conclude(reason, order.target.rules, order.policy.deadlineMs, isKnownDown),
    attempts: [attemptWith({ reason })],
    faultCode: reason === 'session_not_found' ? '100' : null,
    faultString: null,
    servedBy: 'probe',
    isKnownDown,
    elapsedMs: 100,
  };
}

/** What is found, as an answer that nothing keeps from the caller. */
export function answerTo(found: Found | null): Answer | null {
  return found === null ? null : answerWith(found.result, found.probeId);
}

/** An answer that nothing keeps from the caller. */
export function answerWith(result: ProbeResult, probeId: string): Answer {
  return { ...result, probeId, guarded: false, shadowVerdict: null };
}
