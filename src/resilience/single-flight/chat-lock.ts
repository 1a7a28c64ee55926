import type { CancelSignal } from '../../probe/cancel-signal.ts';
import type { Clock } from '../../probe/clock.ts';
import type { OutageSettings } from '../settings.ts';
import { type Chat, isWithinLimit, withTimestamp } from './chats.ts';

/** What a run may do with its chat. */
export interface ChatLock {
  /** True if this is the first question about its chat that names a Chat Server, or one soon after it. */
  readonly isNewcomer: boolean;
  /**
   * Acquires the right to send: true once no other message to the chat is in flight, first come first served; a plain true
   * where none is. False when `untilMs` or the abort came first.
   */
  acquire(untilMs: number, signal: CancelSignal): boolean | Promise<boolean>;
  /** Gives the right back. To be called once after each successful claim. */
  release(): void;
  /** False while the chat has had as many messages as it may get. */
  mayGetMessage(): boolean;
  /** A message was or may have been delivered. */
  gotMessage(): void;
}

type Limits = Pick<OutageSettings, 'messageLimit' | 'messageWindowMs'>;

/** For a run that sends nothing. */
export const NO_LOCK: ChatLock = {
  isNewcomer: false,
  acquire: () => false,
  release: () => undefined,
  mayGetMessage: () => false,
  gotMessage: () => undefined,
};

/** What one run may do with its chat. @param newcomerMs how long a chat counts as new. */
export function createChatLock(clock: Clock, limits: Limits, chat: Chat, newcomerMs: number): ChatLock {
  return new Lock(clock, limits, chat, newcomerMs);
}

/** A class because thousands may wait with one each: as closures it takes three times the memory. */
class Lock implements ChatLock {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #chat: Chat;
  readonly isNewcomer: boolean;

  constructor(clock: Clock, limits: Limits, chat: Chat, newcomerMs: number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#chat = chat;
    this.isNewcomer = chat.firstNamedAtMs === null || clock.nowMs() - chat.firstNamedAtMs < newcomerMs;
  }

  acquire(untilMs: number, signal: CancelSignal): boolean | Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#chat.sender !== null) return turnOf(this.#clock, this.#chat, this, untilMs, signal);
    this.#chat.sender = this;
    return true;
  }

  release(): void {
    if (this.#chat.sender !== this) return;
    this.#chat.sender = null;
    const [next] = this.#chat.claims ?? [];
    next?.();
  }

  mayGetMessage(): boolean {
    return isWithinLimit(this.#chat.messages, this.#clock.nowMs(), this.#limits.messageLimit, this.#limits.messageWindowMs);
  }

  gotMessage(): void {
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
