import { type Admission, type AdmissionControl, type AskedAttempt, type Downtime, NO_DOWNTIME } from '../probe/admission.ts';
import { type Attempt, mayStandInTranscript } from '../probe/attempt.ts';
import type { CancelSignal } from '../probe/cancel-signal.ts';
import type { Clock } from '../probe/clock.ts';
import { MIN_ATTEMPT_MS } from '../probe/policy.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import { REASONS } from '../probe/reasons.ts';
import { stopsOrphans } from '../probe/verdict.ts';
import type { ChatServer, Permit, SendPermit } from './chat-servers/chat-server.ts';
import type { ChatServers } from './chat-servers/chat-servers.ts';
import { signOf } from './chat-servers/liveness.ts';
import type { Saving } from './events.ts';
import type { FleetLink } from './fleet.ts';
import type { GatewayBreaker, GatewayPermit } from './gateway-breaker.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { ChatLock, LockOutcome } from './single-flight/chat-lock.ts';
import type { MassStopGuard } from './stop-filters/mass-stop-guard.ts';

/** What the attempts of one target have to get past. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly servers: Pick<ChatServers, 'use'>;
  readonly breaker: Omit<GatewayBreaker, 'reconfigured'>;
  readonly budget: RetryBudget;
  readonly guard: Pick<MassStopGuard, 'heard' | 'badFirstAnswer' | 'state'>;
  readonly saved: (by: Saving) => void;
  readonly fleet: Pick<FleetLink, 'tell'>;
}

/** Admission that also hears of messages that were sent without it. */
export interface ReportingAdmission extends AdmissionControl {
  /** Before `mayHaveMoved` and `downtime` are asked. */
  begin(probeStartedAtMs: number): void;
  /** Told what a message came to that somebody else has sent. There is no gateway that it could say anything about. */
  report(attempt: Attempt): void;
}

/** What one attempt that has passed must give back. */
interface Held {
  readonly permit: SendPermit;
  readonly gateway: GatewayPermit;
}

/** Timers are not exact. */
const OWN_SHORTNESS_MS = 20;

const SEND: Admission = { kind: 'send' };
const GATEWAY_IS_OPEN: Permit = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

/**
 * Admission of the attempts of one probe. Asks, in this order: whether the gateway would take anything, whether its Chat Server may be asked
 * now, whether another message to the same chat is in flight, whether the chat has had its messages, whether the gateway may
 * be asked, whether there is a retry left. In healthy traffic nothing waits and nothing is scheduled.
 */
export function createAdmissionControl(parts: AdmissionParts, order: ProbeOrder, lock: ChatLock): ReportingAdmission {
  return new ProbeAdmission(parts, order, lock);
}

/** A class because thousands may wait with one each: as closures it takes five times the memory. */
class ProbeAdmission implements ReportingAdmission {
  readonly #parts: AdmissionParts;
  readonly #order: ProbeOrder;
  readonly #lock: ChatLock;
  /** As of the last attempt, null before the first. */
  #server: ChatServer | null = null;
  #held: Held | null = null;
  #probeStartedAtMs = 0;
  #isAnswered = false;

  constructor(parts: AdmissionParts, order: ProbeOrder, lock: ChatLock) {
    this.#parts = parts;
    this.#order = order;
    this.#lock = lock;
  }

  admit(asked: AskedAttempt, signal: CancelSignal): Admission | Promise<Admission> {
    const { breaker, clock, servers } = this.#parts;
    this.#probeStartedAtMs = asked.probeStartedAtMs;
    if (breaker.refuses(clock.nowMs())) return this.#afterServer(GATEWAY_IS_OPEN, asked, signal);
    this.#server = servers.use(this.#order.chatServer);
    const permit = this.#server.admit(asked, { mayHurry: this.#mayHurry(), mayWait: !breaker.isOpen }, signal);
    return permit instanceof Promise
      ? permit.then((settled) => this.#afterServer(settled, asked, signal))
      : this.#afterServer(permit, asked, signal);
  }

  begin(probeStartedAtMs: number): void {
    this.#probeStartedAtMs = probeStartedAtMs;
    this.#server = this.#parts.servers.use(this.#order.chatServer);
  }

  report(attempt: Attempt): void {
    const permit = this.#server?.sent();
    if (permit !== undefined) this.#server?.release(permit, attempt);
    const isFirstAnswer = this.#isFirstAnswer(attempt);
    this.#tellGuard(attempt, isFirstAnswer, permit?.role === 'unasked');
    if (mayStandInTranscript(attempt)) this.#lock.gotMessage();
    if (permit !== undefined) this.#tellFleet(attempt, attempt, permit, isFirstAnswer);
  }

  release(attempt: Attempt | null, cut: boolean): void {
    if (this.#held === null) return;
    const { permit, gateway } = this.#held;
    this.#held = null;
    const { breaker, clock } = this.#parts;
    const told = cut ? null : attempt;
    this.#server?.release(permit, told);
    // Where it was we who had little time left, the gateway is not to blame.
    const isOurs = told?.reason === 'timeout' && told.durationMs < this.#order.policy.attemptTimeoutMs - OWN_SHORTNESS_MS;
    breaker.release(gateway, told === null || isOurs ? null : told.reason, clock.nowMs(), isLoneWitness(permit, told));
    const isFirstAnswer = told !== null && this.#isFirstAnswer(told);
    if (told !== null) this.#tellGuard(told, isFirstAnswer);
    if (attempt !== null && mayStandInTranscript(attempt)) this.#lock.gotMessage();
    if (attempt !== null) this.#tellFleet(attempt, told, permit, isFirstAnswer);
    this.#lock.release();
  }

  mayHaveMoved(): boolean {
    return this.#server?.mayHaveMoved(this.#probeStartedAtMs) ?? false;
  }

  downtime(): Downtime {
    const downtime = this.#server?.downtime(this.#probeStartedAtMs) ?? NO_DOWNTIME;
    return this.#mayHurry() ? downtime : { isKnown: false, provenForMs: downtime.provenForMs };
  }

  /** A new chat that could be stopped takes the time that its policy has: it may be the first sign that its Chat Server lives. */
  #mayHurry(): boolean {
    return !this.#lock.isNewcomer || !stopsOrphans(this.#order.target.rules, this.#order.policy.deadlineMs);
  }

  #isFirstAnswer({ reason }: Attempt): boolean {
    if (this.#isAnswered || REASONS[reason].origin !== 'reply') return false;
    this.#isAnswered = true;
    return true;
  }

  /** @param wasDown whether a probe of this service would have waited, and taken the word of another. */
  #tellGuard({ reason }: Attempt, isFirstAnswer: boolean, wasDown = false): void {
    const { clock, guard } = this.#parts;
    guard.heard(reason, this.#order.chatServer, clock.nowMs());
    if (isFirstAnswer && REASONS[reason].retry === 'confirm')
      guard.badFirstAnswer(this.#order, reason, this.#probeStartedAtMs, wasDown && signOf(reason) === 'down');
  }

  /** The others learn of every answer of Interaction Server, and of every message that the chat has got. */
  #tellFleet(attempt: Attempt, told: Attempt | null, { role, admittedAtMs }: SendPermit, isFirstAnswer: boolean): void {
    const mayStand = mayStandInTranscript(attempt);
    const reason = told !== null && REASONS[told.reason].origin === 'reply' ? told.reason : null;
    if (reason === null && !mayStand) return;
    const { interactionId, probeId, chatServer } = this.#order;
    const moments = { probeStartedAtMs: this.#probeStartedAtMs, admittedAtMs, atMs: this.#parts.clock.nowMs() };
    const fact = { type: 'attempt', interactionId, probeId, chatServer, reason, ...moments, isFirstAnswer, mayStand } as const;
    // Of a Chat Server in trouble at once: until the others have heard that it is down, they go on sending to it.
    this.#parts.fleet.tell(fact, role === 'canary' || (reason !== null && signOf(reason) === 'down'));
  }

  #afterServer(permit: Permit, asked: AskedAttempt, signal: CancelSignal): Admission | Promise<Admission> {
    if (permit.kind === 'answer') {
      if (permit.servedBy === 'canary') this.#parts.saved('canary');
      if (permit.reason === 'gateway_open') this.#parts.saved('gateway_open');
      return permit;
    }
    const locked = this.#lock.acquire(asked.deadlineAtMs - MIN_ATTEMPT_MS, signal);
    return locked instanceof Promise
      ? locked.then((outcome) => this.#afterLock(outcome, permit, asked))
      : this.#afterLock(locked, permit, asked);
  }

  #afterLock(outcome: LockOutcome, permit: SendPermit, asked: AskedAttempt): Admission {
    if (outcome !== true) {
      this.#server?.release(permit, null);
      if (outcome === false) return { kind: 'answer', reason: 'deadline', servedBy: 'none' };
      this.#parts.saved('coalesced');
      return { kind: 'answer', reason: 'delivered', servedBy: 'coalesced' };
    }
    const refusal = this.#refusalOf(permit, asked);
    if (refusal === null) return SEND;
    this.#lock.release();
    this.#server?.release(permit, null);
    this.#parts.saved(refusal);
    return { kind: 'answer', reason: refusal, servedBy: 'none' };
  }

  /** Why nothing must be sent now; null after taking what has to be given back. */
  #refusalOf(permit: SendPermit, asked: AskedAttempt): 'message_limit' | 'gateway_open' | 'retry_suppressed' | null {
    const { breaker, budget, clock } = this.#parts;
    if (!this.#lock.mayGetMessage()) return 'message_limit';
    const nowMs = clock.nowMs();
    const gateway = breaker.mayAsk(nowMs);
    if (gateway === null) return 'gateway_open';
    if (asked.n === 1) budget.first(nowMs);
    // Messages to a Chat Server in trouble are bounded where they are admitted.
    else if (permit.role === 'free' && !this.#isWorthwhile(asked) && !budget.mayRetry(nowMs)) {
      breaker.release(gateway, null, nowMs);
      return 'retry_suppressed';
    }
    this.#held = { permit, gateway };
    return null;
  }

  /** The second word of a stop is not one of many retries against what is failing: it is what a stop rests on. Unless none would pass. */
  #isWorthwhile({ confirms }: AskedAttempt): boolean {
    const { clock, guard } = this.#parts;
    return confirms && guard.state(clock.nowMs()) !== 'tripped';
  }
}

/** While a Chat Server is down its probes send a few messages a second, whose failures would take long to add up. */
function isLoneWitness({ role }: SendPermit, attempt: Attempt | null): boolean {
  return attempt?.written === false && role === 'canary';
}
