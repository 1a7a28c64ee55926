import type { Clock } from '../../../src/probe/clock.ts';
import { type Ask, createAsk } from './ask.ts';
import { viewOfChatServer } from './chat-server.ts';
import { type SessionView, type Truth, truthOf, viewOfSession } from './session.ts';
import type { World, WorldControl } from './world.ts';
import type { WorldState } from './world-state.ts';

export interface WorldPlay {
  /** Whatever it shows now is the moment at which the world begins. */
  readonly clock: Clock;
  readonly state: WorldState;
  readonly control: WorldControl;
  /** Called when a message is about to reach the Chat Server of that name, up or down; what happens here decides its answer. */
  readonly beforeAsk?: (chatServer: string, askedAtMs: number) => void;
}

const NEVER_KNOWN: Truth = { customer: 'gone', session: 'none', since: 0, why: 'the world never knew it' };

/** Lets a world live by a clock: whoever looks at it or asks it first lets everything happen that has fallen due. */
export function playWorld({ clock, state, control, beforeAsk = () => undefined }: WorldPlay): World {
  const beganAtMs = clock.nowMs();
  const nowMs = (): number => clock.nowMs() - beganAtMs;
  const asOfNow = (): WorldState => {
    state.agenda.runUntil(nowMs());
    return state;
  };
  const ask: Ask = createAsk({ clock, asOfNow, nowMs, beforeAsk });
  return {
    ask,
    nowMs,
    health() {
      const { gateway, interactionServer } = asOfNow().surroundings;
      if (gateway === 'down') return 'no_gateway';
      return interactionServer === 'up' ? 'connected' : 'disconnected';
    },
    chatServers: () => [...asOfNow().servers.values()].map(viewOfChatServer),
    session(id) {
      const session = asOfNow().sessions.all.get(id);
      return session === undefined ? null : viewOfSession(session);
    },
    sessions: () => viewsOf(asOfNow()),
    truth(id) {
      const session = asOfNow().sessions.all.get(id);
      return session === undefined ? NEVER_KNOWN : truthOf(session);
    },
    get control() {
      asOfNow();
      return control;
    },
  };
}

function* viewsOf({ sessions }: WorldState): Iterable<SessionView> {
  for (const session of sessions.all.values()) yield viewOfSession(session);
}
