import type { AskedAttempt } from '../../probe/admission.ts';
import type { Attempt } from '../../probe/attempt.ts';
import type { CancelSignal } from '../../probe/cancel-signal.ts';
import type { Clock } from '../../probe/clock.ts';
import type { OutageSettings } from '../settings.ts';
import type { BatchedCallbacks } from './batched-callbacks.ts';
import type { BreakerState } from './breaker-state.ts';
import { createBreakerState } from './breaker-state.ts';
import { createBulkhead } from './bulkhead.ts';
import { type DispatchState, dispatchDue, PROVED_DOWN, rejectAll, settle, TIME_IS_OVER } from './chat-server-dispatch.ts';
import { livenessSignal } from './liveness-signal.ts';
import { createNewcomers, type Newcomers, type NewcomerTally } from './newcomers.ts';
import { type ChatServerEvent, freePermit, type Permit, type Rejection, type SendPermit } from './permit.ts';
import { createResettableTimer } from './resettable-timer.ts';
import { createWaitQueue } from './wait-queue.ts';
import { createWaiter, type Waiter, type WaiterEvents } from './waiter.ts';

/** What is known of the probe that would like to ask a Chat Server. */
export interface Standing {
  /** False where it is to be answered `gateway_open` rather than wait: nobody waits for a gateway. */
  readonly mayWait: boolean;
  /** True if its Chat Server has been down for so long that waiting for it brings nothing: any proof that stands will do. */
  readonly hurries: boolean;
}

/** Watches one Chat Server: lets probes pass, or keeps them waiting for it. */
export interface ChatServerBreaker {
  readonly liveness: BreakerState['liveness'];
  readonly newcomers: Newcomers;
  /**
   * How much is lost if it is forgotten. 2: probes wait for it or a canary is out. 1: it has lived, so that what is known of it
   * protects chats. 0: a name under which nothing ever lived, perhaps no name at all.
   */
  readonly evictionPriority: 0 | 1 | 2;
  /** See `ServerDesk.admit`. */
  admit(asked: AskedAttempt, standing: Standing, signal: CancelSignal): Permit | Promise<Permit>;
  /** See `ServerDesk.settled`. */
  release(pass: SendPermit, attempt: Attempt | null): void;
  /** See `ServerDesk.dismiss`. */
  rejectAll(): void;
  /** Ends it: nobody waits any more, no timer runs, and the server counts as healthy. */
  end(): void;
}

export interface ChatServerBreakerParts {
  readonly clock: Clock;
  readonly settings: OutageSettings;
  /** Those of all Chat Servers. */
  readonly newcomers: NewcomerTally;
  /** See `createNewcomers`. */
  readonly quietMs: number;
  /** Paces the answers to those who wait. */
  readonly batched: BatchedCallbacks;
  readonly tell: (event: ChatServerEvent) => void;
}

/** For one that takes any proof that stands. */
const ANY_TIME = Number.NEGATIVE_INFINITY;
const GATEWAY_IS_GONE: Rejection = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

export function createChatServerBreaker(chatServer: string | null, parts: ChatServerBreakerParts): ChatServerBreaker {
  return new Breaker(chatServer, parts);
}

/** A class because as closures in one function its moves are too much to read at once. */
class Breaker implements ChatServerBreaker {
  readonly #parts: ChatServerBreakerParts;
  readonly #state: DispatchState;
  readonly #waitEvents: WaiterEvents;
  readonly liveness: BreakerState['liveness'];
  readonly newcomers: Newcomers;

  constructor(chatServer: string | null, parts: ChatServerBreakerParts) {
    const { clock, settings, batched, tell } = parts;
    const breaker = createBreakerState(settings);
    this.#parts = parts;
    this.#state = {
      bulkhead: createBulkhead(settings.maxInFlightPerServer),
      breaker,
      queue: createWaitQueue(),
      timer: createResettableTimer(clock, () => this.#goOn()),
      tellChange(from, to) {
        if (from !== to) tell({ type: 'server_changed', chatServer, from, to });
      },
    };
    this.#waitEvents = {
      sent: this.#state.bulkhead.acquire,
      left: (wait) => this.#leaveWith(wait, TIME_IS_OVER),
      answered: batched.run,
      parked: (by) => tell({ type: 'probe_parked', by }),
    };
    this.liveness = breaker.liveness;
    this.newcomers = createNewcomers(parts.newcomers, parts.quietMs);
  }

  get evictionPriority(): ChatServerBreaker['evictionPriority'] {
    const { breaker, queue } = this.#state;
    if (queue.size > 0 || breaker.trial.isOut) return 2;
    return this.liveness.seenAliveAtMs > Number.NEGATIVE_INFINITY ? 1 : 0;
  }

  admit(asked: AskedAttempt, { mayWait, hurries }: Standing, signal: CancelSignal): Permit | Promise<Permit> {
    const { breaker, bulkhead } = this.#state;
    const nowMs = this.#parts.clock.nowMs();
    if (breaker.state === 'healthy' && bulkhead.hasCapacity) {
      bulkhead.acquire();
      return freePermit(nowMs);
    }
    if (signal.aborted) return TIME_IS_OVER;
    if (!hurries) return this.#park(asked, mayWait, signal);
    return breaker.isProvedDown(ANY_TIME, nowMs) ? PROVED_DOWN : this.#park(hurried(asked, nowMs), mayWait, signal);
  }

  release({ role, admittedAtMs }: SendPermit, attempt: Attempt | null): void {
    const { bulkhead, breaker, queue, tellChange } = this.#state;
    bulkhead.release();
    if (role === 'canary') breaker.trial.release();
    const nowMs = this.#parts.clock.nowMs();
    const from = breaker.state;
    breaker.observe(livenessSignal(attempt), admittedAtMs, nowMs);
    if (this.liveness.downSinceMs === nowMs) this.newcomers.fell(nowMs);
    else if (this.liveness.signal === 'alive') this.newcomers.lived();
    tellChange(from, breaker.state);
    if (breaker.state !== 'healthy' || queue.size > 0) this.#goOn();
  }

  rejectAll(): void {
    rejectAll(this.#state.queue, GATEWAY_IS_GONE);
    this.#goOn();
  }

  end(): void {
    const { queue, timer, breaker, tellChange } = this.#state;
    rejectAll(queue, TIME_IS_OVER);
    timer.set(Number.POSITIVE_INFINITY);
    tellChange(breaker.state, 'healthy');
  }

  #park(asked: AskedAttempt, mayWait: boolean, signal: CancelSignal): Permit | Promise<Permit> {
    const wait = createWaiter(asked, this.#waitEvents);
    this.#state.queue.add(wait);
    this.#goOn();
    if (!mayWait && !wait.isOver) this.#leaveWith(wait, GATEWAY_IS_GONE);
    return wait.outcome(signal);
  }

  #leaveWith(wait: Waiter, answer: Rejection): void {
    settle(this.#state.queue, wait, answer);
    this.#goOn();
  }

  #goOn(): void {
    dispatchDue(this.#state, this.#parts.clock.nowMs());
  }
}

/** One for whom any proof that stands will do, and whose last moment is now: the next proof answers it. */
function hurried(asked: AskedAttempt, nowMs: number): AskedAttempt {
  return { ...asked, probeStartedAtMs: ANY_TIME, lastMomentAtMs: nowMs };
}
