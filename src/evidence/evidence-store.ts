import type { Reason } from '../probe/reasons.ts';
import type { Verdict } from '../probe/verdict.ts';
import type { EvidenceEvent, Truth } from '../resilience/events.ts';
import { LinkedQueue, type Place } from '../resilience/single-flight/shared-probe.ts';

/** What is looked for by, and the rest as text: a record is read far less often than it is written. */
export interface KeptFacts {
  readonly probeId: string;
  readonly interactionId: string;
  readonly target: string;
  readonly chatServer: string | null;
  /** As it was answered. */
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly atMs: number;
  readonly text: string;
}

/** One record. The links are its queue's. */
export interface Kept extends KeptFacts, Place<Kept> {
  /** Grows with each record. */
  readonly sequence: number;
  readonly bytes: number;
  /** How many requests it answered. */
  requests: number;
  truth: Truth | null;
}

/** Which records are asked for; null where it does not matter. */
export interface EvidenceFilter {
  readonly verdict: Verdict | null;
  readonly reason: Reason | null;
  readonly target: string | null;
  readonly chatServer: string | null;
  readonly sinceMs: number | null;
}

export interface EvidenceStoreParts {
  /** Most that all records may take. */
  readonly maxBytes: number;
  readonly tell: (event: EvidenceEvent) => void;
}

/** Of all bytes, those that stops never have to give to other records. */
const SHARE_OF_STOPS = 0.75;
/** One chat that is asked about all the time must not drive out all others. */
const MOST_OF_ONE_CHAT = 100;
/** The object, its places in two maps, and the heads of its strings; measured: see the test of what it really takes. */
const RECORD_BYTES = 600;
const WIDE = /[^\u0000-\u00ff]/;

/**
 * Records of probes in memory, within so many bytes, indexes included. The oldest make room for the newest; a stop does only while
 * stops alone take more than their share.
 */
export class EvidenceStore {
  readonly #parts: EvidenceStoreParts;
  readonly #byProbe = new Map<string, Kept>();
  readonly #byInteraction = new Map<string, Kept[]>();
  readonly #stops = new Ring();
  readonly #others = new Ring();
  #sequence = 0;

  constructor(parts: EvidenceStoreParts) {
    this.#parts = parts;
  }

  /** What all records take. */
  get bytes(): number {
    return this.#stops.bytes + this.#others.bytes;
  }

  get size(): number {
    return this.#byProbe.size;
  }

  /**
   * Counts one more request that was answered by this probe. A stop is worth more than what the record says of a route.
   *
   * @returns whether the record says enough already; false if there is none, or it is of a route and this was a stop.
   */
  counts(probeId: string, verdict: Verdict): boolean {
    const known = this.#byProbe.get(probeId);
    if (known === undefined || (verdict === 'stop' && known.verdict === 'route')) return false;
    known.requests += 1;
    return true;
  }

  /** Keeps a record, in place of one of the same probe. */
  add(facts: KeptFacts): void {
    const earlier = this.#byProbe.get(facts.probeId);
    if (earlier !== undefined) this.#remove(earlier);
    this.#sequence += 1;
    const kept: Kept = {
      probeId: facts.probeId,
      interactionId: facts.interactionId,
      target: facts.target,
      chatServer: facts.chatServer,
      verdict: facts.verdict,
      reason: facts.reason,
      atMs: facts.atMs,
      text: facts.text,
      sequence: this.#sequence,
      bytes: bytesOf(facts),
      requests: (earlier?.requests ?? 0) + 1,
      truth: earlier?.truth ?? null,
      older: null,
      newer: null,
    };
    this.#byProbe.set(kept.probeId, kept);
    this.#ringOf(kept).add(kept);
    this.#addToChat(kept);
    this.#makeRoom();
  }

  find(probeId: string): Kept | null {
    return this.#byProbe.get(probeId) ?? null;
  }

  /** The newest first. */
  ofInteraction(interactionId: string): readonly Kept[] {
    return [...(this.#byInteraction.get(interactionId) ?? [])].reverse();
  }

  /** The newest first. @param before only those with a lower `sequence`. */
  *matching(filter: EvidenceFilter, before: number): Generator<Kept> {
    let stop = this.#stops.newest;
    let other = this.#others.newest;
    while (stop !== null || other !== null) {
      const isStop = other === null || (stop !== null && stop.sequence > other.sequence);
      const next = isStop ? stop : other;
      if (isStop) stop = stop?.older ?? null;
      else other = other?.older ?? null;
      if (next !== null && next.sequence < before && matches(filter, next)) yield next;
    }
  }

  #ringOf({ verdict }: Kept): Ring {
    return verdict === 'stop' ? this.#stops : this.#others;
  }

  #addToChat(kept: Kept): void {
    const chat = this.#byInteraction.get(kept.interactionId);
    if (chat === undefined) this.#byInteraction.set(kept.interactionId, [kept]);
    else chat.push(kept);
    const [oldest] = chat ?? [];
    if (chat === undefined || oldest === undefined || chat.length <= MOST_OF_ONE_CHAT) return;
    this.#evict(chat.find(({ verdict }) => verdict === 'route') ?? oldest);
  }

  #makeRoom(): void {
    const { maxBytes } = this.#parts;
    while (this.bytes > maxBytes) {
      const ring = this.#others.oldest === null || this.#stops.bytes > maxBytes * SHARE_OF_STOPS ? this.#stops : this.#others;
      if (ring.oldest === null) return;
      this.#evict(ring.oldest);
    }
  }

  #evict(kept: Kept): void {
    this.#remove(kept);
    this.#parts.tell({ type: 'evidence_evicted', target: kept.target, verdict: kept.verdict });
  }

  #remove(kept: Kept): void {
    this.#ringOf(kept).remove(kept);
    this.#byProbe.delete(kept.probeId);
    const chat = this.#byInteraction.get(kept.interactionId) ?? [];
    if (chat.length === 1) this.#byInteraction.delete(kept.interactionId);
    else chat.splice(chat.indexOf(kept), 1);
  }
}

/** Records of one kind, in the order in which they came. */
class Ring extends LinkedQueue<Kept> {
  bytes = 0;

  override add(kept: Kept): void {
    super.add(kept);
    this.bytes += kept.bytes;
  }

  override remove(kept: Kept): void {
    super.remove(kept);
    this.bytes -= kept.bytes;
  }
}

/** What a record takes. V8 keeps a text that has one wide character in two bytes for each. */
function bytesOf({ text, probeId, interactionId, chatServer }: KeptFacts): number {
  const names = probeId.length + interactionId.length + (chatServer?.length ?? 0) * 2;
  return RECORD_BYTES + names + text.length * (WIDE.test(text) ? 2 : 1);
}

function matches({ verdict, reason, target, chatServer, sinceMs }: EvidenceFilter, kept: Kept): boolean {
  if (verdict !== null && kept.verdict !== verdict) return false;
  if (reason !== null && kept.reason !== reason) return false;
  if (target !== null && kept.target !== target) return false;
  if (chatServer !== null && kept.chatServer !== chatServer) return false;
  return sinceMs === null || kept.atMs >= sinceMs;
}
