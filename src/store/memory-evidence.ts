import { isOlder, MOST_OF_ONE_CHAT, matches, newestFirst, SHARE_OF_STOPS } from '../evidence/evidence-rules.ts';
import type { Clock } from '../probe/clock.ts';
import type { Truth } from '../resilience/events.ts';
import {
  type EvidenceBatch,
  type EvidenceBounds,
  type ListReply,
  type ListRequest,
  LOOKED_AT_ONCE,
  type SharedEvidence,
  type StoredRecord,
  type WordReply,
  type WriteReply,
  type WrittenRecord,
  type WrittenWord,
} from './shared-evidence.ts';
import { type Trouble, trouble } from './shared-store.ts';

/** Evidence of several services in this process: in tests, where it can also fail on purpose. */
export interface MemoryEvidence {
  /** The way of one replica to it. */
  connect(): SharedEvidence;
  /** From now on it answers nobody; what it knows stays. */
  setReachable(isReachable: boolean): void;
  /** From now on it does what it is asked, and its answers get lost. */
  setDeaf(isDeaf: boolean): void;
  /** Loses all it knows, as after a restart without persistence. */
  flush(): void;
}

interface Held extends WrittenRecord {
  readonly writer: string;
  readonly untilMs: number;
}

interface Said {
  readonly truth: Truth;
  readonly atMs: number;
  readonly untilMs: number;
}

export function createMemoryEvidence(clock: Clock, bounds: EvidenceBounds): MemoryEvidence {
  let shelf = new Shelf(clock, bounds);
  let isReachable = true;
  let isDeaf = false;
  const ask = async <T>(step: () => T): Promise<T | Trouble> => {
    if (!isReachable) return trouble('unreachable', 'switched off');
    const reply = step();
    return isDeaf ? trouble('late', 'no answer') : reply;
  };
  return {
    connect: () => ({
      write: (batch) => ask(() => shelf.write(batch)),
      find: (probeId) => ask(() => ({ kind: 'found', record: shelf.shown(probeId) })),
      ofInteraction: (interactionId) => ask(() => ({ kind: 'records', records: shelf.ofInteraction(interactionId) })),
      list: (request) => ask(() => shelf.list(request)),
      reset: () => undefined,
      close: () => undefined,
    }),
    setReachable(reachable) {
      isReachable = reachable;
    },
    setDeaf(deaf) {
      isDeaf = deaf;
    },
    flush() {
      shelf = new Shelf(clock, bounds);
    },
  };
}

class Shelf {
  readonly #clock: Clock;
  readonly #bounds: EvidenceBounds;
  readonly #records = new Map<string, Held>();
  readonly #said = new Map<string, Said>();
  readonly #sent = new Map<string, { readonly number: number; readonly reply: WriteReply }>();
  #evicted: { target: string; verdict: WrittenRecord['verdict']; count: number }[] = [];

  constructor(clock: Clock, bounds: EvidenceBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  write({ writer, number, records, words }: EvidenceBatch): WriteReply {
    const last = this.#sent.get(writer);
    if (last !== undefined && number <= last.number) return last.reply;
    this.#evicted = [];
    for (const record of records) this.#put(writer, record);
    const heard = words.map((word) => this.#hear(word));
    const reply: WriteReply = { kind: 'written', evicted: this.#evicted, words: heard, hasForgotten: number > 1 && last === undefined };
    this.#sent.set(writer, { number, reply });
    return reply;
  }

  shown(probeId: string): StoredRecord | null {
    const found = this.#find(probeId);
    if (found === null) return null;
    const { order, writer, rank, requests, text } = found;
    return { probeId, order, writer, rank, requests, text, truth: this.#saidOf(probeId)?.truth ?? null };
  }

  ofInteraction(interactionId: string): readonly StoredRecord[] {
    return this.#shownOf(this.#newest((record) => record.interactionId === interactionId));
  }

  list({ filter, before, limit, alsoHeld }: ListRequest): ListReply {
    const isAsked = (record: Held): boolean => matches(filter, { ...record, atMs: record.order / 1_000 });
    const older = this.#newest((record) => before === null || isOlder(record, before));
    const looked = older.slice(0, LOOKED_AT_ONCE);
    const found = looked.filter(isAsked).slice(0, limit);
    const last = found.length === limit ? found.at(-1) : looked.at(-1);
    const lookedTo = last === undefined || last === older.at(-1) ? null : { order: last.order, probeId: last.probeId };
    return { kind: 'listed', records: this.#shownOf(found), lookedTo, held: new Set(alsoHeld.filter((id) => this.#find(id) !== null)) };
  }

  #put(writer: string, record: WrittenRecord): void {
    const before = this.#find(record.probeId);
    const requests = record.requests + (before?.requests ?? 0);
    const stays = before !== null && before.writer !== writer && record.rank <= before.rank;
    const untilMs = this.#clock.nowMs() + this.#bounds.keptMs;
    this.#records.set(record.probeId, { ...(stays ? before : { ...record, writer }), requests, untilMs });
    if (record.truth !== null && this.#saidOf(record.probeId) === null)
      this.#said.set(record.probeId, { truth: record.truth, atMs: 0, untilMs });
    this.#makeRoom(stays ? before : record);
  }

  #hear({ probeId, truth, ageMs }: WrittenWord): WordReply {
    const nowMs = this.#clock.nowMs();
    if (this.#find(probeId) === null) return { isFirst: false, before: null, record: null };
    const before = this.#saidOf(probeId);
    const atMs = nowMs - ageMs;
    if (before === null || atMs >= before.atMs) this.#said.set(probeId, { truth, atMs, untilMs: nowMs + this.#bounds.keptMs });
    return { isFirst: before === null, before: before?.truth ?? null, record: this.shown(probeId) };
  }

  #makeRoom({ target, interactionId }: WrittenRecord): void {
    const { recordsOfTarget } = this.#bounds;
    const chat = this.#newest((record) => record.interactionId === interactionId);
    if (chat.length > MOST_OF_ONE_CHAT) this.#evict(chat.findLast(({ verdict }) => verdict === 'route') ?? chat.at(-1));
    const all = this.#newest((record) => record.target === target);
    const stops = all.filter(({ verdict }) => verdict === 'stop');
    const others = all.filter(({ verdict }) => verdict === 'route');
    while (stops.length + others.length > recordsOfTarget)
      this.#evict((others.length === 0 || stops.length > Math.floor(recordsOfTarget * SHARE_OF_STOPS) ? stops : others).pop());
  }

  #evict(record: Held | undefined): void {
    if (record === undefined) return;
    this.#records.delete(record.probeId);
    const { target, verdict } = record;
    const known = this.#evicted.find((each) => each.target === target && each.verdict === verdict);
    if (known === undefined) this.#evicted.push({ target, verdict, count: 1 });
    else known.count += 1;
  }

  #newest(isAsked: (record: Held) => boolean): Held[] {
    return [...this.#records.values()].filter((record) => this.#isKept(record) && isAsked(record)).sort(newestFirst);
  }

  #shownOf(records: readonly Held[]): readonly StoredRecord[] {
    return records.map(({ probeId }) => this.shown(probeId)).filter((record) => record !== null);
  }

  #find(probeId: string): Held | null {
    const found = this.#records.get(probeId);
    return found !== undefined && this.#isKept(found) ? found : null;
  }

  #saidOf(probeId: string): Said | null {
    const said = this.#said.get(probeId);
    return said !== undefined && this.#isKept(said) ? said : null;
  }

  #isKept({ untilMs }: { readonly untilMs: number }): boolean {
    return this.#clock.nowMs() < untilMs;
  }
}
