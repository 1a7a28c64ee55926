import type { Clock } from '../probe/clock.ts';
import { type FleetLink, type HeldElsewhere, LEASE_OF_ONE_ALONE, type Lease, type LeaseKind } from '../resilience/fleet.ts';
import type { LearnFact } from '../resilience/learn-fact.ts';
import { decodeEntry, encodeEntry, type TargetFact } from './fact-codec.ts';
import type { LogEntry, SharedStore, Trouble } from './shared-store.ts';
import { createStoreLink, type LinkState, type StoreLink } from './store-link.ts';

export interface FleetParts {
  readonly clock: Clock;
  readonly store: SharedStore;
  /** Unique to this process. */
  readonly replica: string;
  readonly changed: (state: FleetState, trouble: Trouble | null) => void;
}

export interface FleetState {
  readonly state: LinkState;
  /** Seen there the last time, this one counted. */
  readonly replicas: number;
}

/** The replicas of one service, by a store that they share. What each knows the others know within moments; nobody waits for it. */
export interface Fleet {
  /** The way of one target, by its name; one at a time. What others knew before is not told again. */
  join(target: string, learn: LearnFact): FleetLink;
  leave(target: string): void;
  /** Resolves once all that others know is known here, or after `boundMs` all the same. */
  start(boundMs: number): Promise<void>;
  readonly state: FleetState;
  close(): void;
}

/** In one entry; the rest goes with the next. */
const MOST_FACTS = 500;
/** Kept while the store is gone; beyond that the oldest are lost to the others. */
const MOST_PENDING = 20_000;
/** News of tomorrow are none: how far the clocks that they were dated by may be apart. */
const FUTURE_MS = 1_000;
/** Replicas whose last number is remembered. */
const MOST_REPLICAS = 1_000;

export function createFleet({ clock, store, replica, changed }: FleetParts): Fleet {
  const outbox = createOutbox(replica);
  const members = new Map<string, LearnFact>();
  const isNew = createNumbers(replica);
  let hasStarted = false;
  let caughtUp = (): void => undefined;

  const link: StoreLink = createStoreLink({
    clock,
    store,
    replica,
    next: () => outbox.next(link.time.toStore),
    added: outbox.added,
    read({ text }: LogEntry) {
      const entry = decodeEntry(text, link.time.toLocal);
      if (entry === null || !isNew(entry.replica, entry.number)) return;
      const latestMs = clock.nowMs() + FUTURE_MS;
      for (const { target, fact } of entry.facts) if (fact.atMs <= latestMs) members.get(target)?.(fact, !hasStarted);
    },
    changed(state, trouble) {
      if (state === 'linked') caughtUp();
      changed({ state, replicas: link.replicas }, trouble);
    },
  });
  const claim = createClaims(clock, replica, link);

  return {
    join(target, learn) {
      members.set(target, learn);
      return {
        get replicas() {
          return link.replicas;
        },
        get replicasApart() {
          return link.state === 'apart' ? link.replicas : 1;
        },
        tell(fact, isUrgent) {
          outbox.add({ target, fact });
          if (isUrgent) link.hurry();
        },
        claim: (kind, name, holdMs) =>
          // One that is alone asks nobody.
          link.state === 'linked' && link.replicas > 1 ? claim(kind, leaseOf(kind, target, name), holdMs) : LEASE_OF_ONE_ALONE,
      };
    },
    leave: (target) => void members.delete(target),
    async start(boundMs) {
      await new Promise<void>((resolve) => {
        const cancel = afterOwn(clock, boundMs, resolve);
        caughtUp = () => {
          cancel();
          resolve();
        };
        link.start();
      });
      hasStarted = true;
    },
    get state() {
      return { state: link.state, replicas: link.replicas };
    },
    close: () => link.close(),
  };
}

/** Calls after that time; anew if this process stood still for as long, since nobody had that time to answer. Returns what cancels it. */
function afterOwn(clock: Clock, boundMs: number, expired: () => void): () => void {
  let cancel = (): void => undefined;
  const waitFrom = (beganMs: number): void => {
    cancel = clock.schedule(boundMs, () => (clock.nowMs() - beganMs < 2 * boundMs ? expired() : waitFrom(clock.nowMs())));
  };
  waitFrom(clock.nowMs());
  return () => cancel();
}

/** Claims leases of the store, each under a token of its own. */
function createClaims(clock: Clock, replica: string, link: StoreLink) {
  let claims = 0;
  return async (kind: LeaseKind, lease: string, holdMs: number): Promise<Lease | HeldElsewhere> => {
    claims += 1;
    // A message may follow another of the same replica before that one's lease is given back; a canary keeps its distance from any other.
    const holder = kind === 'message' ? replica : `${replica}:${claims}`;
    const token = `${holder}:${claims}`;
    const claimedAtMs = clock.nowMs();
    const reply = await link.claim({ holder, lease, token, holdMs });
    if (reply === null) return LEASE_OF_ONE_ALONE;
    if (reply.kind === 'held') return { granted: false, leftMs: reply.leftMs };
    return {
      granted: true,
      release: (keepMs) => link.giveBack({ lease, token, keptForMs: Math.max(0, claimedAtMs + keepMs - clock.nowMs()) }),
    };
  };
}

/** Names come from outside: as a list no two can be confused. */
function leaseOf(kind: LeaseKind, target: string, name: string | null): string {
  return JSON.stringify([kind, target, name]);
}

/** What is still to be told, in entries with numbers of their own. */
function createOutbox(replica: string) {
  let pending: TargetFact[] = [];
  /** The entry under way: sent again as it is until it is known to be there. */
  let entry: { readonly number: number; readonly text: string } | null = null;
  let number = 0;
  return {
    add(fact: TargetFact): void {
      if (pending.length >= MOST_PENDING) pending = pending.slice(MOST_PENDING / 2);
      pending.push(fact);
    },
    next(toStore: (ms: number) => number) {
      if (entry !== null || pending.length === 0) return entry;
      number += 1;
      const facts = pending.slice(0, MOST_FACTS);
      pending = pending.slice(MOST_FACTS);
      entry = { number, text: encodeEntry({ replica, number, facts }, toStore) };
      return entry;
    },
    added(added: number): void {
      if (entry?.number === added) entry = null;
    },
  };
}

/** Tells whether an entry is one that was not read before: not our own, and no older than the last of its replica. */
function createNumbers(self: string) {
  const last = new Map<string, number>();
  return (replica: string, number: number): boolean => {
    if (replica === self || number <= (last.get(replica) ?? 0)) return false;
    last.delete(replica);
    last.set(replica, number);
    const [oldest] = last.keys();
    if (last.size > MOST_REPLICAS && oldest !== undefined) last.delete(oldest);
    return true;
  };
}
