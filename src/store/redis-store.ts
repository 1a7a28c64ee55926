import { createHash } from 'node:crypto';
import type { StoreConfig } from '../config/config.ts';
import { createRedisConnection } from './redis-connection.ts';
import { CLAIM, SYNC } from './redis-scripts.ts';
import { type ClaimReply, type LogEntry, type SharedStore, type SyncReply, type Trouble, trouble } from './shared-store.ts';

/** The store on Valkey or Redis. Each call is one round trip and one step of the server's (`redis-scripts.ts`). */
export function createRedisStore(settings: StoreConfig): SharedStore {
  const { key, run, reset, close } = createRedisConnection(settings);
  const leaseKey = (lease: string): string => key(`lease:${createHash('sha256').update(lease).digest('base64url')}`);
  return {
    sync({ replica, entry, after, giveBack, emptyFirst }) {
      const keys = [key('log'), key('replicas'), key(`sent:${replica}`), ...giveBack.map(({ lease }) => leaseKey(lease))];
      const returned = giveBack.flatMap(({ token, keptForMs }) => [token, String(Math.ceil(keptForMs))]);
      const args = [replica, String(entry?.number ?? 0), entry?.text ?? '', after, emptyFirst ? '1' : '', ...returned];
      return run(SYNC, keys, args, readSync);
    },
    claim({ holder, lease, token, holdMs, notAfterMs }) {
      const args = [holder, token, String(Math.ceil(holdMs)), notAfterMs.toFixed(3)];
      return run<ClaimReply | Trouble>(CLAIM, [leaseKey(lease)], args, readClaim);
    },
    reset,
    close,
  };
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
