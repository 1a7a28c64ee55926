import { NO_DOWNTIME } from '../../probe/admission.ts';
import type { TargetRules } from '../../probe/target.ts';
import type { ChatServerEvent } from '../events.ts';
import { createBatchedCallbacks } from './batched-callbacks.ts';
import type { ChatServer } from './chat-server.ts';
import { type ChatServerBreaker, type ChatServerBreakerParts, createChatServerBreaker } from './chat-server-breaker.ts';
import { createNewcomerTally, newcomerMs } from './newcomers.ts';
import { createServerCache, PINNED } from './server-cache.ts';
import { createServerDowntime, type Hold, mayRestore } from './server-downtime.ts';

/** The Chat Servers of one target: before each stands a breaker, so that the outage of one is one event and not thousands of failures. */
export interface ChatServers {
  /** Told of each chat that is asked about by name for the first time, by that name. */
  newcomer(chatServer: string): void;
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
  /** Ends all waits, with `deadline`, and all timers. Whoever asks later passes. */
  close(): void;
}

export interface ChatServersParts extends Pick<ChatServerBreakerParts, 'clock' | 'settings' | 'tell'> {
  readonly rules: TargetRules;
  /** Names that the configuration knows. They are never forgotten, whatever servers callers make up. */
  readonly chatServers: readonly string[];
}

export function createChatServers({ clock, settings, rules, chatServers, tell }: ChatServersParts): ChatServers {
  const configured: ReadonlySet<string | null> = new Set(chatServers);
  let serversDown = 0;
  let parked = 0;
  const count = (event: ChatServerEvent): void => {
    if (event.type === 'probe_parked') parked += event.by;
    else serversDown += Number(event.to !== 'healthy') - Number(event.from !== 'healthy');
    tell(event);
  };
  const batched = createBatchedCallbacks(clock);
  const newcomers = createNewcomerTally();
  const downtime = createServerDowntime(rules, (condition) => servers.some(condition));
  const parts: ChatServerBreakerParts = { clock, settings, downtime, newcomers, quietMs: newcomerMs(rules), batched, tell: count };
  const servers = createServerCache<ChatServerBreaker>({
    make: (name) => createChatServerBreaker(name, parts),
    evictionPriorityOf: (breaker) => (configured.has(breaker.name) ? PINNED : breaker.evictionPriority),
    evicted: (breaker) => breaker.end(),
  });
  /** For a name of which nothing can be remembered. */
  const unwatched: ChatServer = {
    admit: () => ({ kind: 'send', role: 'free', admittedAtMs: clock.nowMs() }),
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
    newcomer(chatServer) {
      const nowMs = clock.nowMs();
      newcomers.add(nowMs);
      servers.use(chatServer)?.newcomers.named(nowMs);
    },
    use: (chatServer) => servers.use(chatServer) ?? unwatched,
    holdOf(chatServer, probeStartedAtMs, isNew) {
      if (!mayRestore(rules)) return null;
      const hold = settings.holdWhileRestoring ? downtime.holdOf(servers.find(chatServer), probeStartedAtMs, clock.nowMs()) : null;
      return hold ?? (isNew ? 'still_used' : null);
    },
    rejectAll: () => servers.each((breaker) => breaker.rejectAll()),
    close() {
      servers.close();
      batched.flush();
    },
  };
}
