import type { Attempt } from '../../probe/attempt.ts';
import type { AskedAttempt } from '../../probe/attempt-gate.ts';
import type { StopSignal } from '../../probe/stop-signal.ts';
import type { TargetRules } from '../../probe/target.ts';
import { createPacer } from './pacer.ts';
import { createServerNames, MUST_STAY } from './server-names.ts';
import { freePass, type ServerDeskEvent, type ServerPass, type ServerSend } from './server-pass.ts';
import { createServerWatch, type ServerWatch, type ServerWatchParts } from './server-watch.ts';

/**
 * How long, beyond the restore window, user data may still show the name of a Chat Server that fell. An assumption: how
 * fast it follows is not documented.
 */
const USER_DATA_LAG_MS = 5_000;

/** How long after a Chat Server fell a living chat may still be asked for under its name, or be on its way to another one. */
export function unsettledMs({ restoreWindowMs }: TargetRules): number {
  // Of a window shorter than usual the same share, so that it is not mostly lag.
  return restoreWindowMs + Math.min(USER_DATA_LAG_MS, restoreWindowMs / 9);
}

/** Stands before the Chat Servers of one target, so that the outage of one is one event and not thousands of failures. */
export interface ServerDesk {
  /**
   * Asked before each attempt: answers at once where nothing has to wait. Else resolves by the probe's deadline less
   * 50 ms (or a moment later in a crowd: see `createPacer`), or at once, with anything, when `signal` aborts. Never rejects.
   *
   * @param chatServer the one that would be asked, null if by type.
   * @param mayWait false where it is to be answered `gateway_open` rather than wait: nobody waits for a gateway.
   */
  admit(asked: AskedAttempt, chatServer: string | null, mayWait: boolean, signal: StopSignal): ServerPass | Promise<ServerPass>;
  /**
   * Told exactly once what each attempt came to that was told to be sent.
   *
   * @param attempt null if it was not made after all, or cut short.
   */
  settled(chatServer: string | null, pass: ServerSend, attempt: Attempt | null): void;
  /**
   * Whether it was seen down after the probe began or not long before (`unsettledMs`): it may have come back without its sessions,
   * and the probe knows only the name that it began with.
   */
  mayHaveMoved(chatServer: string | null, probeStartedAtMs: number): boolean;
  /**
   * Whether the Chat Server fell before our eyes, so recently that a chat under its name may be about to be restored on
   * another one, or was and user data does not show it yet. One that was never seen alive is held back for only where we are to
   * decide (`auto`): it may have fallen just before this process began.
   */
  isRestoring(chatServer: string | null, probeStartedAtMs: number): boolean;
  /** Chat Servers that are suspect or recovering. */
  readonly serversDown: number;
  /** Probes that wait for them. */
  readonly parked: number;
  /** Ends all waits, with `gateway_open`: nobody waits for a gateway. */
  dismiss(): void;
  /** Ends all waits, with `deadline`, and all timers. Whoever asks later passes. */
  close(): void;
}

export interface ServerDeskParts extends Omit<ServerWatchParts, 'silenceMs' | 'pacer'> {
  readonly rules: TargetRules;
  /** Names that the configuration knows. They are never forgotten, whatever names callers make up. */
  readonly chatServers: readonly string[];
}

export function createServerDesk({ clock, settings, rules, chatServers, tell }: ServerDeskParts): ServerDesk {
  const configured: ReadonlySet<string | null> = new Set(chatServers);
  let serversDown = 0;
  let parked = 0;
  const count = (event: ServerDeskEvent): void => {
    if (event.type === 'probe_parked') parked += event.by;
    else serversDown += Number(event.to !== 'healthy') - Number(event.from !== 'healthy');
    tell(event);
  };
  const pacer = createPacer(clock);
  const names = createServerNames<ServerWatch>({
    make: (chatServer) => createServerWatch(chatServer, { clock, settings, silenceMs: rules.restoreWindowMs, pacer, tell: count }),
    worthOf: (watch, name) => (configured.has(name) ? MUST_STAY : watch.worth),
    forgotten: (watch) => watch.end(),
  });

  return {
    get serversDown() {
      return serversDown;
    },
    get parked() {
      return parked;
    },
    admit: (asked, chatServer, mayWait, signal) => names.use(chatServer)?.admit(asked, mayWait, signal) ?? freePass(clock.nowMs()),
    settled(chatServer, pass, attempt) {
      names.find(chatServer)?.settled(pass, attempt);
    },
    mayHaveMoved(chatServer, probeStartedAtMs) {
      const watch = names.find(chatServer);
      return watch !== null && probeStartedAtMs - watch.belief.seenDownAtMs < unsettledMs(rules);
    },
    isRestoring(chatServer, probeStartedAtMs) {
      const watch = names.find(chatServer);
      if (watch === null || !rules.ha || !settings.holdWhileRestoring) return false;
      const fellAtMs = fallOf(watch.belief, rules);
      if (probeStartedAtMs >= fellAtMs + unsettledMs(rules)) return false;
      // The others may have fallen too: all at once looks like Interaction Server losing sight of them. By type, whoever answered
      // before the fall may be the very server that fell.
      return names.some(
        (name, { belief }) => name !== chatServer && belief.seenAliveAtMs > (name === null ? fellAtMs : Number.NEGATIVE_INFINITY),
      );
    },
    dismiss: () => names.each((watch) => watch.dismiss()),
    close() {
      names.close();
      pacer.flush();
    },
  };
}

/** Since when chats under its name may be elsewhere. */
function fallOf({ fellAtMs, foundDownAtMs }: ServerWatch['belief'], { onChatServerDown, singleChatServer }: TargetRules): number {
  return onChatServerDown === 'auto' && !singleChatServer ? Math.max(fellAtMs, foundDownAtMs) : fellAtMs;
}
