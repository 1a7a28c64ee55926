import type { Attempt } from '../probe/attempt.ts';
import type { Reason } from '../probe/reasons.ts';
import type { Verdict } from '../probe/verdict.ts';
import type { Control, ControlState, EvidenceEvent, GuardState, ProbeAnswered, ServerState, Truth } from '../resilience/events.ts';
import { LinkedQueue, type Place } from '../resilience/single-flight/shared-probe.ts';

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
    if (known === undefined || (verdict === 'stop' && known.answered.answer.verdict === 'route')) return false;
    known.requests += 1;
    return true;
  }

  /** Keeps a record, in place of one of the same probe. */
  add(facts: KeptFacts): void {
    const { answered } = facts;
    const earlier = this.#byProbe.get(answered.probeId);
    if (earlier !== undefined) this.#remove(earlier);
    this.#sequence += 1;
    const kept: Kept = {
      answered,
      atMs: facts.atMs,
      origin: facts.origin,
      state: facts.state,
      sequence: this.#sequence,
      bytes: bytesOf(answered),
      requests: (earlier?.requests ?? 0) + 1,
      truth: earlier?.truth ?? null,
      older: null,
      newer: null,
    };
    this.#byProbe.set(answered.probeId, kept);
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
    // Of those that cannot match none is looked at: the page `/status` asks for stops once a second.
    let stop = filter.verdict === 'route' ? null : this.#stops.newest;
    let other = filter.verdict === 'stop' ? null : this.#others.newest;
    while (stop !== null || other !== null) {
      const isStop = other === null || (stop !== null && stop.sequence > other.sequence);
      const next = isStop ? stop : other;
      if (isStop) stop = stop?.older ?? null;
      else other = other?.older ?? null;
      if (next !== null && next.sequence < before && matches(filter, next)) yield next;
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
    const { probe, answer } = kept.answered;
    this.#parts.tell({ type: 'evidence_evicted', target: probe.target, verdict: answer.verdict });
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

function matches({ verdict, reason, target, chatServer, sinceMs }: EvidenceFilter, { answered, atMs }: Kept): boolean {
  const { probe, answer } = answered;
  if (verdict !== null && answer.verdict !== verdict) return false;
  if (reason !== null && answer.reason !== reason) return false;
  if (target !== null && probe.target !== target) return false;
  if (chatServer !== null && probe.chatServer !== chatServer) return false;
  return sinceMs === null || atMs >= sinceMs;
}
