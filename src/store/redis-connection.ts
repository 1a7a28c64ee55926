import { isIP } from 'node:net';
import { createClient, ErrorReply } from '@redis/client';
import type { StoreConfig } from '../config/config.ts';
import type { ServerScript } from './redis-scripts.ts';
import { type Trouble, trouble } from './shared-store.ts';

type Client = ReturnType<typeof clientOf>;

interface Opened {
  readonly client: Client;
  /** Whether something came that is not Redis's protocol. */
  isGarbled: boolean;
}

/** Longest that opening a connection may take: less than a call waits that may have to open one, so that it is told what is wrong. */
const CONNECT_MS = 800;

/**
 * One connection to Valkey or Redis, from 7.0 on. Each call is one round trip and one step of the server's. A call that finds none opens
 * one: servers and what is before them close connections that are idle. No call is made twice. How long an answer may take is for the
 * caller to bound; the client's own time-out ends where a command was written, so that a server that stands still keeps it for ever.
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
  let opening: Promise<Opened> | null = null;
  let isClosed = false;

  const open = (): Promise<Opened> => {
    const mine = connected(settings, () => {
      if (opening === mine) opening = null;
    });
    opening = mine;
    return mine;
  };
  const reset = (): void => {
    const last = opening;
    opening = null;
    last?.then(
      ({ client }) => destroyed(client),
      () => undefined,
    );
  };
  const send = async (script: ServerScript, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    const opened = await (opening ?? open());
    const tail = [String(keys.length), ...keys, ...args];
    try {
      return await answerOf(opened, ['EVALSHA', script.sha1, ...tail]);
    } catch (fault) {
      // After a restart or a fail-over the server does not know it any more.
      if (!(fault instanceof ErrorReply) || !fault.message.startsWith('NOSCRIPT')) throw fault;
      return await answerOf(opened, ['EVAL', script.text, ...tail]);
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

/** @param lost told when the connection is of no use any more. */
async function connected(settings: StoreConfig, lost: () => void): Promise<Opened> {
  const client = clientOf(settings);
  const opened: Opened = { client, isGarbled: false };
  // Without a listener it would end the process.
  client.on('error', () => {
    lost();
    // Of a broken socket whoever waits is told as well. Of what it cannot read the client tells nobody else, and goes on: an answer would
    // never come, or be taken for that to another call.
    if (!client.isOpen) return;
    opened.isGarbled = true;
    destroyed(client);
  });
  try {
    await client.connect();
    return opened;
  } catch (fault) {
    lost();
    destroyed(client);
    throw opened.isGarbled ? new NotRedis() : fault;
  }
}

async function answerOf(opened: Opened, command: readonly string[]): Promise<unknown> {
  try {
    return await opened.client.sendCommand(command);
  } catch (fault) {
    throw opened.isGarbled ? new NotRedis() : fault;
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

class NotRedis extends Error {}

function troubleOf(fault: unknown): Trouble {
  if (fault instanceof ErrorReply) return trouble('refused', wordsOf(fault.message));
  if (fault instanceof NotRedis) return trouble('garbled', 'not the protocol of Redis');
  if (!(fault instanceof Error)) return trouble('unreachable', 'unknown');
  return trouble('unreachable', 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.constructor.name);
}

/** What Redis begins with a mere ERR. From somebody who has not logged in it takes no more than ten words, and says so in this way too. */
const NAMELESS = [
  ['unauthenticated', 'NOAUTH'],
  ['The user executing the script', 'NOPERM'],
  ['max number of clients reached', 'max number of clients reached'],
  ['without any password configured', 'called without any password configured'],
  ['DB index is out of range', 'DB index is out of range'],
  ['unknown command', 'unknown command'],
  ['Error compiling script', 'Error compiling script'],
] as const;

/** An error's first word says what is wrong; the rest may hold what was sent, or an address. */
function wordsOf(message: string): string {
  const named = NAMELESS.find(([part]) => message.includes(part));
  return named?.[1] ?? /^[A-Z]{1,32}\b/.exec(message)?.[0] ?? 'ERR';
}
