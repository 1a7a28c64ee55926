import type { World, WorldAnswer } from '../../lab/simulator/world/world.ts';
import { type Clock, wait } from '../../src/probe/clock.ts';
import type { EspReply, EspRequest } from '../../src/probe/esp.ts';

/** What is true of one chat, said outright. */
export interface TinyChat {
  readonly customer: 'present' | 'gone';
  readonly session: 'running' | 'restorable' | 'none';
  readonly host: string | null;
  /** `ChatServerAppName` as a workflow reads it, null if there is none. */
  readonly name: string | null;
  readonly isOnline?: '0' | '1';
  /** What Interaction Server says when it is asked about this chat. */
  readonly says: 'delivered' | 'fault_100' | 'not_found' | 'silence';
}

export interface TinyServer {
  readonly name: string;
  readonly status: 'up' | 'down';
  readonly connected: boolean;
}

/** The latency of every message. */
export const TINY_LATENCY_MS = 5;

/**
 * A world with known truth, to hold the judge to: nothing in it follows from anything, all of it is said.
 *
 * @param truthAt the chats by id, as they are at this moment, in ms since the world began.
 */
export function tinyWorld(
  clock: Clock,
  servers: readonly TinyServer[],
  truthAt: (nowMs: number) => Readonly<Record<string, TinyChat>>,
): World {
  const transcripts = new Map<string, object[]>();
  const chatAt = (id: string) => truthAt(clock.nowMs())[id];
  const session = (id: string) => {
    const chat = chatAt(id);
    if (chat === undefined) return null;
    return {
      id,
      host: chat.host,
      truth: { customer: chat.customer, session: chat.session, sinceMs: 0, why: 'said so' },
      userData: { ...(chat.name === null ? {} : { ChatServerAppName: chat.name }), IsOnline: chat.isOnline ?? '1' },
      transcript: transcripts.get(id) ?? [],
    };
  };
  const world = {
    nowMs: () => clock.nowMs(),
    health: () => 'connected',
    chatServers: () => servers,
    session,
    truth: (id: string) => session(id)?.truth ?? { customer: 'gone' },
    sessions: () => Object.keys(truthAt(clock.nowMs())).map(session),
    async ask(request: EspRequest, timeoutMs: number, signal: AbortSignal): Promise<WorldAnswer> {
      await wait(clock, TINY_LATENCY_MS, signal);
      const id = String(request.userData['InteractionId']);
      const says = chatAt(id)?.says ?? 'silence';
      if (says === 'silence') {
        await wait(clock, timeoutMs, signal);
        return { kind: 'expired' };
      }
      if (says === 'delivered') transcripts.set(id, [...(transcripts.get(id) ?? []), request]);
      return { kind: 'reply', reply: replyOf(request, says) };
    },
  };
  return world as unknown as World;
}

function replyOf({ referenceId }: EspRequest, says: 'delivered' | 'fault_100' | 'not_found'): EspReply {
  const common = { referenceId, userData: null };
  if (says === 'delivered') return { kind: 'response', ...common };
  if (says === 'not_found') return { kind: 'error', ...common, errorCode: 1, errorMessage: 'Not found by name' };
  return { kind: 'fault', ...common, service: 'Chat', faultCode: '100', faultString: 'interaction with specified id was not found' };
}
