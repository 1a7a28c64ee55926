import type { CancelSignal } from '../../probe/cancel-signal.ts';
import { type Clock, wait } from '../../probe/clock.ts';
import { type FleetLink, type HeldElsewhere, type Lease, NO_FLEET } from '../fleet.ts';
import type { OutageSettings } from '../settings.ts';
import { type Chat, isWithinLimit, withTimestamp } from './chats.ts';

/** True with the right to send; false without; `alive` where another replica has found the chat alive meanwhile, so that no message is needed. */
export type LockOutcome = boolean | 'alive';

/** What a run may do with its chat. */
export interface ChatLock {
  /** True if this is the first question about its chat that names a Chat Server, or one soon after it. */
  readonly isNewcomer: boolean;
  /**
   * Acquires the right to send: true once no other message to the chat is in flight, first come first served; a plain true
   * where none is, and no other replica need be asked. False when `untilMs` or the abort came first.
   */
  acquire(untilMs: number, signal: CancelSignal): LockOutcome | Promise<LockOutcome>;
  /** Gives the right back. To be called once after each successful claim. */
  release(): void;
  /** False while the chat has had as many messages as it may get. */
  mayGetMessage(): boolean;
  /** A message was or may have been delivered. */
  gotMessage(): void;
}

type Limits = Pick<OutageSettings, 'messageLimit' | 'messageWindowMs' | 'reuseAliveMs'>;

/** How the other replicas are kept from sending to the same chat at the same time. */
export interface LockAcrossFleet {
  readonly fleet: Pick<FleetLink, 'claim'>;
  /** By whose name the chat is asked about. */
  readonly chatServer: string | null;
  /** Longest that one message is in flight. */
  readonly attemptTimeoutMs: number;
}

const WITHIN_ONE_PROCESS: LockAcrossFleet = { fleet: NO_FLEET, chatServer: null, attemptTimeoutMs: 0 };

/** For a run that sends nothing. */
export const NO_LOCK: ChatLock = {
  isNewcomer: false,
  acquire: () => false,
  release: () => undefined,
  mayGetMessage: () => false,
  gotMessage: () => undefined,
};

/** What one run may do with its chat. @param newcomerMs how long a chat counts as new. */
export function createChatLock(
  clock: Clock,
  limits: Limits,
  chat: Chat,
  newcomerMs: number,
  across: LockAcrossFleet = WITHIN_ONE_PROCESS,
): ChatLock {
  return new Lock(clock, limits, chat, newcomerMs, across);
}

/** How often one who waits for another replica's message looks whether it has come to something. */
const LOOK_MS = 50;
/** How long news of another replica take to get here. */
const NEWS_MS = 100;
/** How much longer than its message may take a right is held, for the time that giving it back takes. */
const GIVE_BACK_MS = 200;

/** A class because thousands may wait with one each: as closures it takes three times the memory. */
class Lock implements ChatLock {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #chat: Chat;
  readonly #across: LockAcrossFleet;
  readonly isNewcomer: boolean;
  #lease: Lease | null = null;
  #leasedAtMs = 0;
  #hasNews = false;

  constructor(clock: Clock, limits: Limits, chat: Chat, newcomerMs: number, across: LockAcrossFleet) {
    this.#clock = clock;
    this.#limits = limits;
    this.#chat = chat;
    this.#across = across;
    this.isNewcomer = chat.firstNamedAtMs === null || clock.nowMs() - chat.firstNamedAtMs < newcomerMs;
  }

  acquire(untilMs: number, signal: CancelSignal): LockOutcome | Promise<LockOutcome> {
    if (signal.aborted) return false;
    if (this.#chat.sender !== null)
      return turnOf(this.#clock, this.#chat, this, untilMs, signal).then((granted) => granted && this.#acrossFleet(untilMs, signal));
    this.#chat.sender = this;
    return this.#acrossFleet(untilMs, signal);
  }

  #acrossFleet(untilMs: number, signal: CancelSignal): LockOutcome | Promise<LockOutcome> {
    const claimed = this.#claim();
    if (claimed instanceof Promise) return this.#afterOthers(claimed, untilMs, signal);
    this.#lease = claimed;
    return true;
  }

  #claim(): Lease | Promise<Lease | HeldElsewhere> {
    this.#leasedAtMs = this.#clock.nowMs();
    const { fleet, attemptTimeoutMs } = this.#across;
    return fleet.claim('message', this.#chat.id, attemptTimeoutMs + GIVE_BACK_MS);
  }

  /** Waits while another replica has a message to the chat in flight. */
  async #afterOthers(claimed: Promise<Lease | HeldElsewhere>, untilMs: number, signal: CancelSignal): Promise<LockOutcome> {
    let answer = await claimed;
    const hadToWait = !answer.granted;
    while (!answer.granted) {
      if (this.#isFoundAlive() || this.#clock.nowMs() >= untilMs || signal.aborted) return this.#giveUp();
      await wait(this.#clock, Math.min(LOOK_MS, untilMs - this.#clock.nowMs(), Math.max(1, answer.leftMs)), signal);
      answer = await this.#claim();
    }
    this.#lease = answer;
    // What that message came to is on its way here.
    if (hadToWait) await wait(this.#clock, Math.min(NEWS_MS, Math.max(0, untilMs - this.#clock.nowMs())), signal);
    // Perhaps while this probe waited for its Chat Server.
    if (this.#isFoundAlive()) return this.#giveUp();
    return this.#clock.nowMs() <= untilMs && !signal.aborted ? true : this.#giveUp();
  }

  #giveUp(): LockOutcome {
    this.release();
    return this.#isFoundAlive() ? 'alive' : false;
  }

  #isFoundAlive(): boolean {
    const { aliveVia, aliveAtMs } = this.#chat;
    return aliveVia === this.#across.chatServer && this.#clock.nowMs() - aliveAtMs < this.#limits.reuseAliveMs;
  }

  release(): void {
    // Whoever claims it at once has not heard yet what the message came to.
    this.#lease?.release(this.#hasNews ? this.#clock.nowMs() - this.#leasedAtMs + NEWS_MS : 0);
    this.#lease = null;
    this.#hasNews = false;
    if (this.#chat.sender !== this) return;
    this.#chat.sender = null;
    const [next] = this.#chat.claims ?? [];
    next?.();
  }

  mayGetMessage(): boolean {
    return isWithinLimit(this.#chat.messages, this.#clock.nowMs(), this.#limits.messageLimit, this.#limits.messageWindowMs);
  }

  gotMessage(): void {
    this.#hasNews = true;
    this.#chat.messages = withTimestamp(this.#chat.messages, this.#clock.nowMs(), this.#limits.messageLimit);
  }
}

/** Resolves with true once all who came before have sent, and the right to send is this run's; with false if it gave up. */
function turnOf(clock: Clock, chat: Chat, lock: ChatLock, untilMs: number, signal: CancelSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const claims = chat.claims ?? new Set();
    chat.claims = claims;
    const settle = (granted: boolean): void => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      claims.delete(grant);
      if (claims.size === 0) chat.claims = null;
      resolve(granted);
    };
    const grant = (): void => {
      chat.sender = lock;
      settle(true);
    };
    const giveUp = (): void => settle(false);
    const cancel = clock.schedule(untilMs - clock.nowMs(), giveUp);
    signal.addEventListener('abort', giveUp);
    claims.add(grant);
  });
}
