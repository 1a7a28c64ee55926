import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a port of loopback that can be cut in silence: connections stay, new ones are taken, and no byte goes through. */
export interface Forwarder {
  readonly port: number;
  cut(): void;
  mend(): void;
  close(): void;
}

export async function startForwarder(toPort: number): Promise<Forwarder> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      // Nobody hears of an end through a way that is cut.
      if (!isCut) for (const socket of pair) socket.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', end).on('close', end);
      from.on('data', (chunk) => {
        if (!isCut) to.write(chunk);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
    },
    /** What was sent meanwhile is lost, as are the connections that it was sent by. */
    mend() {
      isCut = false;
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    close() {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
