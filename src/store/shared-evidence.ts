import type { EvidenceFilter, Position } from '../evidence/evidence-rules.ts';
import type { Reason } from '../probe/reasons.ts';
import type { Verdict } from '../probe/verdict.ts';
import type { Truth } from '../resilience/events.ts';
import type { Trouble } from './shared-store.ts';

/*
 * The seam to the evidence of all replicas. It is apart from `SharedStore`, and has a connection of its own: what is kept for people must
 * not hold up what verdicts go by. A store keeps each record for a day, and of each target the newest; it does not read them.
 */

export interface SharedEvidence {
  /**
   * Writes what one replica found out and was told: all of it in one step, or nothing. A batch whose number the replica has used before is
   * not written again, and gets the answer that it got, so that one whose answer was lost can be sent once more.
   */
  write(batch: EvidenceBatch): Promise<WriteReply | Trouble>;
  find(probeId: string): Promise<FindReply | Trouble>;
  /** The newest first, at most `MOST_OF_ONE_CHAT`. */
  ofInteraction(interactionId: string): Promise<RecordsReply | Trouble>;
  /** The newest first. It looks at a bounded number of records, so that it may find fewer than there are. */
  list(request: ListRequest): Promise<ListReply | Trouble>;
  /** What was asked and not answered is of no interest any more: the next call begins anew, by another connection where there is one. */
  reset(): void;
  /** Frees what it holds. Safe to call twice. */
  close(): void;
}

export interface EvidenceBatch {
  /** Unique to a process. */
  readonly writer: string;
  /** Higher than that of the writer's batch before. */
  readonly number: number;
  readonly records: readonly WrittenRecord[];
  readonly words: readonly WrittenWord[];
}

/** A record, in place of what the writer wrote before of the same probe, and of what others did if it is of more worth. */
export interface WrittenRecord extends Position {
  readonly interactionId: string;
  readonly target: string;
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly chatServer: string | null;
  /** What replicas say of one probe: the highest counts, the first of the same. */
  readonly rank: number;
  /** Added to those that are counted already. */
  readonly requests: number;
  /** What was said of it, and counted, before; where the store knows nothing of that. */
  readonly truth: Truth | null;
  readonly text: string;
}

/** What somebody says that a chat was. */
export interface WrittenWord {
  readonly probeId: string;
  readonly truth: Truth;
  /** Since it was said. Of several words the latest is noted, whichever comes first. */
  readonly ageMs: number;
}

export interface WriteReply {
  readonly kind: 'written';
  /** Records that had to make room. */
  readonly evicted: readonly { readonly target: string; readonly verdict: Verdict; readonly count: number }[];
  /** For each word, in order. */
  readonly words: readonly WordReply[];
  /** True if it has lost what this writer wrote before. */
  readonly hasForgotten: boolean;
}

export interface WordReply {
  /** Whether nobody had said anything of this probe. */
  readonly isFirst: boolean;
  /** What was noted before. */
  readonly before: Truth | null;
  /** As it is now; null if there is none. */
  readonly record: StoredRecord | null;
}

export interface StoredRecord extends Position {
  readonly writer: string;
  readonly rank: number;
  readonly requests: number;
  readonly truth: Truth | null;
  readonly text: string;
}

export interface FindReply {
  readonly kind: 'found';
  readonly record: StoredRecord | null;
}

export interface RecordsReply {
  readonly kind: 'records';
  readonly records: readonly StoredRecord[];
}

export interface ListRequest {
  readonly filter: EvidenceFilter;
  /** Only older ones; null for all. */
  readonly before: Position | null;
  readonly limit: number;
  /** Ids of probes: which of them are there? */
  readonly alsoHeld: readonly string[];
}

export interface ListReply {
  readonly kind: 'listed';
  readonly records: readonly StoredRecord[];
  /** The last place that was looked at, where there is more to look at; null where there is not. */
  readonly lookedTo: Position | null;
  /** Those of `alsoHeld` that are there. */
  readonly held: ReadonlySet<string>;
}

/** What bounds it. */
export interface EvidenceBounds {
  /** How long a record is kept after it was last written. */
  readonly keptMs: number;
  /** Most of one target; stops give way to others only while they take more than three quarters. */
  readonly recordsOfTarget: number;
}

export const EVIDENCE_KEPT_MS = 86_400_000;
/** What one look may cost: records that are looked at. */
export const LOOKED_AT_ONCE = 1_000;
