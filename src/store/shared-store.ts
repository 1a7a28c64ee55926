/*
 * THE seam to what replicas share. A store keeps a log, to which each replica adds what it learned and in which it reads what the others
 * did; leases, which one replica at a time holds; and who is there. It knows nothing of chats. All its moments are on one clock, its own:
 * replicas' wall clocks may differ by hours.
 */

export interface SharedStore {
  /**
   * Adds to the log, gives leases back, shows that this replica is there, and reads what is new: all of it in one step, or nothing. An entry
   * whose number its replica has used before is not added again, so that one whose answer was lost can be sent once more.
   */
  sync(request: SyncRequest): Promise<SyncReply | Trouble>;
  /** Takes a lease that nobody else holds. One that the same holder has is taken over, under the new token. */
  claim(request: ClaimRequest): Promise<ClaimReply | Trouble>;
  /** What was asked and not answered is of no interest any more: the next call begins anew, by another connection where there is one. */
  reset(): void;
  /** Frees what it holds. Safe to call twice. */
  close(): void;
}

export interface SyncRequest {
  /** Unique to a process. */
  readonly replica: string;
  /** What to add, null for nothing; its number is higher than that of the replica's entry before. */
  readonly entry: { readonly number: number; readonly text: string } | null;
  /** Where reading ended the last time; `BEGINNING` at first. */
  readonly after: string;
  readonly giveBack: readonly GivenBack[];
  /** Empties the log first: what is in it bears times of a clock that has jumped. */
  readonly emptyFirst: boolean;
}

export interface GivenBack {
  readonly lease: string;
  readonly token: string;
  /** For so long nobody else may take it yet. */
  readonly keptForMs: number;
}

export interface SyncReply {
  readonly kind: 'synced';
  /** On the store's clock. */
  readonly nowMs: number;
  /** Replicas that were there lately, this one counted. */
  readonly replicas: number;
  /** Oldest first, no more than `ENTRIES_AT_ONCE`; this replica's own are among them. */
  readonly entries: readonly LogEntry[];
  /** Of the newest entry there is, whether read or not; `BEGINNING` where there never was one. Lower than `after` where the log was lost. */
  readonly newest: string;
}

export interface LogEntry {
  readonly id: string;
  readonly text: string;
}

export interface ClaimRequest {
  readonly holder: string;
  readonly lease: string;
  /** Begins with the holder and a colon. */
  readonly token: string;
  readonly holdMs: number;
  /** On the store's clock. A claim that comes later changes nothing: nobody waits for its answer any more. */
  readonly notAfterMs: number;
}

export type ClaimReply =
  | { readonly kind: 'granted'; readonly nowMs: number }
  | { readonly kind: 'held'; readonly nowMs: number; readonly leftMs: number };

/** `unreachable`: no connection, or it broke; `refused`: an error instead of an answer; `garbled`: an answer that is none; `late`: it came too late to count. */
export const TROUBLES = ['unreachable', 'refused', 'garbled', 'late'] as const;

export interface Trouble {
  readonly kind: 'trouble';
  readonly trouble: (typeof TROUBLES)[number];
  /** For the log: a code, or the store's own word. */
  readonly detail: string;
}

export const BEGINNING = '0-0';
/** So that reading the whole log keeps neither the store nor this process from anything else. */
export const ENTRIES_AT_ONCE = 200;
/** How long an entry is kept: twice as far back as anything looks by default. */
export const LOG_KEPT_MS = 1_200_000;
/** Most entries that are kept, about. */
export const MOST_ENTRIES = 50_000;
/** How long after its last word a replica counts as there. */
export const THERE_MS = 10_000;

export function trouble(kind: Trouble['trouble'], detail: string): Trouble {
  return { kind: 'trouble', trouble: kind, detail };
}

/** Whether one place in the log is before another. */
export function isBefore(one: string, other: string): boolean {
  const [ms, sequence] = placeOf(one);
  const [otherMs, otherSequence] = placeOf(other);
  return ms < otherMs || (ms === otherMs && sequence < otherSequence);
}

function placeOf(id: string): readonly [number, number] {
  const [ms, sequence] = id.split('-');
  return [Number(ms), Number(sequence ?? 0)];
}
