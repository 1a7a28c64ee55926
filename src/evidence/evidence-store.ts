import type { Attempt } from '../probe/attempt.ts';
import type { Verdict } from '../probe/verdict.ts';
import type { Control, ControlState, EvidenceEvent, GuardState, ProbeAnswered, ServerState, Truth } from '../resilience/events.ts';
import { LinkedQueue, type Place } from '../resilience/single-flight/shared-probe.ts';
import { type EvidenceFilter, isOlder, MOST_OF_ONE_CHAT, matches, type Position, SHARE_OF_STOPS } from './evidence-rules.ts';

/** What a record is of. Its texts must be short, and their own: see `ownCopy`. */
export type KeptAnswer = Omit<ProbeAnswered, 'type' | 'probe' | 'sharedWith'> & { readonly probe: KeptIdentity };

type KeptIdentity = Omit<ProbeAnswered['probe'], 'trace'> & { readonly trace?: { readonly traceId: string } | undefined };

/** Where a record comes from. */
export interface Origin {
  readonly replica: string;
  /** Names the configuration in force. */
  readonly configuration: string;
}

/** How the target stood when it answered. */
export interface StateAtAnswer {
  /** Of the Chat Server that was named; of those chosen by type where none was. */
  readonly chatServer: ServerState;
  readonly chatServersDown: number;
  readonly gatewayOpen: boolean;
  readonly guard: GuardState;
  /** What each control probe was told last; null before, and where there is none. */
  readonly controls: Readonly<Record<Control, ControlState | null>>;
}

/** What a record is made of. It is read far less often than it is written: so it is put together only then. */
export interface KeptFacts {
  readonly answered: KeptAnswer;
  readonly atMs: number;
  readonly origin: Origin;
  readonly state: StateAtAnswer;
}

/** One record. The links are its queue's. */
export interface Kept extends KeptFacts, Place<Kept> {
  /** See `Position`. */
  readonly order: number;
  readonly bytes: number;
  /** How many requests it answered. */
  requests: number;
  /** Of how many of them the store that replicas share was told. */
  written: number;
  truth: Truth | null;
}

/** Where it stands among all. */
export function positionOf({ order, answered }: Pick<Kept, 'order' | 'answered'>): Position {
  return { order, probeId: answered.probeId };
}

/** Notes what somebody says of it, the last word counts. @returns whether that is news. */
export function noteTruth(kept: Kept, truth: Truth, tell: (event: EvidenceEvent) => void): boolean {
  if (kept.truth === truth) return false;
  const { probe, probeId, answer } = kept.answered;
  const { interactionId, target } = probe;
  tell({ type: 'feedback_given', probeId, interactionId, target, verdict: answer.verdict, truth, isFirst: kept.truth === null });
  kept.truth = truth;
  return true;
}

export interface EvidenceStoreParts {
  /** Most that all records may take. */
  readonly maxBytes: number;
  /** Told of each record as it is kept, with the one of the same probe whose place it takes. */
  readonly added: (kept: Kept, earlier: Kept | null) => void;
  /** Told of each that had to make room. */
  readonly evicted: (kept: Kept) => void;
}

/** The objects of a record, its places in two maps, and the heads of its texts; measured, like the next: see the test of memory. */
const RECORD_BYTES = 1_000;
const ATTEMPT_BYTES = 200;
const TRACE_BYTES = 100;

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
  #order = 0;

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
   * @returns the record, if it says enough already; null if there is none, or it is of a route and this was a stop.
   */
  count(probeId: string, verdict: Verdict): Kept | null {
    const known = this.#byProbe.get(probeId);
    if (known === undefined || (verdict === 'stop' && known.answered.answer.verdict === 'route')) return null;
    known.requests += 1;
    return known;
  }

  /** Keeps a record, in place of one of the same probe. */
  add(facts: KeptFacts): void {
    const { answered } = facts;
    const earlier = this.#byProbe.get(answered.probeId);
    if (earlier !== undefined) this.#remove(earlier);
    this.#order = Math.max(this.#order + 1, Math.round(facts.atMs * 1_000));
    const kept: Kept = {
      answered,
      atMs: facts.atMs,
      origin: facts.origin,
      state: facts.state,
      order: this.#order,
      bytes: bytesOf(answered),
      requests: (earlier?.requests ?? 0) + 1,
      written: earlier?.written ?? 0,
      truth: earlier?.truth ?? null,
      older: null,
      newer: null,
    };
    this.#byProbe.set(answered.probeId, kept);
    this.#ringOf(kept).add(kept);
    this.#parts.added(kept, earlier ?? null);
    this.#addToChat(kept);
    this.#makeRoom();
  }

  all(): Iterable<Kept> {
    return this.#byProbe.values();
  }

  find(probeId: string): Kept | null {
    return this.#byProbe.get(probeId) ?? null;
  }

  /** The newest first. */
  ofInteraction(interactionId: string): readonly Kept[] {
    return [...(this.#byInteraction.get(interactionId) ?? [])].reverse();
  }

  /** The newest first. @param before only those that are older; null for all. */
  *matching(filter: EvidenceFilter, before: Position | null): Generator<Kept> {
    // Of those that cannot match none is looked at: the page `/status` asks for stops once a second.
    let stop = filter.verdict === 'route' ? null : this.#stops.newest;
    let other = filter.verdict === 'stop' ? null : this.#others.newest;
    while (stop !== null || other !== null) {
      const isStop = other === null || (stop !== null && stop.order > other.order);
      const next = isStop ? stop : other;
      if (isStop) stop = stop?.older ?? null;
      else other = other?.older ?? null;
      if (next !== null && (before === null || isOlder(positionOf(next), before)) && isAsked(filter, next)) yield next;
    }
  }

  #ringOf({ answered }: Kept): Ring {
    return answered.answer.verdict === 'stop' ? this.#stops : this.#others;
  }

  #addToChat(kept: Kept): void {
    const { interactionId } = kept.answered.probe;
    const chat = this.#byInteraction.get(interactionId);
    if (chat === undefined) this.#byInteraction.set(interactionId, [kept]);
    else chat.push(kept);
    const [oldest] = chat ?? [];
    if (chat === undefined || oldest === undefined || chat.length <= MOST_OF_ONE_CHAT) return;
    this.#evict(chat.find(({ answered }) => answered.answer.verdict === 'route') ?? oldest);
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
    this.#parts.evicted(kept);
  }

  #remove(kept: Kept): void {
    this.#ringOf(kept).remove(kept);
    const { probe, probeId } = kept.answered;
    this.#byProbe.delete(probeId);
    const chat = this.#byInteraction.get(probe.interactionId) ?? [];
    if (chat.length === 1) this.#byInteraction.delete(probe.interactionId);
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

/** What a record takes. Texts count double, since V8 keeps one with a wide character in two bytes for each. */
function bytesOf({ probe, probeId, answer }: KeptAnswer): number {
  const names = probeId.length + probe.requestId.length + probe.interactionId.length + (probe.chatServer?.length ?? 0);
  let bytes = RECORD_BYTES + 2 * names + (probe.trace === undefined ? 0 : TRACE_BYTES);
  for (const attempt of answer.attempts) bytes += ATTEMPT_BYTES + 2 * textLength(attempt);
  return bytes;
}

function textLength({ faultCode, faultString, errorMessage, detail }: Attempt): number {
  return (faultCode?.length ?? 0) + (faultString?.length ?? 0) + (errorMessage?.length ?? 0) + (detail?.length ?? 0);
}

function isAsked(filter: EvidenceFilter, { answered: { probe, answer }, atMs }: Kept): boolean {
  const { verdict, reason } = answer;
  return matches(filter, { verdict, reason, target: probe.target, chatServer: probe.chatServer, atMs });
}
