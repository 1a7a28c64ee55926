import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from './judge.ts';

/** Stands between the replicas and the simulator, keeps each message for a while, as a slow Chat Server would, and writes it down. */
export interface Relay {
  readonly url: string;
  readonly messages: readonly Message[];
  /** How long a message takes on top. */
  holdMs: number;
  close(): void;
}

export async function startRelay(simulator: string, holdMs: number): Promise<Relay> {
  const { hostname: host, port } = new URL(simulator);
  const agent = new Agent({ keepAlive: true });
  const messages: Writable<Message>[] = [];
  const relay = { holdMs };

  const pass = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = await buffer(asked);
    const message = asked.url === '/esp' ? messageOf(body) : null;
    if (message !== null) {
      messages.push(message);
      await sleep(relay.holdMs);
    }
    // A gateway that has read a message sends it, whether or not anybody waits for the answer any more.
    const { method, headers } = asked;
    const onward = request({ host, port, agent, method, path: asked.url, headers: { ...headers, 'content-length': String(body.length) } });
    onward.end(body);
    try {
      const [reply] = (await once(onward, 'response')) as [IncomingMessage];
      const text = await buffer(reply);
      if (message !== null) message.endedMs = performance.now();
      answer.writeHead(reply.statusCode ?? 502, reply.headers).end(text);
    } catch {
      if (message !== null) message.endedMs = performance.now();
      answer.destroy();
    }
  };
  const server = createServer((asked, answer) => void pass(asked, answer).catch(() => answer.destroy()));
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(relay, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  });
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function messageOf(body: Buffer): Writable<Message> {
  const { request: sent, userData } = JSON.parse(body.toString()) as {
    readonly request: { readonly AppName?: string };
    readonly userData: { readonly InteractionId: string };
  };
  return {
    interactionId: userData.InteractionId,
    chatServer: sent.AppName ?? '',
    begunMs: performance.now(),
    endedMs: Number.POSITIVE_INFINITY,
  };
}
