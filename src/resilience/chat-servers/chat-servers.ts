import { NO_DOWNTIME } from '../../probe/admission.ts';
import type { Reason } from '../../probe/reasons.ts';
import type { ChatServerEvent } from '../events.ts';
import { createBatchedCallbacks } from './batched-callbacks.ts';
import type { ChatServer, SendPermit } from './chat-server.ts';
import { ChatServerBreaker, type ChatServerBreakerParts } from './chat-server-breaker.ts';
import { createServerDowntime, type Hold, mayRestore, signOf } from './liveness.ts';
import { createNewcomerTally } from './newcomers.ts';

/** The Chat Servers of one target: before each stands a breaker, so that the outage of one is one event and not thousands of failures. */
export interface ChatServers {
  /** Told of each chat that is asked about by name for the first time, by that name; now, unless it was at another moment. */
  newcomer(chatServer: string, atMs?: number): void;
  /** Takes in what an answer to another replica tells of a Chat Server; see `ChatServerBreaker.heard`. */
  heard(chatServer: string | null, reason: Reason, moments: { readonly admittedAtMs: number; readonly atMs: number }, nowMs: number): void;
  /** The one of that name, null for messages by type; looked up once for each attempt, which holds it until it is released. */
  use(chatServer: string | null): ChatServer;
  /**
   * Why an orphan must not be stopped, null if nothing is known against it. With high availability and somewhere to restore to: its
   * Chat Server has not been down for long enough before the probe began, no other one is known to live, or new chats go on naming it.
   *
   * @param isNew whether it is such a chat itself, and stopped by nothing but what is known of the Chat Server.
   */
  holdOf(chatServer: string | null, probeStartedAtMs: number, isNew: boolean): Hold | null;
  /** Chat Servers that are suspect or recovering. */
  readonly serversDown: number;
  /** Probes that wait for them. */
  readonly parked: number;
  /** Ends all waits, with `gateway_open`: nobody waits for a gateway. */
  rejectAll(): void;
  /** Rules and settings have changed, and perhaps the names that the configuration knows: all goes by them, with what is known. */
  reconfigured(chatServers: readonly string[]): void;
  /** Ends all waits, with `deadline`, and all timers. Whoever asks later passes. */
  close(): void;
}

export interface ChatServersParts extends Pick<ChatServerBreakerParts, 'clock' | 'fleet' | 'rules' | 'settings' | 'tell'> {
  /** Names that the configuration knows. They are never forgotten, whatever servers callers make up. */
  readonly chatServers: readonly string[];
}

export function createChatServers({ clock, fleet, settings, rules, chatServers, tell }: ChatServersParts): ChatServers {
  let configured: ReadonlySet<string | null> = new Set(chatServers);
  let serversDown = 0;
  let parked = 0;
  const count = (event: ChatServerEvent): void => {
    if (event.type === 'probe_parked') parked += event.by;
    else serversDown += Number(event.to !== 'healthy') - Number(event.from !== 'healthy');
    tell(event);
  };
  const batched = createBatchedCallbacks(clock);
  const newcomers = createNewcomerTally();
  const downtime = createServerDowntime(rules, () => servers.items());
  const parts: ChatServerBreakerParts = { clock, settings, downtime, newcomers, rules, batched, fleet, tell: count };
  const servers = new ServerCache<ChatServerBreaker>({
    make: (name) => new ChatServerBreaker(name, parts),
    evictionPriorityOf: (breaker) => (configured.has(breaker.name) ? PINNED : breaker.evictionPriority),
    evicted: (breaker) => breaker.end(),
  });
  const free = (): SendPermit => ({ kind: 'send', role: 'free', admittedAtMs: clock.nowMs() });
  /** For a name of which nothing can be remembered. */
  const unwatched: ChatServer = {
    admit: free,
    sent: free,
    release: () => undefined,
    mayHaveMoved: () => false,
    downtime: () => NO_DOWNTIME,
  };

  return {
    get serversDown() {
      return serversDown;
    },
    get parked() {
      return parked;
    },
    newcomer(chatServer, atMs = clock.nowMs()) {
      newcomers.add(atMs);
      servers.use(chatServer)?.newcomers.named(atMs);
    },
    heard(chatServer, reason, { admittedAtMs, atMs }, nowMs) {
      const sign = signOf(reason);
      if (sign !== null) servers.use(chatServer)?.heard(sign, admittedAtMs, atMs, nowMs);
    },
    use: (chatServer) => servers.use(chatServer) ?? unwatched,
    holdOf(chatServer, probeStartedAtMs, isNew) {
      if (!mayRestore(rules)) return null;
      const hold = settings.holdWhileRestoring ? downtime.holdOf(servers.find(chatServer), probeStartedAtMs, clock.nowMs()) : null;
      return hold ?? (isNew ? 'still_used' : null);
    },
    rejectAll() {
      for (const breaker of servers.items()) breaker.rejectAll();
    },
    reconfigured(names) {
      configured = new Set(names);
      for (const breaker of servers.items()) breaker.reconfigured();
    },
    close() {
      servers.close();
      batched.flush();
    },
  };
}

/** Most Chat Servers that one target remembers: callers choose the names. */
export const MAX_SERVERS = 200;

/** The priority from which on something is not forgotten. */
export const PINNED = 2;

export interface ServerCacheParts<T> {
  readonly make: (name: string | null) => T;
  /** How much is lost if it is forgotten; with `PINNED` or more it must not be. */
  readonly evictionPriorityOf: (item: T) => number;
  /** Told what is no longer remembered. */
  readonly evicted: (item: T) => void;
}

interface Entry<T> {
  readonly item: T;
  /** The number of its last use: the lowest was used least recently. A number costs less than moving an entry to the end. */
  usedAt: number;
}

/** What is remembered by Chat Server name, null for messages by type. Not `lru-cache`: what is pinned or worth more must stay, however old. */
export class ServerCache<T> {
  readonly #parts: ServerCacheParts<T>;
  readonly #entries = new Map<string | null, Entry<T>>();
  #uses = 0;
  #room = MAX_SERVERS;

  constructor(parts: ServerCacheParts<T>) {
    this.#parts = parts;
  }

  /** Looks up without counting as a use. Null if it is not remembered. */
  find(name: string | null): T | null {
    return this.#entries.get(name)?.item ?? null;
  }

  /** Looks up or begins to remember. Null if nothing may be forgotten for it. */
  use(name: string | null): T | null {
    this.#uses += 1;
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.usedAt = this.#uses;
      return known.item;
    }
    if (this.#entries.size >= this.#room) this.#makeRoom();
    if (this.#entries.size >= this.#room) return null;
    const item = this.#parts.make(name);
    this.#entries.set(name, { item, usedAt: this.#uses });
    return item;
  }

  /** All that is remembered. */
  *items(): IterableIterator<T> {
    for (const { item } of this.#entries.values()) yield item;
  }

  /** Forgets all, and remembers nothing from now on. */
  close(): void {
    this.#room = 0;
    for (const each of this.#entries) this.#forget(...each);
  }

  /** Forgets the one with the lowest priority, of several the one that was used least recently. */
  #makeRoom(): void {
    let least: readonly [string | null, Entry<T>] | null = null;
    let lowest = PINNED;
    for (const each of this.#entries) {
      const priority = this.#parts.evictionPriorityOf(each[1].item);
      const isLess = priority < lowest || (priority === lowest && least !== null && each[1].usedAt < least[1].usedAt);
      if (!isLess) continue;
      least = each;
      lowest = priority;
    }
    if (least !== null) this.#forget(...least);
  }

  #forget(name: string | null, { item }: Entry<T>): void {
    this.#entries.delete(name);
    this.#parts.evicted(item);
  }
}
