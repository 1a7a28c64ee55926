import type { Attempt } from '../probe/attempt.ts';
import { mayStandInTranscript } from '../probe/attempt.ts';
import type { Admission, AskedAttempt, AttemptGate, Downtime } from '../probe/attempt-gate.ts';
import type { Clock } from '../probe/clock.ts';
import { MIN_ATTEMPT_MS } from '../probe/policy.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import { REASONS } from '../probe/reasons.ts';
import type { StopSignal } from '../probe/stop-signal.ts';
import { stopsOrphans } from '../probe/verdict.ts';
import type { ChatTraffic } from './chats/chat-traffic.ts';
import type { Saving } from './events.ts';
import type { GatewayBreaker, GatewayPass } from './gateway-breaker.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { ServerDesk } from './servers/server-desk.ts';
import type { ServerPass } from './servers/server-pass.ts';
import type { MassStopGuard } from './stops/mass-stop-guard.ts';

/** What the attempts of one target have to get past. */
export interface GateParts {
  readonly clock: Clock;
  readonly servers: ServerDesk;
  readonly breaker: GatewayBreaker;
  readonly budget: RetryBudget;
  readonly guard: Pick<MassStopGuard, 'heard' | 'badFirstAnswer' | 'state'>;
  readonly saved: (by: Saving) => void;
}

type SendPass = Extract<ServerPass, { readonly kind: 'send' }>;

/** One attempt that has passed, and what it must give back. */
interface Held {
  readonly server: SendPass;
  readonly gateway: GatewayPass;
}

/** Timers are not exact. */
const OWN_SHORTNESS_MS = 20;

const SEND: Admission = { kind: 'send' };
const GATEWAY_IS_OPEN: ServerPass = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

/**
 * The gate of one probe. Asks, in this order: whether the gateway would take anything, whether its Chat Server may be asked
 * now, whether another message to the same chat is in flight, whether the chat has had its messages, whether the gateway may
 * be asked, whether there is a retry left. In healthy traffic nothing waits and nothing is scheduled.
 */
export function createGate(parts: GateParts, order: ProbeOrder, traffic: ChatTraffic): AttemptGate {
  return new Gate(parts, order, traffic);
}

/** A class because thousands may wait with one each: as closures it takes five times the memory. */
class Gate implements AttemptGate {
  readonly #parts: GateParts;
  readonly #order: ProbeOrder;
  readonly #traffic: ChatTraffic;
  #held: Held | null = null;
  #probeStartedAtMs = 0;
  #isAnswered = false;

  constructor(parts: GateParts, order: ProbeOrder, traffic: ChatTraffic) {
    this.#parts = parts;
    this.#order = order;
    this.#traffic = traffic;
  }

  admit(asked: AskedAttempt, signal: StopSignal): Admission | Promise<Admission> {
    const { breaker, clock, servers } = this.#parts;
    this.#probeStartedAtMs = asked.probeStartedAtMs;
    if (breaker.refuses(clock.nowMs())) return this.#afterServer(GATEWAY_IS_OPEN, asked, signal);
    const { chatServer } = this.#order;
    const pass = servers.admit(asked, { chatServer, mayHurry: this.#mayHurry(), mayWait: !breaker.isOpen }, signal);
    return pass instanceof Promise
      ? pass.then((settled) => this.#afterServer(settled, asked, signal))
      : this.#afterServer(pass, asked, signal);
  }

  settled(attempt: Attempt | null, cut: boolean): void {
    if (this.#held === null) return;
    const { server, gateway } = this.#held;
    this.#held = null;
    const { breaker, clock, servers } = this.#parts;
    const told = cut ? null : attempt;
    servers.settled(this.#order.chatServer, server, told);
    // Where it was we who had little time left, the gateway is not to blame.
    const isOurs = told?.reason === 'timeout' && told.durationMs < this.#order.policy.attemptTimeoutMs - OWN_SHORTNESS_MS;
    breaker.settled(gateway, told === null || isOurs ? null : told.reason, clock.nowMs(), isLoneWitness(server, told));
    if (told !== null) this.#tellGuard(told);
    if (attempt !== null && mayStandInTranscript(attempt)) this.#traffic.gotMessage();
    this.#traffic.release();
  }

  mayHaveMoved(): boolean {
    return this.#parts.servers.mayHaveMoved(this.#order.chatServer, this.#probeStartedAtMs);
  }

  downtime(): Downtime {
    const downtime = this.#parts.servers.downtime(this.#order.chatServer, this.#probeStartedAtMs);
    return this.#mayHurry() ? downtime : { isKnown: false, provenForMs: downtime.provenForMs };
  }

  /** A new chat that could be stopped takes the time that its policy has: it may be the first sign that its Chat Server lives. */
  #mayHurry(): boolean {
    return !this.#traffic.isNewcomer || !stopsOrphans(this.#order.target.rules, this.#order.policy.deadlineMs);
  }

  #tellGuard({ reason }: Attempt): void {
    const { clock, guard } = this.#parts;
    guard.heard(reason, this.#order.chatServer, clock.nowMs());
    const { origin, retry } = REASONS[reason];
    if (this.#isAnswered || origin !== 'reply') return;
    this.#isAnswered = true;
    if (retry === 'confirm') guard.badFirstAnswer(this.#order, reason, this.#probeStartedAtMs);
  }

  #afterServer(pass: ServerPass, asked: AskedAttempt, signal: StopSignal): Admission | Promise<Admission> {
    if (pass.kind === 'answer') {
      if (pass.servedBy === 'canary') this.#parts.saved('canary');
      if (pass.reason === 'gateway_open') this.#parts.saved('gateway_open');
      return pass;
    }
    const claimed = this.#traffic.claim(asked.deadlineAtMs - MIN_ATTEMPT_MS, signal);
    return typeof claimed === 'boolean'
      ? this.#afterClaim(claimed, pass, asked)
      : claimed.then((isClaimed) => this.#afterClaim(isClaimed, pass, asked));
  }

  #afterClaim(claimed: boolean, server: SendPass, asked: AskedAttempt): Admission {
    const { saved, servers } = this.#parts;
    if (!claimed) {
      servers.settled(this.#order.chatServer, server, null);
      return { kind: 'answer', reason: 'deadline', servedBy: 'none' };
    }
    const refusal = this.#refusalOf(server, asked);
    if (refusal === null) return SEND;
    this.#traffic.release();
    servers.settled(this.#order.chatServer, server, null);
    saved(refusal);
    return { kind: 'answer', reason: refusal, servedBy: 'none' };
  }

  /** Why nothing must be sent now; null after taking what has to be given back. */
  #refusalOf(server: SendPass, asked: AskedAttempt): 'message_limit' | 'gateway_open' | 'retry_suppressed' | null {
    const { breaker, budget, clock } = this.#parts;
    if (!this.#traffic.mayGetMessage()) return 'message_limit';
    const nowMs = clock.nowMs();
    const gateway = breaker.mayAsk(nowMs);
    if (gateway === null) return 'gateway_open';
    if (asked.n === 1) budget.first(nowMs);
    // Messages to a Chat Server in trouble are bounded where they are admitted.
    else if (server.role === 'free' && !this.#isWorthwhile(asked) && !budget.mayRetry(nowMs)) {
      breaker.settled(gateway, null, nowMs);
      return 'retry_suppressed';
    }
    this.#held = { server, gateway };
    return null;
  }

  /** The second word of a stop is not one of many retries against what is failing: it is what a stop rests on. Unless none would pass. */
  #isWorthwhile({ confirms }: AskedAttempt): boolean {
    const { clock, guard } = this.#parts;
    return confirms && guard.state(clock.nowMs()) !== 'tripped';
  }
}

/** While a Chat Server is down its probes send a few messages a second, whose failures would take long to add up. */
function isLoneWitness({ role }: SendPass, attempt: Attempt | null): boolean {
  return attempt?.written === false && (role === 'canary' || role === 'last');
}
