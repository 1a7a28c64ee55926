import type { InteractionServerAdapter } from '../probe/adapter.ts';
import type { World } from '../simulator/world/world.ts';
import type { Send } from './judged-probe.ts';

/** The same adapter, noting each send as it begins. */
export function recordSends(
  adapter: InteractionServerAdapter,
  world: Pick<World, 'nowMs' | 'chatServers'>,
  note: (send: Send) => void,
): InteractionServerAdapter {
  const isDown = (name: string): boolean => world.chatServers().some((server) => server.name === name && server.status === 'down');
  return {
    ...adapter,
    send(request, timeoutMs, signal) {
      note({ atMs: world.nowMs(), chatServer: request.appName, toServerDown: request.appName !== null && isDown(request.appName) });
      return adapter.send(request, timeoutMs, signal);
    },
  };
}
