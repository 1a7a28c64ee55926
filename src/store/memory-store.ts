import type { Clock } from '../probe/clock.ts';
import {
  BEGINNING,
  type ClaimReply,
  type ClaimRequest,
  ENTRIES_AT_ONCE,
  isBefore,
  LOG_KEPT_MS,
  type LogEntry,
  MOST_ENTRIES,
  type SharedStore,
  type SyncReply,
  type SyncRequest,
  THERE_MS,
  type Trouble,
  trouble,
} from './shared-store.ts';

/** A store in this process, for services that share it: in tests and rehearsals, where it can also fail on purpose. */
export interface MemoryStore {
  /** The way of one replica to it. @param delayMs of each answer, half of it there and half of it back. */
  connect(delayMs: number): SharedStore;
  /** From now on it answers nobody; what it knows stays. */
  setReachable(isReachable: boolean): void;
  /** Loses all it knows, as after a restart without persistence. */
  flush(): void;
}

/** What the store is: synchronous, since each request is one step. */
interface State {
  entries: LogEntry[];
  newest: string;
  readonly leases: Map<string, { readonly token: string; readonly untilMs: number }>;
  readonly sent: Map<string, number>;
  readonly seenAtMs: Map<string, number>;
}

/** @param startedAtMs what its clock shows when the other shows 0. */
export function createMemoryStore(clock: Clock, startedAtMs: number): MemoryStore {
  let state = emptyState();
  let isReachable = true;
  const nowMs = (): number => startedAtMs + clock.nowMs();

  const after = (delayMs: number): Promise<void> =>
    delayMs === 0 ? Promise.resolve() : new Promise((resolve) => void clock.schedule(delayMs, resolve));
  const ask = async <T>(delayMs: number, step: () => T): Promise<T | Trouble> => {
    await after(delayMs / 2);
    if (!isReachable) return trouble('unreachable', 'switched off');
    const reply = step();
    await after(delayMs / 2);
    return isReachable ? reply : trouble('unreachable', 'switched off');
  };
  return {
    connect: (delayMs) => ({
      sync: (request) => ask(delayMs, () => synced(state, request, nowMs())),
      claim: (request) => ask(delayMs, () => claimed(state, request, nowMs())).then((reply) => reply ?? trouble('late', 'claim')),
      reset: () => undefined,
      close: () => undefined,
    }),
    setReachable(reachable) {
      isReachable = reachable;
    },
    flush() {
      state = emptyState();
    },
  };
}

function emptyState(): State {
  return { entries: [], newest: BEGINNING, leases: new Map(), sent: new Map(), seenAtMs: new Map() };
}

function synced(state: State, { replica, entry, after, giveBack, emptyFirst }: SyncRequest, nowMs: number): SyncReply {
  if (emptyFirst) state.entries = [];
  if (entry !== null && entry.number > (state.sent.get(replica) ?? 0)) {
    state.sent.set(replica, entry.number);
    state.newest = nextId(state.newest, nowMs);
    state.entries.push({ id: state.newest, text: entry.text });
  }
  trim(state, nowMs);
  for (const { lease, token, keptForMs } of giveBack) {
    if (state.leases.get(lease)?.token !== token) continue;
    if (keptForMs > 0) state.leases.set(lease, { token, untilMs: nowMs + keptForMs });
    else state.leases.delete(lease);
  }
  state.seenAtMs.set(replica, nowMs);
  for (const [other, atMs] of state.seenAtMs) if (atMs <= nowMs - THERE_MS) state.seenAtMs.delete(other);
  const entries = entriesAfter(state.entries, after);
  return { kind: 'synced', nowMs, replicas: state.seenAtMs.size, entries, newest: state.newest };
}

/** What is too old goes, and what is too much: where there is any, since all that stays is moved. */
function trim({ entries }: State, nowMs: number): void {
  const isKept = ({ id }: LogEntry): boolean => Number(id.split('-')[0]) >= nowMs - LOG_KEPT_MS;
  const [first] = entries;
  if (first === undefined || (isKept(first) && entries.length <= MOST_ENTRIES)) return;
  const oldest = entries.findIndex(isKept);
  entries.splice(0, Math.max(oldest === -1 ? entries.length : oldest, entries.length - MOST_ENTRIES));
}

function claimed(state: State, request: ClaimRequest, nowMs: number): ClaimReply | null {
  const { holder, lease, token, holdMs, notAfterMs } = request;
  if (nowMs > notAfterMs) return null;
  const held = state.leases.get(lease);
  const isTaken = held !== undefined && held.untilMs > nowMs && !held.token.startsWith(`${holder}:`);
  if (isTaken) return { kind: 'held', nowMs, leftMs: held.untilMs - nowMs };
  state.leases.set(lease, { token, untilMs: nowMs + holdMs });
  return { kind: 'granted', nowMs };
}

/** Those whom a reader lacks are nearly always at the end. */
function entriesAfter(entries: readonly LogEntry[], after: string): readonly LogEntry[] {
  let from = entries.length;
  while (from > 0 && isBefore(after, entries[from - 1]?.id ?? after)) from -= 1;
  return entries.slice(from, from + ENTRIES_AT_ONCE);
}

function nextId(newest: string, nowMs: number): string {
  const ms = Math.floor(nowMs);
  const [newestMs = 0, sequence = 0] = newest.split('-').map(Number);
  return ms > newestMs ? `${ms}-0` : `${newestMs}-${sequence + 1}`;
}
