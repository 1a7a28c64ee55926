import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import type { World } from '../simulator/world/world.ts';
import type { Send } from './judged-probe.ts';

/** The same adapter, noting each send as it begins. */
export function recordSends(
  adapter: InteractionServerAdapter,
  world: Pick<World, 'nowMs' | 'chatServers'>,
  note: (send: Send) => void,
): InteractionServerAdapter {
  const isDown = (name: string): boolean => world.chatServers().some((server) => server.name === name && server.status === 'down');
  const underWay = new Map<string | null, number>();
  const count = (name: string | null, by: 1 | -1): number => {
    const counted = (underWay.get(name) ?? 0) + by;
    underWay.set(name, counted);
    return counted;
  };
  return {
    ...adapter,
    async send(request, timeoutMs, signal) {
      const { appName: chatServer } = request;
      note({ atMs: world.nowMs(), chatServer, toServerDown: chatServer !== null && isDown(chatServer), underWay: count(chatServer, 1) });
      const outcome = await adapter.send(request, timeoutMs, signal);
      count(chatServer, -1);
      return outcome;
    },
  };
}
