import type { Clock } from '../probe/clock.ts';
import type { EvidenceEvent, Truth } from '../resilience/events.ts';
import type { EvidenceLink } from '../store/evidence-link.ts';
import type { WordReply, WriteReply, WrittenRecord } from '../store/shared-evidence.ts';
import type { EvidenceSharing } from './evidence.ts';
import type { EvidenceRecord } from './evidence-record.ts';
import { type EvidenceStore, type Kept, noteTruth } from './evidence-store.ts';
import { readable, writtenRecord } from './record-codec.ts';

export interface EvidenceWriterParts {
  readonly clock: Clock;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly link: EvidenceLink;
  /** Unique to this process. */
  readonly writer: string;
  readonly memory: EvidenceStore;
  readonly tell: (event: EvidenceEvent) => void;
  /** How long the store keeps a record. */
  readonly keptMs: number;
  /** Told of a bug of ours. */
  readonly onFault: (fault: unknown) => void;
}

/** Writes records to the store in the background. What waits to be written is in memory anyway, and is lost only if it has to make room there. */
export interface EvidenceWriter extends EvidenceSharing {
  /** Writes what somebody says of a probe, sooner or later. Resolves with null where that is not within a second. */
  say(probeId: string, truth: Truth): Promise<WordReply | null>;
  /** What was said here, and not written yet; null for nothing. */
  saidOf(probeId: string): Truth | null;
  /** Writes what is left, for as long as is given. Then each word counts, whoever else has spoken. */
  close(withinMs: number): Promise<void>;
}

/** A batch is encoded in one turn of the event loop, and written in one step of the store's. */
const RECORDS_AT_ONCE = 16;
const CHARACTERS_AT_ONCE = 32_768;
const WORDS_AT_ONCE = 32;
/** So that a record that is new is soon known everywhere, and those of a moment go together. */
const WRITE_AFTER_MS = 50;
/** Between two batches while more wait: neither this process nor the store is kept from anything else. */
const WRITE_EVERY_MS = 5;
/** Longest that an answer may take, and that somebody waits who has said something. */
const WRITE_BOUND_MS = 1_000;
/** Beyond so many, the oldest word counts without having been written. */
const MOST_WORDS = 1_000;

interface Word {
  readonly probeId: string;
  /** What is kept here of the probe. */
  readonly kept: Kept | null;
  readonly truth: Truth;
  readonly saidAtMs: number;
  readonly settle: (reply: WordReply | null) => void;
}

interface Batch {
  readonly number: number;
  readonly records: readonly WrittenRecord[];
  readonly words: readonly Word[];
}

export function createEvidenceWriter(parts: EvidenceWriterParts): EvidenceWriter {
  return new Writer(parts);
}

class Writer implements EvidenceWriter {
  readonly #parts: EvidenceWriterParts;
  readonly #pending = new Set<Kept>();
  #words: Word[] = [];
  /** Under way: sent again as it is until it is known to be there. */
  #batch: Batch | null = null;
  #number = 0;
  #isWriting = false;
  #isClosed = false;
  #cancelNext: (() => void) | null = null;

  constructor(parts: EvidenceWriterParts) {
    this.#parts = parts;
  }

  changed(kept: Kept, earlier: Kept | null): void {
    if (earlier !== null && earlier !== kept) this.#pending.delete(earlier);
    this.#pending.add(kept);
    this.#schedule(WRITE_AFTER_MS);
  }

  evicted(kept: Kept): boolean {
    return this.#pending.delete(kept);
  }

  say(probeId: string, truth: Truth): Promise<WordReply | null> {
    const { clock, memory, link } = this.#parts;
    return new Promise((resolve) => {
      const kept = memory.find(probeId);
      const isApart = clock.nowMs() < link.apartUntilMs;
      const word: Word = { probeId, kept, truth, saidAtMs: clock.nowMs(), settle: (reply) => settled(reply) };
      const cancel = clock.schedule(isApart ? 0 : WRITE_BOUND_MS, () => resolve(null));
      const settled = (reply: WordReply | null): void => {
        cancel();
        resolve(reply);
      };
      const [oldest] = this.#words;
      if (oldest !== undefined && this.#words.length >= MOST_WORDS) {
        this.#countAlone(oldest);
        oldest.settle(null);
      }
      this.#words = this.#words.slice(1 - MOST_WORDS);
      this.#words.push(word);
      this.#schedule(0);
    });
  }

  saidOf(probeId: string): Truth | null {
    const said = [...(this.#batch?.words ?? []), ...this.#words].findLast((word) => word.probeId === probeId);
    return said?.truth ?? null;
  }

  async close(withinMs: number): Promise<void> {
    const { clock, link, onFault } = this.#parts;
    const untilMs = clock.nowMs() + withinMs;
    this.#cancel();
    const isDone = (): boolean => !this.#hasMore() || clock.nowMs() >= untilMs || clock.nowMs() < link.apartUntilMs;
    try {
      while (!isDone()) await this.#write(untilMs - clock.nowMs());
    } catch (fault) {
      onFault(fault);
    }
    this.#isClosed = true;
    this.#cancel();
    for (const word of [...(this.#batch?.words ?? []), ...this.#words.splice(0)]) {
      this.#countAlone(word);
      word.settle(null);
    }
    link.close();
  }

  #hasMore(): boolean {
    return this.#batch !== null || this.#pending.size > 0 || this.#words.length > 0;
  }

  /** Writes after this delay, unless it is to write sooner anyway. */
  #schedule(delayMs: number): void {
    if (this.#isClosed || this.#isWriting || (this.#cancelNext !== null && delayMs > 0)) return;
    this.#cancel();
    const { clock, link } = this.#parts;
    const dueMs = Math.max(delayMs, link.apartUntilMs - clock.nowMs());
    this.#cancelNext = clock.schedule(dueMs, () => {
      this.#cancelNext = null;
      this.#write(WRITE_BOUND_MS).catch((fault: unknown) => {
        this.#parts.onFault(fault);
        this.#isWriting = false;
        if (this.#hasMore()) this.#schedule(WRITE_BOUND_MS);
      });
    });
  }

  #cancel(): void {
    this.#cancelNext?.();
    this.#cancelNext = null;
  }

  async #write(boundMs: number): Promise<void> {
    const { clock, link, writer } = this.#parts;
    const batch = this.#batch ?? this.#nextBatch();
    this.#batch = batch;
    this.#isWriting = true;
    const { number, records, words } = batch;
    const said = words.map(({ probeId, truth, saidAtMs }) => ({ probeId, truth, ageMs: clock.nowMs() - saidAtMs }));
    const reply = await link.ask((evidence) => evidence.write({ writer, number, records, words: said }), boundMs);
    this.#isWriting = false;
    // By the last one, while everything closes, it may have been written already.
    if (this.#isClosed || this.#batch !== batch) return;
    if (reply !== null) {
      this.#batch = null;
      this.#written(batch, reply);
    }
    if (this.#hasMore()) this.#schedule(this.#words.length > 0 ? 0 : WRITE_EVERY_MS);
  }

  #nextBatch(): Batch {
    const records: WrittenRecord[] = [];
    let characters = 0;
    for (const kept of this.#pending) {
      if (records.length === RECORDS_AT_ONCE || characters >= CHARACTERS_AT_ONCE) break;
      this.#pending.delete(kept);
      const record = writtenRecord(kept);
      kept.written = kept.requests;
      characters += record.text.length;
      records.push(record);
    }
    this.#number += 1;
    return { number: this.#number, records, words: this.#words.splice(0, WORDS_AT_ONCE) };
  }

  #written(batch: Batch, { evicted, words, hasForgotten }: WriteReply): void {
    const { tell } = this.#parts;
    for (const { target, verdict, count } of evicted)
      for (let n = 0; n < count; n += 1) tell({ type: 'evidence_evicted', target, verdict });
    for (const [n, word] of batch.words.entries()) this.#heard(word, words[n] ?? null);
    if (hasForgotten) this.#writeAgain(batch);
  }

  #heard(word: Word, reply: WordReply | null): void {
    if (reply === null || reply.record === null) this.#countAlone(word);
    else {
      const kept = this.#keptOf(word);
      if (kept !== null) kept.truth = reply.record.truth;
      const record = readable(reply.record);
      if (record !== null && reply.before !== word.truth) this.#parts.tell(feedbackOn(record, word, reply));
    }
    word.settle(reply);
  }

  /** Of a probe that nobody else has. */
  #countAlone(word: Word): void {
    const kept = this.#keptOf(word);
    if (kept !== null) noteTruth(kept, word.truth, this.#parts.tell);
  }

  /** By now another record may have taken the place of the one that the word was about, or none. */
  #keptOf({ probeId, kept }: Word): Kept | null {
    return this.#parts.memory.find(probeId) ?? kept;
  }

  /** The store has lost everything but this batch: what is still here of its day is written once more. */
  #writeAgain({ records }: Batch): void {
    const { memory, nowMs, keptMs } = this.#parts;
    const there = new Map(records.map(({ probeId, requests }) => [probeId, requests]));
    for (const kept of memory.all()) {
      if (kept.atMs < nowMs() - keptMs) continue;
      kept.written = there.get(kept.answered.probeId) ?? 0;
      this.#pending.add(kept);
    }
  }
}

function feedbackOn(
  { interactionId, target, answered: verdict }: EvidenceRecord,
  { probeId, truth }: Word,
  { isFirst }: WordReply,
): EvidenceEvent {
  return { type: 'feedback_given', probeId, interactionId, target, verdict, truth, isFirst };
}
