import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import type { World } from '../simulator/world/world.ts';
import type { Send } from './judged-probe.ts';

/** For so long a chat that was found alive need not be asked again. */
const STILL_ALIVE_MS = 2_000;

/** The same adapter, noting each send as it begins. @param idKey user-data key under which the interaction id travels. */
export function recordSends(
  adapter: InteractionServerAdapter,
  world: Pick<World, 'nowMs' | 'chatServers'>,
  idKey: string,
  note: (send: Send) => void,
): InteractionServerAdapter {
  const isDown = (name: string): boolean => world.chatServers().some((server) => server.name === name && server.status === 'down');
  const underWay = new Map<string | null, number>();
  const count = (name: string | null, by: 1 | -1): number => {
    const counted = (underWay.get(name) ?? 0) + by;
    underWay.set(name, counted);
    return counted;
  };
  /** Until when another message to a chat is needless, for the chats that got one lately. */
  const known = new Map<string, number>();
  return {
    ...adapter,
    async send(request, timeoutMs, signal) {
      const { appName: chatServer } = request;
      const id = String(request.userData[idKey]);
      const atMs = world.nowMs();
      const toServerDown = chatServer !== null && isDown(chatServer);
      note({ atMs, chatServer, toServerDown, underWay: count(chatServer, 1), isDoubled: atMs < (known.get(id) ?? 0) });
      known.set(id, Number.POSITIVE_INFINITY);
      const outcome = await adapter.send(request, timeoutMs, signal);
      known.set(id, outcome.kind === 'reply' && outcome.reply.kind === 'response' ? world.nowMs() + STILL_ALIVE_MS : 0);
      count(chatServer, -1);
      return outcome;
    },
  };
}
