import type { CancelSignal } from '../../../src/probe/cancel-signal.ts';
import { type Clock, wait } from '../../../src/probe/clock.ts';
import type { EspReply, EspRequest } from '../../../src/probe/esp.ts';
import { type ChatServer, isConnected } from './chat-server.ts';
import { passOn, pickByType } from './interaction-server.ts';
import { createLatency } from './latency.ts';
import type { World, WorldAnswer } from './world.ts';
import type { WorldState } from './world-state.ts';

export type Ask = World['ask'];

export interface AskParts {
  readonly clock: Clock;
  /** The state, after all that has fallen due. */
  asOfNow(): WorldState;
  /** Milliseconds since the world began. */
  nowMs(): number;
  /** `askedAtMs`: since the world began, the moment at which the message set out. */
  beforeAsk(chatServer: string, askedAtMs: number): void;
}

/** One message on its way. */
interface MessageInTransit {
  readonly request: EspRequest;
  /** Since the world began. */
  readonly askedAtMs: number;
  /** On the clock. */
  readonly endsAtMs: number;
  readonly signal: CancelSignal;
}

const EXPIRED: WorldAnswer = { kind: 'expired' };
/**
 * The world counts from its own beginning, so that its time can be a rounding error short of a moment that has come on the
 * clock. A wait for so little would never move a clock that only moves by its timers.
 */
const LEAST_WAIT_MS = 0.001;

/** How a world takes messages: the way there, the Chat Server that gets it, and its answer. */
export function createAsk(parts: AskParts): Ask {
  const { clock, asOfNow } = parts;
  const { scenario, chance } = asOfNow();
  const drawLatencyMs = createLatency(scenario.latencyMs, chance.latency);
  return async (request, timeoutMs, signal) => {
    if (timeoutMs <= 0) return EXPIRED;
    if (asOfNow().surroundings.gateway === 'down') return { kind: 'no_gateway' };
    const endsAtMs = clock.nowMs() + timeoutMs;
    const askedAtMs = parts.nowMs();
    const latencyMs = drawLatencyMs();
    await wait(clock, Math.min(latencyMs, timeoutMs), signal);
    // Real timers come early or late by a little: what counts is the latency drawn and the time it is now.
    if (signal.aborted || latencyMs > timeoutMs || clock.nowMs() > endsAtMs) return EXPIRED;
    return answer(parts, { request, askedAtMs, endsAtMs, signal });
  };
}

async function answer(parts: AskParts, errand: MessageInTransit): Promise<WorldAnswer> {
  const state = parts.asOfNow();
  const { appName } = errand.request;
  if (state.surroundings.gateway === 'down') return { kind: 'cut' };
  // A gateway knows the names from its own configuration, whether or not Interaction Server is there.
  const named = appName === null ? null : (state.servers.get(appName) ?? null);
  if (appName !== null && named === null) return { kind: 'unknown_name' };
  if (state.surroundings.interactionServer === 'down') return { kind: 'unreachable' };

  const asked = named ?? pickByType(state);
  if (asked !== null) parts.beforeAsk(asked.name, errand.askedAtMs);
  const { extraMs = null } = asked ?? {};
  if (asked === null || extraMs === null || !isConnected(asked)) return { kind: 'reply', reply: passOn(state, errand.request, asked) };
  return answerOfSlow(parts, errand, asked, extraMs);
}

/** The Chat Server has the message now, and nobody can take it back: it is delivered late, whether or not somebody still waits. */
async function answerOfSlow(
  { clock, asOfNow, nowMs }: AskParts,
  { request, endsAtMs, signal }: MessageInTransit,
  asked: ChatServer,
  extraMs: number,
): Promise<WorldAnswer> {
  const state = asOfNow();
  const replies: EspReply[] = [];
  const dueMs = nowMs() + extraMs;
  const { starts } = asked;
  // What it had is gone with a crash, also where it has started again since.
  const isStillThere = (): boolean => asked.isUp && asked.starts === starts;
  state.agenda.at(dueMs, () => replies.push(passOn(state, request, isStillThere() ? asked : null)));
  for (;;) {
    const { gateway, interactionServer } = asOfNow().surroundings;
    const [reply] = replies;
    if (signal.aborted || clock.nowMs() > endsAtMs) return EXPIRED;
    if (reply !== undefined) {
      if (gateway === 'down') return { kind: 'cut' };
      return interactionServer === 'down' ? { kind: 'unreachable' } : { kind: 'reply', reply };
    }
    if (clock.nowMs() === endsAtMs) return EXPIRED;
    await wait(clock, Math.max(LEAST_WAIT_MS, Math.min(dueMs - nowMs(), endsAtMs - clock.nowMs())), signal);
  }
}
