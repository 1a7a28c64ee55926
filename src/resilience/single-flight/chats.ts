import type { CancelSignal } from '../../probe/cancel-signal.ts';
import type { Clock } from '../../probe/clock.ts';
import type { SpanReference } from '../../probe/trace-context.ts';
import type { OutageSettings } from '../settings.ts';
import { LinkedQueue, type Place, type SharedProbeChain } from './shared-probe.ts';

/** What is remembered of one chat. Kept for minutes, hence one flat object. */
export interface Chat extends SharedProbeChain, Place<Chat> {
  readonly id: string;
  /** Runs under way. */
  runs: number;
  /** Whose message is in flight, null if none is. */
  sender: object | null;
  /** Who waits to send, first come first; called with the right to. Null if nobody does. */
  claims: Set<() => void> | null;
  messages: SentTimestamps;
  /** When it was answered with a stop. */
  stops: SentTimestamps;
  /** When a stop of it was last counted that was not answered, null if never. */
  heldAtMs: number | null;
  /** When the first run began that named a Chat Server, null before. */
  firstNamedAtMs: number | null;
  /** When it was last found alive, by which Chat Server's name, by whose probe, and in which span; `-Infinity` if never. */
  aliveAtMs: number;
  aliveVia: string | null;
  aliveProbeId: string;
  aliveSpan: SpanReference | undefined;
  /** When its last run ended. */
  idleSinceMs: number;
}

/** The chats of one target that are remembered. */
export interface Chats {
  readonly size: number;
  /** The chat of that id, a new one if it is not known. */
  get(id: string, nowMs: number): Chat;
  /** A run begins. Until it ends the chat is not forgotten. */
  enter(chat: Chat): void;
  /** A run has ended. */
  leave(chat: Chat, nowMs: number): void;
  /** From now on those without a run are remembered for so long. */
  keepFor(keepMs: number): void;
}

/** Ten minutes of 83 new chats a second, in about 16 MB. Beyond that the oldest are forgotten sooner. */
const MOST_CHATS = 50_000;
/** How many are forgotten for each new one, so that their number falls after a crowd and no request pays for many. */
const FORGOTTEN_AT_ONCE = 2;

/**
 * Remembers chats. Those without a run are forgotten as new ones come: `keepMs` after their last run ended, and, the one
 * that has been idle longest first, where there are `most` already.
 *
 * @param most chats remembered at once; only runs under way can make it more.
 */
export function createChats(keepMs: number, most: number = MOST_CHATS): Chats {
  let keptForMs = keepMs;
  const known = new Map<string, Chat>();
  const idle = new LinkedQueue<Chat>();

  const makeRoom = (nowMs: number): void => {
    for (let n = 0; n < FORGOTTEN_AT_ONCE; n += 1) {
      const { oldest } = idle;
      if (oldest === null || (known.size < most && nowMs - oldest.idleSinceMs < keptForMs)) return;
      idle.remove(oldest);
      known.delete(oldest.id);
    }
  };

  return {
    get size() {
      return known.size;
    },
    get(id, nowMs) {
      const found = known.get(id);
      if (found !== undefined) return found;
      makeRoom(nowMs);
      const chat = newChat(ownCopy(id), nowMs);
      known.set(chat.id, chat);
      idle.add(chat);
      return chat;
    },
    enter(chat) {
      if (chat.runs === 0) idle.remove(chat);
      chat.runs += 1;
    },
    leave(chat, nowMs) {
      chat.runs -= 1;
      if (chat.runs > 0) return;
      chat.idleSinceMs = nowMs;
      idle.add(chat);
    },
    keepFor(forMs) {
      keptForMs = forMs;
    },
  };
}

function newChat(id: string, nowMs: number): Chat {
  return {
    id,
    runs: 0,
    nextProbe: null,
    sender: null,
    claims: null,
    messages: null,
    aliveAtMs: Number.NEGATIVE_INFINITY,
    aliveVia: null,
    aliveProbeId: '',
    aliveSpan: undefined,
    stops: null,
    heldAtMs: null,
    firstNamedAtMs: null,
    idleSinceMs: nowMs,
    older: null,
    newer: null,
  };
}

/** When a chat got its latest messages, or its latest stops, oldest first. A bare number while there is one, since most chats never get a second. */
export type SentTimestamps = number | readonly number[] | null;

/**
 * Tells whether one more keeps within the limit. Exact: no window of `windowMs`, wherever it begins, gets more.
 *
 * @param limit most in a window; 0 for no limit, with which no moments are kept.
 */
export function isWithinLimit(moments: SentTimestamps, nowMs: number, limit: number, windowMs: number): boolean {
  // If the one that is `limit` messages back has left the window, at most `limit - 1` are in it.
  const decisiveMs = listOf(moments).at(-limit);
  return decisiveMs === undefined || nowMs - decisiveMs >= windowMs;
}

/** The moments and one more; no more than `limit` are kept, since none before them matters. */
export function withTimestamp(moments: SentTimestamps, nowMs: number, limit: number): SentTimestamps {
  if (limit === 0) return null;
  return moments === null ? nowMs : [...listOf(moments), nowMs].slice(-limit);
}

function listOf(moments: SentTimestamps): readonly number[] {
  if (moments === null) return [];
  return typeof moments === 'number' ? [moments] : moments;
}

/**
 * The same text in memory of its own, for what is kept longer than the request it came with. What a router or parser cuts
 * out of a URL is a view on it for V8: a kept id of 16 characters holds the whole URL, which may be 16 KiB.
 */
export function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text));
}

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
