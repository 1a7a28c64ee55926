import { type AskedAttempt, type Downtime, NO_DOWNTIME } from '../../probe/admission.ts';
import type { Attempt } from '../../probe/attempt.ts';
import type { CancelSignal } from '../../probe/cancel-signal.ts';
import type { TargetRules } from '../../probe/target.ts';
import { createBatchedCallbacks } from './batched-callbacks.ts';
import { type ChatServerBreaker, type ChatServerBreakerParts, createChatServerBreaker } from './chat-server-breaker.ts';
import { createNewcomerTally, newcomerMs } from './newcomers.ts';
import { type ChatServerEvent, freePermit, type Permit, type SendPermit } from './permit.ts';
import { createServerCache, PINNED } from './server-cache.ts';
import { createServerDowntime, type Hold } from './server-downtime.ts';

/** Who asks, besides what the attempt says. */
export interface ServerCaller {
  /** The Chat Server that would be asked, null if by type. */
  readonly chatServer: string | null;
  /** False where what is known of its Chat Server must not make it end sooner than its policy does. */
  readonly mayHurry: boolean;
  /** False where it is to be answered `gateway_open` rather than wait: nobody waits for a gateway. */
  readonly mayWait: boolean;
}

/** Stands before the Chat Servers of one target, so that the outage of one is one event and not thousands of failures. */
export interface ChatServers {
  /** Told of each chat that is asked about by name for the first time, by that name. */
  newcomer(chatServer: string): void;
  /**
   * Asked before each attempt: answers at once where nothing has to wait. Else resolves by the probe's deadline less
   * 50 ms (or a moment later in a crowd: see `createPacer`), or at once, with anything, when `signal` aborts. Never rejects.
   */
  admit(asked: AskedAttempt, caller: ServerCaller, signal: CancelSignal): Permit | Promise<Permit>;
  /**
   * Told exactly once what each attempt came to that was told to be sent.
   *
   * @param attempt null if it was not made after all, or cut short.
   */
  release(chatServer: string | null, pass: SendPermit, attempt: Attempt | null): void;
  /**
   * Whether it was seen down after the probe began or not long before (`unsettledMs`): it may have come back without its sessions,
   * and the probe knows only the name that it began with.
   */
  mayHaveMoved(chatServer: string | null, probeStartedAtMs: number): boolean;
  /** What is known of one that was not found. */
  downtime(chatServer: string | null, probeStartedAtMs: number): Downtime;
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

export interface ChatServersParts extends Omit<ChatServerBreakerParts, 'newcomers' | 'quietMs' | 'batched'> {
  readonly rules: TargetRules;
  /** Names that the configuration knows. They are never forgotten, whatever servers callers make up. */
  readonly chatServers: readonly string[];
}

export function createChatServers({ clock, settings, rules, chatServers, tell }: ChatServersParts): ChatServers {
  const configured: ReadonlySet<string | null> = new Set(chatServers);
  /** Where there is nowhere to restore to, the site's rule is followed to the letter. */
  const mayRestore = rules.ha && !rules.singleChatServer;
  let serversDown = 0;
  let parked = 0;
  const count = (event: ChatServerEvent): void => {
    if (event.type === 'probe_parked') parked += event.by;
    else serversDown += Number(event.to !== 'healthy') - Number(event.from !== 'healthy');
    tell(event);
  };
  const batched = createBatchedCallbacks(clock);
  const newcomers = createNewcomerTally();
  const servers = createServerCache<ChatServerBreaker>({
    make: (chatServer) =>
      createChatServerBreaker(chatServer, { clock, settings, newcomers, quietMs: newcomerMs(rules), batched, tell: count }),
    evictionPriorityOf: (breaker, name) => (configured.has(name) ? PINNED : breaker.evictionPriority),
    evicted: (breaker) => breaker.end(),
  });
  const downtime = createServerDowntime(rules, servers);
  const isKnownDown = (chatServer: string | null, probeStartedAtMs: number): boolean =>
    mayRestore && downtime.isKnown(chatServer, probeStartedAtMs, clock.nowMs());

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
    admit(asked, { chatServer, mayHurry, mayWait }, signal) {
      const breaker = servers.use(chatServer);
      if (breaker === null) return freePermit(clock.nowMs());
      const hurries = mayHurry && isKnownDown(chatServer, asked.probeStartedAtMs);
      return breaker.admit(asked, { mayWait, hurries }, signal);
    },
    release(chatServer, pass, attempt) {
      servers.find(chatServer)?.release(pass, attempt);
    },
    mayHaveMoved: downtime.mayHaveMoved,
    downtime(chatServer, probeStartedAtMs) {
      const breaker = servers.find(chatServer);
      if (breaker === null) return NO_DOWNTIME;
      return { isKnown: isKnownDown(chatServer, probeStartedAtMs), provenForMs: breaker.liveness.provenForMs };
    },
    holdOf(chatServer, probeStartedAtMs, isNew) {
      if (!mayRestore) return null;
      const hold = settings.holdWhileRestoring ? downtime.holdOf(chatServer, probeStartedAtMs, clock.nowMs()) : null;
      return hold ?? (isNew ? 'still_used' : null);
    },
    rejectAll: () => servers.each((breaker) => breaker.rejectAll()),
    close() {
      servers.close();
      batched.flush();
    },
  };
}
