import type { AskedAttempt, Downtime } from '../../probe/admission.ts';
import type { Attempt } from '../../probe/attempt.ts';
import type { CancelSignal } from '../../probe/cancel-signal.ts';
import { type Clock, createResettableTimer, type ResettableTimer } from '../../probe/clock.ts';
import type { TargetRules } from '../../probe/target.ts';
import type { ChatServerEvent, ServerState } from '../events.ts';
import { type FleetLink, partOf } from '../fleet.ts';
import type { OutageSettings } from '../settings.ts';
import type { BatchedCallbacks } from './batched-callbacks.ts';
import { type BreakerState, createBreakerState } from './breaker-state.ts';
import type { ChatServer, Permit, Rejection, SendPermit, Standing } from './chat-server.ts';
import { datedInDoubt, type KnownServer, type LivenessSignal, livenessSignal, type ServerDowntime } from './liveness.ts';
import { createNewcomers, type Newcomers, type NewcomerTally } from './newcomers.ts';
import { TrialLease } from './trial-lease.ts';
import { Waiter, type WaiterEvents, WaitQueue } from './wait-queue.ts';

export interface ChatServerBreakerParts {
  readonly clock: Clock;
  readonly settings: OutageSettings;
  readonly downtime: ServerDowntime;
  /** Those of all Chat Servers. */
  readonly newcomers: NewcomerTally;
  readonly rules: TargetRules;
  /** Spreads the answers to those who wait. */
  readonly batched: BatchedCallbacks;
  readonly tell: (event: ChatServerEvent) => void;
  readonly fleet: FleetLink;
}

/** For one that takes any proof that stands. */
const ANY_TIME = Number.NEGATIVE_INFINITY;
const GATEWAY_IS_GONE: Rejection = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };
const TIME_IS_OVER: Rejection = { kind: 'answer', reason: 'deadline', servedBy: 'none' };
const PROVED_DOWN: Rejection = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };

/** The circuit breaker of one Chat Server: lets probes pass, or keeps them waiting for it. */
export class ChatServerBreaker implements ChatServer, KnownServer {
  readonly name: string | null;
  readonly newcomers: Newcomers;
  readonly #parts: ChatServerBreakerParts;
  readonly #breaker: BreakerState;
  readonly #queue = new WaitQueue();
  readonly #timer: ResettableTimer;
  readonly #trialLease: TrialLease;
  readonly #waitEvents: WaiterEvents;
  #inFlight = 0;
  #hasEnded = false;

  constructor(name: string | null, parts: ChatServerBreakerParts) {
    const { batched, clock, fleet, newcomers, rules, settings, tell } = parts;
    this.name = name;
    this.newcomers = createNewcomers(newcomers, rules);
    this.#parts = parts;
    this.#breaker = createBreakerState(settings, fleet);
    this.#timer = createResettableTimer(clock, () => this.#dispatch());
    this.#trialLease = new TrialLease(clock, fleet, name, () => this.#dispatch());
    this.#waitEvents = {
      left: (waiter) => this.#leaveWith(waiter, TIME_IS_OVER),
      answered: batched.run,
      parked: (by) => tell({ type: 'probe_parked', by }),
    };
  }

  get liveness(): KnownServer['liveness'] {
    return this.#breaker.liveness;
  }

  /**
   * How much is lost if it is forgotten. 2: probes wait for it or a canary is out. 1: it has lived, so that what is known of it
   * protects chats. 0: a name under which nothing ever lived, perhaps no name at all.
   */
  get evictionPriority(): 0 | 1 | 2 {
    if (this.#queue.size > 0 || this.#breaker.trial.isOut) return 2;
    return this.liveness.seenAliveAtMs > Number.NEGATIVE_INFINITY ? 1 : 0;
  }

  admit(asked: AskedAttempt, { mayHurry, mayWait }: Standing, signal: CancelSignal): Permit | Promise<Permit> {
    const { clock, downtime } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#breaker.state === 'healthy' && this.#hasCapacity()) return this.#permit('free', nowMs);
    if (signal.aborted) return TIME_IS_OVER;
    if (!mayHurry || !downtime.isKnown(this, asked.probeStartedAtMs, nowMs)) return this.#park(asked, mayWait, signal);
    // It has been down for so long that waiting for it brings nothing: any proof that stands will do, else the next one.
    if (this.#breaker.isProvedDown(ANY_TIME, nowMs)) return PROVED_DOWN;
    return this.#park({ ...asked, probeStartedAtMs: ANY_TIME, lastMomentAtMs: nowMs }, mayWait, signal);
  }

  sent(): SendPermit {
    return this.#permit(this.#breaker.state === 'suspect' ? 'unasked' : 'free', this.#parts.clock.nowMs());
  }

  release({ role, admittedAtMs }: SendPermit, attempt: Attempt | null): void {
    if (this.#hasEnded) return;
    this.#inFlight -= 1;
    if (role === 'canary') {
      this.#breaker.trial.release();
      this.#trialLease.release(this.#parts.settings.canaryIntervalMs);
    }
    const nowMs = this.#parts.clock.nowMs();
    this.#observe(livenessSignal(attempt), admittedAtMs, nowMs, nowMs);
  }

  /** Takes in what an answer to another replica tells, which came at `atMs`. @param nowMs when it counts; `atMs` for news read at the start. */
  heard(sign: LivenessSignal, admittedAtMs: number, atMs: number, nowMs: number): void {
    if (this.#hasEnded) return;
    this.#observe(sign, Math.min(datedInDoubt(sign, admittedAtMs), nowMs), atMs, nowMs);
  }

  #observe(sign: LivenessSignal | null, admittedAtMs: number, atMs: number, nowMs: number): void {
    const from = this.#breaker.state;
    this.#breaker.observe(sign, admittedAtMs, atMs);
    if (this.liveness.downSinceMs === atMs) this.newcomers.fell(nowMs);
    else if (this.liveness.signal === 'alive') this.newcomers.lived();
    this.#tellChange(from);
    if (this.#breaker.state !== 'healthy' || this.#queue.size > 0) this.#dispatch();
  }

  mayHaveMoved(probeStartedAtMs: number): boolean {
    return this.#parts.downtime.mayHaveMoved(this, probeStartedAtMs);
  }

  downtime(probeStartedAtMs: number): Downtime {
    const { clock, downtime } = this.#parts;
    return { isKnown: downtime.isKnown(this, probeStartedAtMs, clock.nowMs()), provenForMs: this.liveness.provenForMs };
  }

  /** Ends all waits, with `gateway_open`. */
  rejectAll(): void {
    this.#endAll(GATEWAY_IS_GONE);
    this.#dispatch();
  }

  /** The settings have changed: whoever waits goes by them. */
  reconfigured(): void {
    const from = this.#breaker.state;
    this.#breaker.reconfigured();
    this.#tellChange(from);
    this.#dispatch();
  }

  /** Ends it: nobody waits any more, no timer runs, and the server counts as healthy. What is released afterwards changes nothing. */
  end(): void {
    this.#hasEnded = true;
    this.#endAll(TIME_IS_OVER);
    this.#timer.set(Number.POSITIVE_INFINITY);
    this.#trialLease.release(0);
    this.#tellChange(this.#breaker.state, 'healthy');
  }

  #park(asked: AskedAttempt, mayWait: boolean, signal: CancelSignal): Permit | Promise<Permit> {
    const waiter = new Waiter(asked, this.#waitEvents);
    this.#queue.add(waiter);
    this.#dispatch();
    if (!mayWait && !waiter.isOver) this.#leaveWith(waiter, GATEWAY_IS_GONE);
    return waiter.outcome(signal);
  }

  #leaveWith(waiter: Waiter, answer: Rejection): void {
    this.#settle(waiter, answer);
    this.#dispatch();
  }

  #settle(waiter: Waiter, permit: Permit): void {
    this.#queue.remove(waiter);
    waiter.end(permit);
  }

  #endAll(answer: Rejection): void {
    for (let next = this.#queue.mostUrgent(); next !== null; next = this.#queue.mostUrgent()) this.#settle(next, answer);
  }

  #permit(role: SendPermit['role'], admittedAtMs: number): SendPermit {
    this.#inFlight += 1;
    return { kind: 'send', role, admittedAtMs };
  }

  /** The bulkhead: no more messages are under way to one Chat Server, which may answer slowly. */
  #hasCapacity(): boolean {
    const most = this.#parts.settings.maxInFlightPerServer;
    return most === 0 || this.#inFlight < partOf(most, this.#parts.fleet.replicas);
  }

  #tellChange(from: ServerState, to: ServerState = this.#breaker.state): void {
    if (from !== to) this.#parts.tell({ type: 'server_changed', chatServer: this.name, from, to });
  }

  /** Does all that is due for those who wait, and comes back when something is due again. */
  #dispatch(): void {
    const nowMs = this.#parts.clock.nowMs();
    const from = this.#breaker.state;
    this.#giveUp(nowMs, (waiter) => waiter.giveUpAtMs < nowMs);
    if (from === 'suspect') this.#tryHalfOpen(nowMs);
    else this.#letGo(from === 'healthy' ? 'free' : 'released', nowMs);
    this.#giveUp(nowMs, (waiter) => waiter.giveUpAtMs <= nowMs);
    this.#breaker.endRecovery(nowMs, this.#queue.size > 0);
    if (from === 'recovering' && this.#breaker.state === 'healthy') this.#letGo('free', nowMs);
    // Claimed, and nobody is left for whom a canary would go.
    if (!this.#breaker.trial.isOut) this.#trialLease.release(0);
    this.#tellChange(from);
    this.#timer.set(this.#nextDispatchAtMs());
  }

  /** Lets nobody wait beyond what their deadline allows: before anything is sent those past it, and then those who are at it. */
  #giveUp(nowMs: number, isOver: (waiter: Waiter) => boolean): void {
    for (let next = this.#queue.mostUrgent(); next !== null && isOver(next); next = this.#queue.mostUrgent())
      this.#settle(next, this.#breaker.isProvedDown(next.asked.probeStartedAtMs, nowMs) ? PROVED_DOWN : TIME_IS_OVER);
  }

  /** While suspect: answers with the proof that stands, before a canary that may go puts it in question again. */
  #tryHalfOpen(nowMs: number): void {
    this.#answerLate(nowMs);
    const first = this.#queue.mostUrgent();
    if (first !== null && nowMs >= this.#breaker.nextTrialAtMs(this.#isAlone()) && this.#trialLease.acquire(nowMs)) {
      this.#breaker.takeTrial(nowMs, this.#isAlone());
      this.#settle(first, this.#permit('canary', nowMs));
    }
    this.#queue.takeLate(nowMs);
    this.#answerLate(nowMs);
  }

  #answerLate(nowMs: number): void {
    for (let late = this.#queue.oldestLate(); late !== null; late = this.#queue.oldestLate()) {
      if (!this.#breaker.isProvedDown(late.asked.probeStartedAtMs, nowMs)) return;
      this.#settle(late, PROVED_DOWN);
    }
  }

  /** Whether the only one who waits is a probe that tries again: its policy says how soon. */
  #isAlone(): boolean {
    return this.#queue.size === 1 && (this.#queue.mostUrgent()?.asked.n ?? 1) > 1;
  }

  /** Lets the most urgent pass for whose message there is room; one that comes back gets them by its slow start. */
  #letGo(role: 'free' | 'released', nowMs: number): void {
    for (let next = this.#queue.mostUrgent(); next !== null && this.#hasCapacity(); next = this.#queue.mostUrgent()) {
      if (role === 'released' && !this.#breaker.slowStart.take(nowMs)) return;
      this.#settle(next, this.#permit(role, nowMs));
    }
  }

  /** Where there is no room, the next answer moves on before anything else does. */
  #nextDispatchAtMs(): number {
    const { state, slowStart } = this.#breaker;
    const first = this.#queue.mostUrgent();
    if (first === null) return state === 'recovering' ? slowStart.topAtMs : Number.POSITIVE_INFINITY;
    const trialAtMs = Math.max(this.#breaker.nextTrialAtMs(this.#isAlone()), this.#trialLease.nextAtMs);
    if (state === 'suspect') return Math.min(first.giveUpAtMs, this.#queue.nextLastMomentAtMs, trialAtMs);
    return state === 'recovering' && this.#hasCapacity() ? Math.min(first.giveUpAtMs, slowStart.nextReleaseAtMs) : first.giveUpAtMs;
  }
}
