import type { Clock } from '../../probe/clock.ts';
import { MIN_ATTEMPT_MS } from '../../probe/policy.ts';
import { identityOf, type ProbeOrder } from '../../probe/probe-order.ts';
import { REASONS } from '../../probe/reasons.ts';
import type { StopSignal } from '../../probe/stop-signal.ts';
import type { Answer } from '../answer.ts';
import type { OutageEvent } from '../events.ts';
import type { OutageSettings } from '../settings.ts';
import { type ChatTraffic, createTraffic, NO_TRAFFIC } from './chat-traffic.ts';
import { type Chat, createChats } from './chats.ts';
import { addFlight, board, createFlight, type Flight, joinable, land, removeFlight } from './flight.ts';
import { ownCopy } from './own-copy.ts';
import { brokenAnswer, coalescedAnswer, isMorePatient, overdueAnswer, recentAnswer, type SharedAnswer } from './shared-answer.ts';

/** Probes a chat. Resolves with null if its signal aborted and nobody waits. */
export type Run<R> = (order: ProbeOrder, signal: StopSignal, traffic: ChatTraffic) => Promise<R | null>;

/** Lets those who ask about the same chat at the same time share one run. */
export interface Flights {
  /** Never rejects. Settles as the run does, or for who joined one by the policy's deadline; at once with null when the caller goes. */
  ask(order: ProbeOrder, signal: StopSignal): Promise<Answer | null>;
  /** Runs under way that may send. */
  readonly size: number;
}

export type FlightSettings = Pick<OutageSettings, 'coalesce' | 'reuseAliveMs' | 'messageLimit' | 'messageWindowMs'>;

export interface FlightParts<R> {
  readonly clock: Clock;
  readonly settings: FlightSettings;
  readonly run: Run<R>;
  /** Makes the answer of what a run came to, in the moment in which it ends. */
  readonly judge: (order: ProbeOrder, result: R, startedAtMs: number) => Answer;
  readonly observe: (event: Extract<OutageEvent, { type: 'message_saved' | 'answer_shared' }>) => void;
}

/** The runs of one target. Whatever a run or its judging breaks with, everybody is answered. */
export function createFlights<R>(parts: FlightParts<R>): Flights {
  const { clock, settings, run, judge } = parts;
  const chats = createChats(Math.max(settings.reuseAliveMs, settings.messageWindowMs));
  let size = 0;

  const landed = (chat: Chat, flight: Flight, traffic: ChatTraffic, answer: Answer | null): void => {
    // A run that broke must not lock its chat.
    traffic.release();
    const nowMs = clock.nowMs();
    removeFlight(chat, flight);
    chats.leave(chat, nowMs);
    size -= 1;
    if (answer?.evidence === 'alive') rememberAlive(chat, flight.order, answer, nowMs);
    land(flight, answer);
  };
  const fly = (chat: Chat, flight: Flight, startedAtMs: number): void => {
    const { order, controller } = flight;
    const traffic = createTraffic(clock, settings, chat);
    void begin(run, order, controller.signal, traffic).then(
      (result) => landed(chat, flight, traffic, judged(judge, order, result, startedAtMs)),
      () => landed(chat, flight, traffic, brokenAnswer(order)),
    );
  };

  const ask = (order: ProbeOrder, signal: StopSignal): Promise<Answer | null> => {
    const nowMs = clock.nowMs();
    if (order.isOffline || signal.aborted) {
      return begin(run, order, signal, NO_TRAFFIC).then(
        (result) => judged(judge, order, result, nowMs),
        () => brokenAnswer(order),
      );
    }
    const chat = chats.get(order.interactionId, nowMs);
    if (chat.aliveVia === order.chatServer && nowMs - chat.aliveAtMs < settings.reuseAliveMs) {
      return Promise.resolve(shared(parts, order, recentAnswer(order, chat)));
    }
    const joined = settings.coalesce ? joinable(chat, order.chatServer) : null;
    if (joined !== null) return join(parts, joined, order, signal, ask);

    const flight = createFlight(order);
    const answered = new Promise<Answer | null>((resolve) => void board(flight, signal, resolve));
    addFlight(chat, flight);
    chats.enter(chat);
    size += 1;
    fly(chat, flight, nowMs);
    return answered;
  };

  return {
    get size() {
      return size;
    },
    ask,
  };
}

function begin<R>(run: Run<R>, order: ProbeOrder, signal: StopSignal, traffic: ChatTraffic): Promise<R | null> {
  try {
    return run(order, signal, traffic);
  } catch (fault) {
    return Promise.reject(fault);
  }
}

function judged<R>(judge: FlightParts<R>['judge'], order: ProbeOrder, result: R | null, startedAtMs: number): Answer | null {
  if (result === null) return null;
  try {
    return judge(order, result, startedAtMs);
  } catch {
    return brokenAnswer(order);
  }
}

/** Waits for the run of another, with a deadline of one's own. Asks on where that run was less patient and found no life. */
function join(parts: ForSharing, flight: Flight, order: ProbeOrder, signal: StopSignal, ask: Flights['ask']): Promise<Answer | null> {
  const { clock } = parts;
  const askedAtMs = clock.nowMs();
  return new Promise((resolve) => {
    const passenger = board(flight, signal, (answer) => {
      cancel();
      const elapsedMs = clock.nowMs() - askedAtMs;
      const leftMs = order.policy.deadlineMs - elapsedMs;
      if (answer === null) resolve(null);
      else if (leftMs < MIN_ATTEMPT_MS || !mayAskOn(order, flight.order, answer)) {
        resolve(shared(parts, order, coalescedAnswer(order, answer, elapsedMs)));
      } else
        void ask({ ...order, policy: { ...order.policy, deadlineMs: leftMs } }, signal).then((own) =>
          resolve(own === null ? null : later(own, elapsedMs)),
        );
    });
    const cancel = clock.schedule(order.policy.deadlineMs, () => passenger.leave(overdueAnswer(order, flight.order.probeId)));
  });
}

type ForSharing = Pick<FlightParts<never>, 'clock' | 'observe'>;

function mayAskOn(order: ProbeOrder, run: ProbeOrder, { evidence, reason }: Answer): boolean {
  const hasEnded = REASONS[reason].origin !== 'service' || reason === 'deadline';
  return evidence !== 'alive' && hasEnded && isMorePatient(order, run);
}

function later(answer: Answer, byMs: number): Answer {
  return { ...answer, elapsedMs: answer.elapsedMs + byMs };
}

/** Tells that a request is answered by what the probe of another found out, or was about to. */
function shared({ observe }: ForSharing, order: ProbeOrder, answer: SharedAnswer): Answer {
  observe({ type: 'message_saved', target: order.target.name, by: answer.servedBy });
  observe({ type: 'answer_shared', request: identityOf(order), probeId: answer.probeId, servedBy: answer.servedBy });
  return answer;
}

function rememberAlive(chat: Chat, order: ProbeOrder, answer: Answer, nowMs: number): void {
  chat.aliveAtMs = nowMs;
  chat.aliveVia = order.chatServer === null ? null : ownCopy(order.chatServer);
  chat.aliveProbeId = answer.probeId;
  chat.aliveShadowVerdict = answer.shadowVerdict;
}
