import type { Clock } from '../probe/clock.ts';
import {
  BEGINNING,
  type ClaimReply,
  type ClaimRequest,
  type GivenBack,
  isBefore,
  type LogEntry,
  type SharedStore,
  type SyncReply,
  type Trouble,
  trouble,
} from './shared-store.ts';
import { createStoreTime, type StoreTime } from './store-time.ts';

/** Longest that anybody waits for the store. */
export const CLAIM_BOUND_MS = 20;
/** How long it is left alone after trouble. */
export const APART_MS = 5_000;
/** How often what is new is fetched, so that it is known here about this long after it is known there. */
export const SYNC_EVERY_MS = 50;
/** Nobody waits for it: as long as a busy server may take. */
const SYNC_BOUND_MS = 250;
/** With the opening of a connection. */
const FIRST_SYNC_BOUND_MS = 2_000;
/** An answer this much later than the bound was held up by ourselves. */
const OWN_DELAY_MS = 5;

/** `linked`: what others know is known here; `catching_up`: still reading what happened meanwhile; `apart`: left alone after trouble, or never reached. */
export const LINK_STATES = ['linked', 'catching_up', 'apart'] as const;
export type LinkState = (typeof LINK_STATES)[number];

export interface StoreLinkParts {
  readonly clock: Clock;
  readonly store: SharedStore;
  /** Unique to this process. */
  readonly replica: string;
  /** What to add next, null if there is nothing. Asked again with the same number until `added` is told. */
  readonly next: () => { readonly number: number; readonly text: string } | null;
  readonly added: (number: number) => void;
  readonly read: (entry: LogEntry) => void;
  /** Told of each change, and of each trouble. */
  readonly changed: (state: LinkState, trouble: Trouble | null) => void;
}

/** Keeps in step with the store: by one round trip at a time, and after trouble by none for a while. */
export interface StoreLink {
  readonly state: LinkState;
  /** Seen there the last time, this one counted. */
  readonly replicas: number;
  readonly time: Pick<StoreTime, 'toStore' | 'toLocal'>;
  start(): void;
  /** Syncs now rather than when it is due. */
  hurry(): void;
  /** Null where there is no answer within 20 ms, or nobody is asked. */
  claim(claim: Omit<ClaimRequest, 'notAfterMs'>): Promise<ClaimReply | null>;
  giveBack(given: GivenBack): void;
  close(): void;
}

export function createStoreLink(parts: StoreLinkParts): StoreLink {
  return new Link(parts);
}

class Link implements StoreLink {
  readonly #parts: StoreLinkParts;
  readonly time: StoreTime = createStoreTime();
  state: LinkState = 'apart';
  #told: LinkState | null = null;
  replicas = 1;
  #after = BEGINNING;
  #giveBack: GivenBack[] = [];
  #emptyFirst = false;
  #isSyncing = false;
  #isHurried = false;
  /** Counts the times that something failed: what was asked before is of no interest any more. */
  #failures = 0;
  #isClosed = false;
  #cancelNext = (): void => undefined;

  constructor(parts: StoreLinkParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#scheduleSync(0);
  }

  hurry(): void {
    if (this.state !== 'linked') return;
    if (this.#isSyncing) this.#isHurried = true;
    else this.#scheduleSync(0);
  }

  async claim(claim: Omit<ClaimRequest, 'notAfterMs'>): Promise<ClaimReply | null> {
    if (this.state !== 'linked') return null;
    const { clock, store } = this.#parts;
    const sentAtMs = clock.nowMs();
    const notAfterMs = this.time.toStore(sentAtMs) + CLAIM_BOUND_MS;
    const reply = await inTime(clock, store.claim({ ...claim, notAfterMs }), CLAIM_BOUND_MS);
    const receivedAtMs = clock.nowMs();
    // Where we stood still ourselves, the lease may be somebody else's by now.
    if (receivedAtMs - sentAtMs > CLAIM_BOUND_MS + OWN_DELAY_MS) return this.#failed(trouble('late', 'a claim'));
    if (reply.kind === 'trouble') return this.#failed(reply);
    return reply;
  }

  giveBack(given: GivenBack): void {
    if (this.state === 'linked') this.#giveBack.push(given);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelNext();
    this.#parts.store.close();
  }

  #scheduleSync(delayMs: number): void {
    this.#cancelNext();
    if (!this.#isClosed) this.#cancelNext = this.#parts.clock.schedule(delayMs, () => void this.#sync());
  }

  async #sync(): Promise<void> {
    const { clock, store, replica, next, added } = this.#parts;
    const failures = this.#failures;
    this.#isSyncing = true;
    this.#isHurried = false;
    // What is told bears the store's time.
    const entry = this.time.isKnown ? next() : null;
    const giveBack = this.#giveBack;
    this.#giveBack = [];
    const sentAtMs = clock.nowMs();
    const asked = store.sync({ replica, entry, after: this.#after, giveBack, emptyFirst: this.#emptyFirst });
    const reply = await inTime(clock, asked, this.state === 'apart' ? FIRST_SYNC_BOUND_MS : SYNC_BOUND_MS);
    if (this.#isClosed || failures !== this.#failures) return;
    this.#isSyncing = false;
    if (reply.kind === 'trouble') return void this.#failed(reply);
    if (entry !== null) added(entry.number);
    const hasMore = this.#take(reply, sentAtMs);
    this.#change(hasMore ? 'catching_up' : 'linked', null);
    this.#scheduleSync(hasMore || this.#isHurried ? 0 : SYNC_EVERY_MS);
  }

  /** Takes in an answer; returns whether more is to be read. */
  #take({ nowMs, replicas, entries, newest }: SyncReply, sentAtMs: number): boolean {
    const { clock, read } = this.#parts;
    this.replicas = Math.max(1, replicas);
    this.#emptyFirst = this.time.heard(sentAtMs, clock.nowMs(), nowMs) === 'stepped';
    if (this.#emptyFirst) {
      // What is there cannot be dated; those who come later must not try.
      this.#after = newest;
      return true;
    }
    for (const entry of entries) read(entry);
    const last = entries.at(-1)?.id ?? this.#after;
    // The store has lost the log, and numbers anew.
    this.#after = isBefore(newest, last) ? BEGINNING : last;
    return isBefore(this.#after, newest);
  }

  /** From now on everybody goes on with what is known here; after a while it is tried again, by a sync alone. */
  #failed(why: Trouble): null {
    this.#failures += 1;
    this.#isSyncing = false;
    this.#giveBack = [];
    this.#parts.store.reset();
    this.#scheduleSync(APART_MS);
    this.#change('apart', why);
    return null;
  }

  #change(state: LinkState, why: Trouble | null): void {
    this.state = state;
    // What is wrong may be something else by now; and a store that was never reached is told, too.
    if (state === this.#told && why === null) return;
    this.#told = state;
    this.#parts.changed(state, why);
  }
}

/**
 * The answer, or that it is late: then whatever it still comes to is ignored. Timers fire before sockets are read: where this process was held
 * up until the bound had passed, the answer may have been there for long. So what can be read then counts.
 */
export function inTime<T>(clock: Clock, answer: Promise<T | Trouble>, boundMs: number): Promise<T | Trouble> {
  return new Promise((resolve) => {
    const isLate = (): void => resolve(trouble('late', `no answer within ${boundMs} ms`));
    let cancel = clock.schedule(boundMs, () => {
      cancel = clock.schedule(0, isLate);
    });
    void answer.then((reply) => {
      cancel();
      resolve(reply);
    });
  });
}
