import type { Clock } from '../probe/clock.ts';
import type { Coverage, Truth } from '../resilience/events.ts';
import { createEvidenceLink, type EvidenceLink, type EvidenceLinkParts, LOOK_BOUND_MS } from '../store/evidence-link.ts';
import type { StoredRecord } from '../store/shared-evidence.ts';
import type { Evidence, EvidencePage, Feedback } from './evidence.ts';
import { type EvidenceRecord, recordOf } from './evidence-record.ts';
import { type EvidenceFilter, isOlder, MOST_OF_ONE_CHAT, newestFirst, type Position } from './evidence-rules.ts';
import { type Kept, positionOf } from './evidence-store.ts';
import { createEvidenceWriter, type EvidenceWriter, type EvidenceWriterParts } from './evidence-writer.ts';
import { rankOf, readable } from './record-codec.ts';

/** What was found, and of whose. */
export interface Look<T> {
  readonly coverage: Coverage;
  readonly found: T;
}

/** What is kept of probes, for people who look it up. Nobody waits much longer than a second; where the store does not answer, what this instance keeps is the answer. */
export interface EvidenceQueries {
  /** Null if it is not kept, or not any more. */
  find(probeId: string): Promise<Look<EvidenceRecord | null>>;
  /** The newest first. */
  ofInteraction(interactionId: string): Promise<Look<readonly EvidenceRecord[]>>;
  /** The newest first, at most `limit`. @param before where the last page ended, null for the first. */
  list(filter: EvidenceFilter, before: Position | null, limit: number): Promise<Look<EvidencePage>>;
  /** Notes what the chat really was; the last word counts. Null if the probe is not kept. */
  judge(probeId: string, truth: Truth): Promise<Look<Feedback | null>>;
  /** The newest first, of this instance alone. */
  latest(filter: EvidenceFilter, limit: number): readonly EvidenceRecord[];
}

/** Where replicas share nothing. */
export function evidenceOfInstance({ find, ofInteraction, list, judge }: Omit<Evidence, 'observe'>): EvidenceQueries {
  const alone = async <T>(found: T): Promise<Look<T>> => ({ coverage: 'instance', found });
  return {
    find: (probeId) => alone(find(probeId)),
    ofInteraction: (interactionId) => alone(ofInteraction(interactionId)),
    list: (filter, before, limit) => alone(list(filter, before, limit)),
    judge: (probeId, truth) => alone(judge(probeId, truth)),
    latest: (filter, limit) => list(filter, null, limit).records,
  };
}

export interface FleetEvidenceParts
  extends EvidenceLinkParts,
    Pick<EvidenceWriterParts, 'nowMs' | 'writer' | 'tell' | 'keptMs' | 'onFault'> {
  /** What this instance keeps. */
  readonly own: Evidence;
}

export interface FleetEvidence extends EvidenceQueries {
  /** Writes what is left, for that long at most, and ends. */
  close(withinMs: number): Promise<void>;
}

interface Sources {
  readonly clock: Clock;
  readonly link: EvidenceLink;
  readonly evidence: Evidence;
  readonly writer: EvidenceWriter;
  /** That of this process. */
  readonly writerName: string;
}

/** Pages of the store that one look may take. */
const MOST_LOOKS = 20;
/** After so long no further one is begun. */
const LOOK_ON_MS = 500;
/** What another replica answered before somebody asked is written by then, unless it has much to write. */
const SETTLE_MS = 100;
/** Ids that we made. */
const PROBE_ID = /^[\w-]{1,64}$/;

/** Of all replicas: what the store has, and what this one keeps that is not there. */
export function shareEvidence({ own: evidence, writer: writerName, ...others }: FleetEvidenceParts): FleetEvidence {
  const link = createEvidenceLink(others);
  const { memory } = evidence;
  const writer = createEvidenceWriter({ ...others, link, memory, writer: writerName });
  evidence.share(writer);
  return { ...queriesOf({ clock: others.clock, link, evidence, writer, writerName }), close: (withinMs) => writer.close(withinMs) };
}

function queriesOf(sources: Sources): EvidenceQueries {
  const { link, evidence, writer } = sources;
  const { memory } = evidence;
  const own = (kept: Kept): EvidenceRecord => {
    const record = recordOf(kept);
    return { ...record, truth: writer.saidOf(record.probeId) ?? record.truth };
  };
  const merged = createMerge(sources, own);
  const find = async (probeId: string): Promise<Look<EvidenceRecord | null>> => {
    if (!PROBE_ID.test(probeId)) return { coverage: 'fleet', found: null };
    const ask = () => link.ask((store) => store.find(probeId), LOOK_BOUND_MS);
    let reply = await ask();
    if (reply?.record === null && memory.find(probeId) === null) {
      await settled(sources);
      reply = await ask();
    }
    const kept = memory.find(probeId);
    if (reply !== null) return { coverage: 'fleet', found: merged(reply.record, kept) };
    return { coverage: 'instance', found: kept === null ? null : own(kept) };
  };
  return {
    find,
    async ofInteraction(interactionId) {
      await settled(sources);
      const reply = await link.ask((store) => store.ofInteraction(interactionId), LOOK_BOUND_MS);
      const kept = memory.ofInteraction(interactionId);
      if (reply === null) return { coverage: 'instance', found: kept.map(own) };
      const there = new Set(reply.records.map(({ probeId }) => probeId));
      const places = [
        ...reply.records.map((stored) => placeOf(stored, merged(stored, memory.find(stored.probeId)))),
        ...kept.filter(({ answered }) => !there.has(answered.probeId)).map((each) => placeOf(positionOf(each), own(each))),
      ];
      return { coverage: 'fleet', found: places.sort(newestFirst).flatMap(recordIn).slice(0, MOST_OF_ONE_CHAT) };
    },
    async list(filter, before, limit) {
      if (before === null) await settled(sources);
      const page = await listed({ ...sources, merged, own }, filter, before, limit);
      if (page !== null) return { coverage: 'fleet', found: page };
      const { records, next } = evidence.list(filter, before, limit);
      const found = { records: records.map((record) => ({ ...record, truth: writer.saidOf(record.probeId) ?? record.truth })), next };
      return { coverage: 'instance', found };
    },
    judge: (probeId, truth) => judged(sources, own, probeId, truth),
    latest: (filter, limit) => evidence.list(filter, null, limit).records,
  };
}

/** Waits until what was answered anywhere before is written, where there is anybody to ask for it. */
function settled({ clock, link }: Sources): Promise<void> {
  if (clock.nowMs() < link.apartUntilMs) return Promise.resolve();
  return new Promise((resolve) => void clock.schedule(SETTLE_MS, resolve));
}

async function judged(
  sources: Sources,
  own: (kept: Kept) => EvidenceRecord,
  probeId: string,
  truth: Truth,
): Promise<Look<Feedback | null>> {
  const { writer, evidence } = sources;
  if (!PROBE_ID.test(probeId)) return { coverage: 'fleet', found: null };
  const kept = evidence.memory.find(probeId);
  const before = kept === null ? null : own(kept).truth;
  let reply = await writer.say(probeId, truth);
  if (reply?.record === null && kept === null) {
    await settled(sources);
    reply = await writer.say(probeId, truth);
  }
  const coverage = reply === null ? 'instance' : 'fleet';
  const stored = reply?.record ?? null;
  const record = stored === null ? null : readable(stored);
  if (record !== null) return { coverage, found: { record, changed: reply?.before !== truth } };
  return { coverage, found: kept === null ? null : { record: { ...own(kept), truth }, changed: before !== truth } };
}

/** One record of what the store and this instance have of a probe. */
function createMerge({ writer, writerName }: Sources, own: (kept: Kept) => EvidenceRecord) {
  return (stored: StoredRecord | null, kept: Kept | null): EvidenceRecord | null => {
    if (stored === null) return kept === null ? null : own(kept);
    const truth = writer.saidOf(stored.probeId) ?? stored.truth;
    const record = readable(stored);
    if (kept === null) return record === null ? null : { ...record, truth };
    const isOurs = stored.writer === writerName ? kept.order >= stored.order : rankOf(kept) > stored.rank;
    const requests = stored.requests + kept.requests - kept.written;
    return { ...(isOurs || record === null ? own(kept) : record), requests, truth };
  };
}

interface Place extends Position {
  /** Null for one that cannot be read. */
  readonly record: EvidenceRecord | null;
}

function placeOf({ order, probeId }: Position, record: EvidenceRecord | null): Place {
  return { order, probeId, record };
}

function recordIn({ record }: Place): readonly EvidenceRecord[] {
  return record === null ? [] : [record];
}

interface ListParts extends Sources {
  readonly merged: (stored: StoredRecord | null, kept: Kept | null) => EvidenceRecord | null;
  readonly own: (kept: Kept) => EvidenceRecord;
}

/** A page of both: what the store has stands where it has it, so that no page repeats it. Null where it does not answer. */
async function listed(
  { clock, link, evidence: { memory }, merged, own }: ListParts,
  filter: EvidenceFilter,
  before: Position | null,
  limit: number,
): Promise<EvidencePage | null> {
  const untilMs = clock.nowMs() + LOOK_ON_MS;
  const kept = firstOf(memory.matching(filter, before), limit + 1);
  let alsoHeld = kept.map(({ answered }) => answered.probeId);
  let held: ReadonlySet<string> = new Set();
  const stored: StoredRecord[] = [];
  let lookedTo = before;
  for (
    let looks = 0;
    looks === 0 || (lookedTo !== null && stored.length < limit && looks < MOST_LOOKS && clock.nowMs() < untilMs);
    looks += 1
  ) {
    const request = { filter, before: lookedTo, limit: limit - stored.length, alsoHeld };
    const reply = await link.ask((store) => store.list(request), LOOK_BOUND_MS);
    if (reply === null) return null;
    if (looks === 0) held = reply.held;
    alsoHeld = [];
    stored.push(...reply.records);
    lookedTo = reply.lookedTo;
  }
  const lastKept = kept.length > limit ? kept.at(-1) : undefined;
  const ends = [...(lookedTo === null ? [] : [lookedTo]), ...(lastKept === undefined ? [] : [positionOf(lastKept)])];
  const places = [
    ...stored.map((each) => placeOf(each, merged(each, sameAs(each, memory.find(each.probeId))))),
    ...kept.filter(({ answered }) => !held.has(answered.probeId)).map((each) => placeOf(positionOf(each), own(each))),
  ].sort(newestFirst);
  return cutPage(places, ends, limit);
}

/** What is kept of a probe here, if the store has it at the same place. */
function sameAs({ order }: StoredRecord, kept: Kept | null): Kept | null {
  return kept?.order === order ? kept : null;
}

/** @param ends where each side stopped looking: beyond the first of them there may be more than is known. */
function cutPage(places: readonly Place[], ends: readonly Position[], limit: number): EvidencePage {
  const [end] = [...ends].sort(newestFirst);
  const known = places.filter((place) => end === undefined || !isOlder(place, end));
  const shown = known.slice(0, limit);
  const last = shown.at(-1);
  const isCut = last !== undefined && (known.length > limit || shown.length === limit);
  const hasMore = end !== undefined || known.length > limit;
  const next = isCut ? last : (end ?? null);
  return { records: shown.flatMap(recordIn), next: hasMore && next !== null ? { order: next.order, probeId: next.probeId } : null };
}

function firstOf<T>(items: Iterable<T>, most: number): readonly T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === most) break;
    first.push(item);
  }
  return first;
}
