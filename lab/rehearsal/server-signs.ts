import { type WireAttempt, wordOf } from './wire-word.ts';

/** What one Chat Server gave away of itself, by the replies to whichever chat. */
export interface ServerSigns {
  /** When it was first not found since it last gave a sign of life, or since more than 90 s without any sign; infinite while it is up. */
  readonly downSinceMs: number;
  /** From the first message that did not find it since then to the newest. */
  readonly provenForMs: number;
  /** When another one that was asked by name last gave a sign of life; -Infinity if none did. */
  readonly aliveElsewhereAtMs: number;
}

/** Keeps what each Chat Server gives away. */
export interface ServerSignsLog {
  /** Takes in an attempt that named the Chat Server and has settled at that moment. */
  heard(chatServer: string, attempt: WireAttempt, settledAtMs: number): void;
  of(chatServer: string): ServerSigns;
}

/** A ghost comes back every minute or so: after a longer silence nobody knows what was in it. */
const MAX_GAP_MS = 90_000;

interface Heard {
  aliveAtMs: number;
  downAtMs: number;
  downSinceMs: number;
  firstSentAtMs: number;
  /** A reply that was overtaken by a newer message's does not change what is believed. */
  newestSentAtMs: number;
}

export function createServerSignsLog(): ServerSignsLog {
  const servers = new Map<string, Heard>();
  const heardOf = (chatServer: string): Heard => {
    const known = servers.get(chatServer) ?? {
      aliveAtMs: Number.NEGATIVE_INFINITY,
      downAtMs: Number.NEGATIVE_INFINITY,
      downSinceMs: Number.POSITIVE_INFINITY,
      firstSentAtMs: Number.NEGATIVE_INFINITY,
      newestSentAtMs: Number.NEGATIVE_INFINITY,
    };
    servers.set(chatServer, known);
    return known;
  };
  return {
    heard(chatServer, attempt, settledAtMs) {
      const word = wordOf(attempt);
      if (word === 'nothing' || word === 'unrecognised') return;
      const heard = heardOf(chatServer);
      const isAlive = word !== 'chat_server_not_found';
      const isGap = settledAtMs - heard.downAtMs > MAX_GAP_MS;
      if (isAlive) heard.aliveAtMs = settledAtMs;
      else heard.downAtMs = settledAtMs;
      if (attempt.atMs < heard.newestSentAtMs) return;
      heard.newestSentAtMs = attempt.atMs;
      if (isAlive) {
        heard.downSinceMs = Number.POSITIVE_INFINITY;
      } else if (heard.downSinceMs === Number.POSITIVE_INFINITY || isGap) {
        heard.downSinceMs = settledAtMs;
        heard.firstSentAtMs = attempt.atMs;
      }
    },
    of(chatServer) {
      const { downSinceMs, firstSentAtMs, newestSentAtMs } = heardOf(chatServer);
      const others = [...servers].filter(([name]) => name !== chatServer).map(([, { aliveAtMs }]) => aliveAtMs);
      return {
        downSinceMs,
        provenForMs: downSinceMs === Number.POSITIVE_INFINITY ? 0 : newestSentAtMs - firstSentAtMs,
        aliveElsewhereAtMs: Math.max(Number.NEGATIVE_INFINITY, ...others),
      };
    },
  };
}
