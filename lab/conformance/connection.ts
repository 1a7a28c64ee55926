import type { Agent } from 'node:http';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';

/**
 * One connection to the gateway, opened on first use. If the gateway closes it, the next request opens another.
 *
 * By node:http and not undici: a body can be sent in pieces at moments of our choice, the bytes can be seen on their
 * socket, and which request went out on which connection. It reads answers with the same strict parser as undici does.
 */
export interface Connection {
  readonly agent: Agent;
  /** Tells whether this is the first request on that socket. */
  isFirstUse(socket: Socket): boolean;
  /** Cuts it. Safe to call twice. */
  close(): void;
}

/** @param ca PEM of the certificate authority to trust instead of the system's, null for the system's. */
export function openConnection(base: URL, ca: string | null): Connection {
  const kept = { keepAlive: true, maxSockets: 1 };
  const agent = base.protocol === 'https:' ? new HttpsAgent({ ...kept, ...(ca === null ? {} : { ca }) }) : new HttpAgent(kept);
  const used = new WeakSet<Socket>();
  return {
    agent,
    isFirstUse(socket) {
      const first = !used.has(socket);
      used.add(socket);
      return first;
    },
    close: () => agent.destroy(),
  };
}
