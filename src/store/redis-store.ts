import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { createClient, ErrorReply } from '@redis/client';
import type { StoreConfig } from '../config/config.ts';
import { CLAIM, type ServerScript, SYNC } from './redis-scripts.ts';
import { type ClaimReply, type LogEntry, type SharedStore, type SyncReply, type Trouble, trouble } from './shared-store.ts';

type Client = ReturnType<typeof clientOf>;

/** Longest that opening a connection may take. Nobody waits for it. */
const CONNECT_MS = 1_000;

/**
 * The store on Valkey or Redis, from 7.0 on. Each call is one round trip and one step of the server's (`redis-scripts.ts`). Nothing waits
 * for a connection in a queue: what finds none opens one for the next call. How long an answer may take is for the caller to bound; the
 * client's own time-out ends where a command was written, so that a server that stands still keeps it for ever.
 */
export function createRedisStore(settings: StoreConfig): SharedStore {
  const { prefix } = settings;
  // The braces make a cluster or proxy keep all of them in one place, where a script can reach them.
  const key = (name: string): string => `{${prefix}}:${name}`;
  const leaseKey = (lease: string): string => key(`lease:${createHash('sha256').update(lease).digest('base64url')}`);
  let opening: Promise<Client> | null = null;
  let isClosed = false;

  const reset = (): void => {
    const last = opening;
    opening = null;
    last?.then(destroyed, () => undefined);
  };
  const run = async (script: ServerScript, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
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
  const asked = async <T>(reply: Promise<unknown>, read: (reply: unknown) => T | null): Promise<T | Trouble> => {
    try {
      return read(await reply) ?? trouble('garbled', 'an answer of another shape');
    } catch (fault) {
      return troubleOf(fault);
    }
  };

  return {
    sync({ replica, entry, after, giveBack, emptyFirst }) {
      if (isClosed) return Promise.resolve(trouble('unreachable', 'closed'));
      const keys = [key('log'), key('replicas'), key(`sent:${replica}`), ...giveBack.map(({ lease }) => leaseKey(lease))];
      const returned = giveBack.flatMap(({ token, keptForMs }) => [token, String(Math.ceil(keptForMs))]);
      const args = [replica, String(entry?.number ?? 0), entry?.text ?? '', after, emptyFirst ? '1' : '', ...returned];
      return asked(run(SYNC, keys, args), readSync);
    },
    claim({ holder, lease, token, holdMs, notAfterMs }) {
      if (isClosed) return Promise.resolve(trouble('unreachable', 'closed'));
      const args = [holder, token, String(Math.ceil(holdMs)), notAfterMs.toFixed(3)];
      return asked(run(CLAIM, [leaseKey(lease)], args), readClaim);
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
  // Its first word says what is wrong; the rest may hold what was sent, or an address. But from somebody who has not logged in Redis
  // takes no more than ten words, and then says ERR.
  if (fault instanceof ErrorReply)
    return trouble('refused', fault.message.includes('unauthenticated') ? 'NOAUTH' : (fault.message.split(' ', 1)[0] ?? ''));
  if (!(fault instanceof Error)) return trouble('unreachable', 'unknown');
  return trouble('unreachable', 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.constructor.name);
}

function readSync(reply: unknown): SyncReply | null {
  if (!Array.isArray(reply)) return null;
  const [nowMs, replicas, newest, entries]: readonly unknown[] = reply;
  if (!isMoment(nowMs) || typeof replicas !== 'number' || typeof newest !== 'string' || !Array.isArray(entries)) return null;
  const read = entries.map(readEntry).filter((entry) => entry !== null);
  return { kind: 'synced', nowMs: Number(nowMs), replicas, newest, entries: read };
}

/** One that another program has put there has no text of ours; it has its place, past which reading goes on. */
function readEntry(entry: unknown): LogEntry | null {
  if (!Array.isArray(entry)) return null;
  const [id, fields]: readonly unknown[] = entry;
  if (typeof id !== 'string') return null;
  const [name, text]: readonly unknown[] = Array.isArray(fields) ? fields : [];
  return { id, text: name === 'f' && typeof text === 'string' ? text : '' };
}

function readClaim(reply: unknown): ClaimReply | Trouble | null {
  if (!Array.isArray(reply)) return null;
  const [word, nowMs, leftMs]: readonly unknown[] = reply;
  if (!isMoment(nowMs)) return null;
  if (word === 'late') return trouble('late', 'the claim came when nobody waited for it any more');
  if (word === 'granted') return { kind: 'granted', nowMs: Number(nowMs) };
  return word === 'held' && typeof leftMs === 'number' ? { kind: 'held', nowMs: Number(nowMs), leftMs } : null;
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,16}\.\d{3}$/.test(value);
}
