import { type Downtime, NO_DOWNTIME } from '../probe/admission.ts';
import type { Attempt } from '../probe/attempt.ts';
import { attemptOf, type Observation, type ReadObservation, readObservation } from '../probe/observation.ts';
import { MIN_ATTEMPT_MS, nextStep } from '../probe/policy.ts';
import { identityOf, type ProbeOrder } from '../probe/probe-order.ts';
import { REASONS, type Reason } from '../probe/reasons.ts';
import { endedBy, type ProbeResult, resultOf } from '../probe/verdict.ts';
import type { ReportingAdmission } from './admission-control.ts';
import type { ServiceObserver } from './events.ts';
import type { Answer } from './probe-service.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { ChatLock } from './single-flight/chat-lock.ts';
import { type Chat, ownCopy } from './single-flight/chats.ts';
import type { Found } from './single-flight/single-flight.ts';

/** What a workflow that sends by itself is answered. */
export interface ObservedAnswer {
  readonly answer: Answer;
  /** When to send once more before the verdict is taken; null if nothing is to be gained by it. */
  readonly askAgainAfterMs: number | null;
}

export interface ObservedProbeParts {
  readonly observe: ServiceObserver;
  /** Notes what an engine said, and what it was taken for. */
  readonly note: (observation: Observation, read: ReadObservation) => void;
  /** Says what may be done with a chat, which is not forgotten until `leave` is called for it. */
  readonly enter: (order: ProbeOrder, nowMs: number) => { readonly chat: Chat; readonly lock: ChatLock };
  readonly leave: (chat: Chat, nowMs: number) => void;
  readonly admission: (order: ProbeOrder, lock: ChatLock) => ReportingAdmission;
  readonly budget: RetryBudget;
  /** False while the guard would let no stop pass. */
  readonly mayStop: (nowMs: number) => boolean;
  /** Makes the answer to what was found out; to be asked once for each request. */
  readonly answer: (found: Found) => Answer;
  /** Makes the answer while nothing is found out yet. */
  readonly soFar: (order: ProbeOrder, result: ProbeResult) => Answer;
}

/** A workflow's timer may ring this much early. */
const TIMER_MS = 20;

/**
 * One probe whose messages a workflow sends: a list of attempts, as the prober's. The same policy says when the next message is due, and
 * the same rules what follows. But it is the workflow that waits between two messages, and whoever does not come back has taken the
 * `route` that it was answered. So an answer counts in whatever order, and however often, it is told: a bad one is another word only if
 * its number is a new one, and its pause was over when it was told of; a life always counts.
 */
export class ObservedProbe {
  readonly #parts: ObservedProbeParts;
  /** Without user data, which may be much. */
  readonly order: ProbeOrder;
  readonly round: number;
  readonly startedAtMs: number;
  readonly #chat: Chat;
  readonly #lock: ChatLock;
  readonly #admission: ReportingAdmission;
  readonly #attempts: Attempt[] = [];
  /** Whether it was asked for once more since the guard would have withheld its stop. */
  #wasDoubted = false;
  /** The highest number that the workflow gave a message, and what it said of that. */
  #lastNumber = 0;
  #lastSaid = '';
  #dueAtMs: number;
  /** A little before it is due, as a workflow's timer may ring early; never the moment of the word before it, though. */
  #countsFromMs: number;
  #sawServerDown = false;
  #found: Found | null = null;

  constructor(parts: ObservedProbeParts, asked: ProbeOrder, round: number, nowMs: number) {
    this.#parts = parts;
    this.order = { ...asked, interactionId: ownCopy(asked.interactionId), userData: {} };
    this.round = round;
    this.startedAtMs = nowMs;
    this.#dueAtMs = nowMs;
    this.#countsFromMs = nowMs;
    const { chat, lock } = parts.enter(this.order, nowMs);
    this.#chat = chat;
    this.#lock = lock;
    this.#admission = parts.admission(this.order, lock);
    parts.observe({ type: 'probe_started', probe: identityOf(this.order) });
  }

  /** Whether it has come to its verdict, so that it can only be repeated. */
  get isOver(): boolean {
    return this.#found !== null;
  }

  /** Whether the same was told before, by a caller that got no answer in time. */
  isRepeated({ attempt }: Observation, said: string): boolean {
    return attempt === this.#lastNumber && said === this.#lastSaid;
  }

  /** Told a message again, or asked how it stands. @param asked the request, whose answer it is. */
  repeat(asked: ProbeOrder, nowMs: number): ObservedAnswer {
    if (this.#found === null) return this.#soFar(asked, nowMs);
    const order = this.#orderFor(asked);
    return { answer: this.#parts.answer({ ...this.#found, order, isOwn: false }), askAgainAfterMs: null };
  }

  /** Told what a message came to, while it is not over. @param asked the request that tells, with its user data. */
  tell(asked: ProbeOrder, observation: Observation, said: string, nowMs: number): ObservedAnswer {
    this.#admission.begin(this.startedAtMs);
    const read = readObservation(observation, asked, this.#sawServerDown || this.#admission.mayHaveMoved());
    this.#parts.note(observation, read);
    const isAlive = read.reason === 'delivered';
    const isNew = observation.attempt > this.#lastNumber;
    if (!isNew && !isAlive) return this.#soFar(asked, nowMs);
    const hasRoom = this.#lock.mayGetMessage();
    const attempt = attemptOf(read, this.#attempts.length + 1, this.#sentAtMs(isAlive, nowMs) - this.startedAtMs);
    this.#hear(attempt);
    this.#lastNumber = Math.max(observation.attempt, this.#lastNumber);
    this.#lastSaid = said;
    if (nowMs < this.#countsFromMs && !isAlive) return this.#soFar(asked, nowMs);
    return this.#weigh(asked, attempt, hasRoom, nowMs);
  }

  /** Nobody comes any more, or it must make room. */
  end(nowMs: number): void {
    if (this.#found !== null) return;
    const elapsedMs = nowMs - this.startedAtMs;
    this.#parts.leave(this.#chat, nowMs);
    this.#parts.observe({ type: 'probe_cancelled', probe: identityOf(this.order), attempts: this.#attempts.length, elapsedMs });
  }

  /**
   * When a message was sent is not told, only when it had come to something. What counts against a chat counts from the earliest moment:
   * of two slow answers, the second may have been asked for as soon as it was due.
   */
  #sentAtMs(isAlive: boolean, nowMs: number): number {
    return isAlive ? nowMs : Math.min(this.#dueAtMs, nowMs);
  }

  #hear(attempt: Attempt): void {
    this.#admission.report(attempt);
    if (REASONS[attempt.reason].evidence === 'orphaned') this.#sawServerDown = true;
    this.#parts.observe({ type: 'attempt_finished', probe: identityOf(this.order), attempt });
  }

  #weigh(asked: ProbeOrder, attempt: Attempt, hasRoom: boolean, nowMs: number): ObservedAnswer {
    const { policy, target } = this.order;
    const refusal = attempt.reason === 'delivered' ? null : this.#refusalOf(hasRoom, nowMs);
    this.#attempts.push(attempt);
    if (refusal !== null) return this.#finish(asked, refusal, nowMs);
    const isKnownDown = this.#downtime(attempt.reason).isKnown;
    const next = nextStep(policy, target.rules.ha, attempt, nowMs - this.startedAtMs, NO_JITTER, isKnownDown);
    const isOver = next.step === 'finish' && !this.#mayBecomeCredible(attempt, nowMs);
    if (isOver) return this.#finish(asked, attempt.reason, nowMs);
    const delayMs = Math.max(LEAST_PAUSE_MS, next.step === 'finish' ? policy.pauseMs : next.delayMs);
    this.#dueAtMs = nowMs + delayMs;
    this.#countsFromMs = this.#dueAtMs - Math.min(TIMER_MS, delayMs / 2);
    return this.#soFar(asked, nowMs);
  }

  /**
   * Whether a stop that the guard would withhold is asked for once more: answers that come one by one may be bad in a row by chance, and
   * the next life shows it. A probe of this service has waited for its answer, so that lives that were found meanwhile speak for it.
   */
  #mayBecomeCredible({ n, reason }: Attempt, nowMs: number): boolean {
    const { attempts, deadlineMs, pauseMs } = this.order.policy;
    const hasRoom = n < attempts && deadlineMs - (nowMs - this.startedAtMs) - pauseMs >= MIN_ATTEMPT_MS;
    if (this.#wasDoubted || !hasRoom || REASONS[reason].retry !== 'confirm' || this.#parts.mayStop(nowMs)) return false;
    this.#wasDoubted = true;
    return true;
  }

  /** Why the message should not have been sent, by the limits that hold for the prober's; null where they leave room. */
  #refusalOf(hasRoom: boolean, nowMs: number): 'message_limit' | 'retry_suppressed' | null {
    const { budget, mayStop } = this.#parts;
    const last = this.#attempts.at(-1);
    if (!hasRoom) return 'message_limit';
    if (last === undefined) budget.first(nowMs);
    // Of a Chat Server in trouble the prober's retries do not count either; here they were sent already, and would be for nothing.
    else if (!(REASONS[last.reason].retry === 'confirm' && mayStop(nowMs)) && !budget.mayRetry(nowMs)) return 'retry_suppressed';
    return null;
  }

  #finish(asked: ProbeOrder, reason: Reason, nowMs: number): ObservedAnswer {
    const { observe, answer, leave } = this.#parts;
    const result = this.#result(reason, nowMs);
    const { startedAtMs } = this;
    const isNewcomer = this.#lock.isNewcomer;
    const found = { order: this.#orderFor(asked), result, probeId: this.order.probeId, startedAtMs, isNewcomer, isOwn: true };
    this.#found = { ...found, chat: this.#chat };
    leave(this.#chat, nowMs);
    observe({ type: 'probe_finished', probe: identityOf(this.order), result });
    return { answer: answer(this.#found), askAgainAfterMs: null };
  }

  /** Nothing is concluded: whoever does not come back routes the chat. */
  #soFar(asked: ProbeOrder, nowMs: number): ObservedAnswer {
    const reason = this.#attempts.at(-1)?.reason ?? 'internal_error';
    const result: ProbeResult = { ...this.#result(reason, nowMs), verdict: 'route', degraded: true, recheckAfterMs: null };
    const answer = this.#parts.soFar(this.#orderFor(asked), result);
    return { answer, askAgainAfterMs: Math.max(LEAST_PAUSE_MS, this.#dueAtMs - nowMs) };
  }

  #result(reason: Reason, nowMs: number): ProbeResult {
    const ended = { ...endedBy(reason), downtime: this.#downtime(reason) };
    return { ...resultOf(this.order, ended, this.#attempts, nowMs - this.startedAtMs), servedBy: 'observation' };
  }

  /**
   * When a message was sent is not told, so what others prove of a Chat Server is no second word, unless it has been down for so long that
   * a moment more or less says nothing.
   */
  #downtime(reason: Reason): Downtime {
    if (REASONS[reason].evidence !== 'orphaned') return NO_DOWNTIME;
    const downtime = this.#admission.downtime();
    return downtime.isKnown ? downtime : NO_DOWNTIME;
  }

  /** The request's, with what the probe began with. */
  #orderFor({ requestId, caller }: ProbeOrder): ProbeOrder {
    return { ...this.order, requestId, caller };
  }
}

/** Chance only shortens pauses, so that probes do not go in step; workflows do not anyway. */
const NO_JITTER = 0;
const LEAST_PAUSE_MS = 1;

/** How long it waits for its next message at most: as long as its policy allows for all of them. */
export function patienceMs({ policy }: ProbeOrder): number {
  return policy.deadlineMs + MIN_ATTEMPT_MS;
}
