import { isIP } from 'node:net';
import { createClient, ErrorReply } from '@redis/client';
import type { StoreConfig } from '../config/config.ts';
import type { ServerScript } from './redis-scripts.ts';
import { type Trouble, trouble } from './shared-store.ts';

type Client = ReturnType<typeof clientOf>;

/** Longest that opening a connection may take. Nobody waits for it. */
const CONNECT_MS = 1_000;

/**
 * One connection to Valkey or Redis, from 7.0 on. Each call is one round trip and one step of the server's. Nothing waits for a connection
 * in a queue: what finds none opens one for the next call. How long an answer may take is for the caller to bound; the client's own
 * time-out ends where a command was written, so that a server that stands still keeps it for ever.
 */
export interface RedisConnection {
  /** The name of a key. All lie in one place of a cluster or proxy, where a script can reach them. */
  key(name: string): string;
  /** Runs a script, and reads its answer. @param read null for an answer of another shape. */
  run<T>(script: ServerScript, keys: readonly string[], args: readonly string[], read: (reply: unknown) => T | null): Promise<T | Trouble>;
  /** The next call opens another one. */
  reset(): void;
  close(): void;
}

export function createRedisConnection(settings: StoreConfig): RedisConnection {
  let opening: Promise<Client> | null = null;
  let isClosed = false;

  const reset = (): void => {
    const last = opening;
    opening = null;
    last?.then(destroyed, () => undefined);
  };
  const send = async (script: ServerScript, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    opening ??= connected(settings);
    const client = await opening;
    const tail = [String(keys.length), ...keys, ...args];
    try {
      return await client.sendCommand(['EVALSHA', script.sha1, ...tail]);
    } catch (fault) {
      // After a restart or a fail-over the server does not know it any more.
      if (!(fault instanceof ErrorReply) || !fault.message.startsWith('NOSCRIPT')) throw fault;
      return await client.sendCommand(['EVAL', script.text, ...tail]);
    }
  };
  return {
    key: (name) => `{${settings.prefix}}:${name}`,
    async run(script, keys, args, read) {
      if (isClosed) return trouble('unreachable', 'closed');
      try {
        return read(await send(script, keys, args)) ?? trouble('garbled', 'an answer of another shape');
      } catch (fault) {
        return troubleOf(fault);
      }
    },
    reset,
    close() {
      isClosed = true;
      reset();
    },
  };
}

async function connected(settings: StoreConfig): Promise<Client> {
  const client = clientOf(settings);
  // Whoever waits for an answer is told as well; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (fault) {
    destroyed(client);
    throw fault;
  }
}

function clientOf({ host, port, database, username, password, tls }: StoreConfig) {
  const common = { host, port, connectTimeout: CONNECT_MS, reconnectStrategy: false } as const;
  const given = <T>(value: T | null): T | undefined => value ?? undefined;
  return createClient({
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    database,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    socket:
      tls === null
        ? common
        : {
            ...common,
            tls: true,
            ...(isIP(host) === 0 ? { servername: host } : {}),
            ca: given(tls.ca),
            cert: given(tls.cert),
            key: given(tls.key),
            minVersion: 'TLSv1.2',
          },
  });
}

function destroyed(client: Client): void {
  // It throws where it was not open any more.
  if (client.isOpen) client.destroy();
}

function troubleOf(fault: unknown): Trouble {
  if (fault instanceof ErrorReply) return trouble('refused', wordOf(fault.message));
  if (!(fault instanceof Error)) return trouble('unreachable', 'unknown');
  return trouble('unreachable', 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.constructor.name);
}

/**
 * An error's first word says what is wrong; the rest may hold what was sent, or an address. But from somebody who has not logged in Redis
 * takes no more than ten words, and then says ERR, as it does of a command within a script that its user may not give.
 */
function wordOf(message: string): string {
  if (message.includes('unauthenticated')) return 'NOAUTH';
  return message.includes('The user executing the script') ? 'NOPERM' : (message.split(' ', 1)[0] ?? '');
}
