import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps the connections of callers within a bound, so that descriptors are left for the gateways. Over it one is closed at once: the
 * one that has asked nothing for the longest time, since whoever fills a bound with idle connections must not keep a newcomer out, who may ask
 * whether we live. Only where each of them waits for an answer the newcomer goes.
 */
export function boundConnections(server: Server, maxConnections: number): void {
  /** In the order in which they came, or had their last answer. Those that never asked anything go first. */
  const fresh = new Set<Socket>();
  const idle = new Set<Socket>();
  const asking = new Map<Socket, number>();
  let connections = 0;

  server.on('connection', (socket: Socket) => {
    connections += 1;
    fresh.add(socket);
    socket.once('close', () => {
      connections -= 1;
      fresh.delete(socket);
      idle.delete(socket);
      asking.delete(socket);
    });
    if (connections <= maxConnections) return;
    const [longest = socket] = fresh.size > 1 ? fresh : [...first(idle), socket];
    longest.destroy();
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    fresh.delete(socket);
    idle.delete(socket);
    asking.set(socket, (asking.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (asking.get(socket) ?? 1) - 1;
      if (left > 0) return void asking.set(socket, left);
      asking.delete(socket);
      if (!socket.destroyed) idle.add(socket);
    });
  });
  // Where no descriptor is left for it, a connection is not taken: that must not end the process.
  server.on('error', () => undefined);
}

function first<T>(set: ReadonlySet<T>): readonly T[] {
  const { value, done } = set.values().next();
  return done === true ? [] : [value];
}
