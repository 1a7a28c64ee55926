import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as SecureServer } from 'node:tls';

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
  const accepted = acceptedSockets(server);
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
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket = accepted.below(request.socket);
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

/** The sockets as they were accepted. With TLS requests come on others, and Node.js does not say which stands on which. */
function acceptedSockets(server: Server) {
  const byPeer = new Map<string, Socket>();
  const below = new WeakMap<Socket, Socket>();
  server.on('secureConnection', (socket: Socket) => {
    const raw = byPeer.get(peerOf(socket));
    if (raw !== undefined) below.set(socket, raw);
  });
  if (server instanceof SecureServer) {
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      byPeer.set(peer, socket);
      socket.once('close', () => byPeer.get(peer) === socket && byPeer.delete(peer));
    });
  }
  return { below: (socket: Socket): Socket => below.get(socket) ?? socket };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function first<T>(set: ReadonlySet<T>): readonly T[] {
  const { value, done } = set.values().next();
  return done === true ? [] : [value];
}
