import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fixtures from '../fixtures/esp-replies.json' with { type: 'json' };
import { plant } from '../support/secrets.ts';
import type { Certificate } from '../support/self-signed-certificate.ts';

/** The site behind every gateway here. */
export const LIVE = '0006Ka9HFHRR0T2B';
export const DEAD = '02JH8H2FE3Q3T00E';
export const SERVER = 'ChatServer_1';
export const DOWN_SERVER = 'ChatServer_2';
export const TOKEN = plant('very-secret-"token"/1');

/** One request that came whole. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Since the head of the request was there. */
  readonly elapsedMs: () => number;
  /** Pieces that the body came in. */
  readonly pieces: number;
  /** Requests under way, this one included. */
  readonly underWay: () => number;
}

export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends what goes before the answer. */
  readonly interim?: (response: ServerResponse) => void;
  readonly json: unknown;
  /** What is written in its place, where that is not what JSON.stringify makes of it. */
  readonly text?: string;
}

export type Manners = (asked: Asked) => Said | Promise<Said>;

/** Changes that make a gateway wrong in one way: to what it says, or to how it treats a connection. */
export interface Plant {
  /** What it says, made from what a good gateway would say. */
  readonly manners?: (good: Manners) => Manners;
  /** Called with the head of each request; awaited before the body is read. */
  readonly onHead?: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
}

export interface PlantedGateway {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a gateway on loopback. Without a plant it keeps the contract. */
export async function startPlantedGateway({ manners, onHead }: Plant = {}, tls?: Certificate): Promise<PlantedGateway> {
  const answer = manners === undefined ? good() : manners(good());
  let underWay = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAtMs = performance.now();
    await onHead?.(request, response);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    underWay += 1;
    const said = await answer({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      pieces: chunks.length,
      elapsedMs: () => performance.now() - startedAtMs,
      underWay: () => underWay,
    });
    underWay -= 1;
    said.interim?.(response);
    response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers }).end(said.text ?? JSON.stringify(said.json));
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void serve(request, response).catch(() => undefined);
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Limits and habits of the good gateway that a plant may change. */
export interface Habits {
  readonly mostBodyBytes?: number;
  readonly isLetIn?: (authorization: string | undefined) => boolean;
  readonly isTimeOver?: (asked: Asked, deadlineMs: number) => boolean;
  readonly isMessage?: (message: Message) => boolean;
}

export interface Message {
  readonly messageName?: unknown;
  readonly referenceId?: unknown;
  readonly request?: {
    readonly AppName?: unknown;
    readonly AppType?: unknown;
    readonly Service?: unknown;
    readonly Method?: unknown;
    readonly Parameters?: Readonly<Record<string, unknown>>;
  };
  readonly userData?: Readonly<Record<string, unknown>>;
}

/** A gateway that keeps the contract, written from the contract alone. */
export function good(habits: Habits = {}): Manners {
  const {
    mostBodyBytes = 64 * 1024,
    isLetIn = (authorization) => authorization === `Bearer ${TOKEN}`,
    isTimeOver = (asked, deadlineMs) => asked.elapsedMs() >= deadlineMs,
    isMessage = isProper,
  } = habits;
  return (asked) => {
    if (!isLetIn(asked.headers.authorization)) return refusal(401);
    if (asked.method === 'GET' && asked.path === '/health') return { status: 200, json: { interactionServer: 'connected' } };
    if (asked.method !== 'POST' || asked.path !== '/esp') return refusal(404);
    if (asked.body.length > mostBodyBytes) return refusal(413);
    const message = messageIn(asked);
    if (message === null || !isMessage(message)) return refusal(400);
    if (isTimeOver(asked, Number(asked.headers['x-deadline-ms'] ?? Number.POSITIVE_INFINITY))) return refusal(504);
    return replyTo(message);
  };
}

export function messageIn({ body }: Asked): Message | null {
  try {
    const value = JSON.parse(body);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

export function refusal(status: number): Said {
  return { status, json: { error: 'refused' } };
}

export function isProper({ messageName, referenceId, request, userData }: Message): boolean {
  return (
    messageName === 'Request3rdServer' &&
    typeof referenceId === 'number' &&
    request?.AppType === 'ChatServer' &&
    request.Service === 'Chat' &&
    request.Method === 'Message' &&
    typeof request.Parameters?.['MessageText'] === 'string' &&
    typeof userData?.['InteractionId'] === 'string'
  );
}

/** What the site's Chat Servers say to a message. */
export function replyTo({ referenceId, request, userData }: Message): Said {
  const { AppName = SERVER } = request ?? {};
  if (AppName === DOWN_SERVER) return { status: 200, json: { ...fixtures.chatServerNotFoundByName, referenceId } };
  if (AppName !== SERVER) return refusal(422);
  if (userData?.['InteractionId'] === LIVE) return { status: 200, json: { ...fixtures.delivered, referenceId } };
  return { status: 200, json: { ...fixtures.sessionNotFound, referenceId } };
}
