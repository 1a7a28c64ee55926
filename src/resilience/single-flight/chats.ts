import type { SpanReference } from '../../probe/trace-context.ts';
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
  // What another replica tells may have been a moment before what is known here.
  return moments === null ? nowMs : [...listOf(moments), nowMs].sort((one, other) => one - other).slice(-limit);
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
