import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import type { EspRequest } from '../../src/probe/esp.ts';
import { createServerSignsLog, type ServerSigns } from './server-signs.ts';
import type { WireAttempt } from './wire-word.ts';

/** What was sent and what came back, kept beside the prober so that its verdicts can be judged without it. */
export interface WireLog {
  /** The attempts for one chat, in order. */
  attemptsFor(id: string): readonly WireAttempt[];
  /** The attempt to a Chat Server, for whichever chat, that settled last; null if none has. */
  lastSettledTo(chatServer: string): WireAttempt | null;
  signsOf(chatServer: string): ServerSigns;
  /** Nobody will ask for the attempts of this chat that have been made so far. */
  forget(id: string): void;
  /** The same adapter, with all that passes through it noted. */
  recording(adapter: InteractionServerAdapter, nowMs: () => number): InteractionServerAdapter;
}

/** @param idKey user-data key under which the interaction id travels. */
export function createWireLog(idKey: string): WireLog {
  const signs = createServerSignsLog();
  const byChat = new Map<string, WireAttempt[]>();
  const lastByServer = new Map<string, WireAttempt>();
  const begun = (request: EspRequest, atMs: number): WireAttempt => {
    const attempt: WireAttempt = { atMs, request, settledAtMs: null, outcome: null };
    const id = String(request.userData[idKey]);
    const earlier = byChat.get(id);
    if (earlier === undefined) byChat.set(id, [attempt]);
    else earlier.push(attempt);
    return attempt;
  };
  return {
    attemptsFor: (id) => byChat.get(id) ?? [],
    signsOf: (chatServer) => signs.of(chatServer),
    forget: (id) => void byChat.delete(id),
    lastSettledTo: (chatServer) => lastByServer.get(chatServer) ?? null,
    recording: (adapter, nowMs) => ({
      ...adapter,
      async send(request, timeoutMs, signal) {
        const attempt = begun(request, nowMs());
        attempt.outcome = await adapter.send(request, timeoutMs, signal);
        attempt.settledAtMs = nowMs();
        if (request.appName !== null) {
          lastByServer.set(request.appName, attempt);
          signs.heard(request.appName, attempt, attempt.settledAtMs);
        }
        return attempt.outcome;
      },
    }),
  };
}
