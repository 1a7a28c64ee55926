import type {
  Control,
  ControlState,
  EvidenceEvent,
  GuardState,
  ProbeAnswered,
  ServerState,
  ServiceEvent,
  ServiceObserver,
  Truth,
} from '../resilience/events.ts';
import { ownCopy } from '../resilience/single-flight/chats.ts';
import { type EvidenceRecord, keptAnswer, recordOf } from './evidence-record.ts';
import type { EvidenceFilter, Position } from './evidence-rules.ts';
import { EvidenceStore, type Kept, noteTruth, type Origin, positionOf, type StateAtAnswer } from './evidence-store.ts';

/** What somebody who saw the chat says of it, and whether that is news. */
export interface Feedback {
  readonly record: EvidenceRecord;
  readonly changed: boolean;
}

/** Who writes what is kept to where others can read it. */
export interface EvidenceSharing {
  /** A record is new, in place of the earlier one if there was one; or it counts more requests than it did, and is its own earlier one. */
  changed(kept: Kept, earlier: Kept | null): void;
  /** A record had to make room. @returns whether it is lost: nobody else has it. */
  evicted(kept: Kept): boolean;
}

/** What this replica keeps of probes. */
export interface Evidence {
  readonly observe: ServiceObserver;
  readonly memory: EvidenceStore;
  /** From now on it is shared. To be called once, before anything is kept. */
  share(sharing: EvidenceSharing): void;
  /** Null if it is not kept, or not any more. */
  find(probeId: string): EvidenceRecord | null;
  /** The newest first. */
  ofInteraction(interactionId: string): readonly EvidenceRecord[];
  /** The newest first, at most `limit`. @param before where the last page ended, null for the first. */
  list(filter: EvidenceFilter, before: Position | null, limit: number): EvidencePage;
  /** Takes a target that is gone for one of which nothing is known; its records stay. */
  forget(target: string): void;
  /** Notes what the chat really was; the last word counts. Null if the probe is not kept. */
  judge(probeId: string, truth: Truth): Feedback | null;
}

export interface EvidencePage {
  readonly records: readonly EvidenceRecord[];
  /** Where the next page begins; null if there is none. */
  readonly next: Position | null;
}

export interface EvidenceParts {
  /** Most that all records may take; 0 keeps none. */
  readonly maxBytes: number;
  readonly replica: string;
  readonly configuration: () => string;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly tell: (event: EvidenceEvent) => void;
}

/** Keeps a record of each answered probe. It listens, so nothing waits for it, and no verdict depends on it. */
export function createEvidence(parts: EvidenceParts): Evidence {
  let sharing: EvidenceSharing = { changed: () => undefined, evicted: () => true };
  const store = new EvidenceStore({
    maxBytes: parts.maxBytes,
    added: (kept, earlier) => sharing.changed(kept, earlier),
    evicted(kept) {
      const { probe, answer } = kept.answered;
      if (sharing.evicted(kept)) parts.tell({ type: 'evidence_evicted', target: probe.target, verdict: answer.verdict });
    },
  });
  const states = createTargetStates();
  const nameOf = createNames();
  let origin: Origin = { replica: parts.replica, configuration: '' };
  const keep = (event: ProbeAnswered): void => {
    if (parts.maxBytes === 0) return;
    const known = store.count(event.probeId, event.answer.verdict);
    if (known !== null) {
      sharing.changed(known, known);
      return;
    }
    const configuration = parts.configuration();
    if (configuration !== origin.configuration) origin = { replica: parts.replica, configuration };
    const { target, chatServer } = event.probe;
    store.add({ answered: keptAnswer(event, nameOf), atMs: parts.nowMs(), origin, state: states.at(target, chatServer) });
  };
  return {
    observe(event) {
      if (event.type === 'probe_answered') keep(event);
      else states.follow(event);
    },
    memory: store,
    share(by) {
      sharing = by;
    },
    find(probeId) {
      const kept = store.find(probeId);
      return kept === null ? null : recordOf(kept);
    },
    ofInteraction: (interactionId) => store.ofInteraction(interactionId).map(recordOf),
    list(filter, before, limit) {
      const records: EvidenceRecord[] = [];
      let last: Position | null = null;
      for (const kept of store.matching(filter, before)) {
        if (records.length === limit) return { records, next: last };
        records.push(recordOf(kept));
        last = positionOf(kept);
      }
      return { records, next: null };
    },
    forget: states.forget,
    judge(probeId, truth) {
      const kept = store.find(probeId);
      if (kept === null) return null;
      const changed = noteTruth(kept, truth, parts.tell);
      return { record: recordOf(kept), changed };
    },
  };
}

/** Beyond so many, callers make them up. */
const MOST_NAMES = 1_000;

/** Names come again and again: each is copied once out of the request that it came with. */
function createNames(): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size >= MOST_NAMES) known.clear();
    const copy = ownCopy(name);
    known.set(copy, copy);
    return copy;
  };
}

interface TargetState {
  readonly guard: GuardState;
  readonly gatewayOpen: boolean;
  readonly controls: Readonly<Record<Control, ControlState | null>>;
  /** Those that are not healthy. */
  readonly servers: ReadonlyMap<string | null, ServerState>;
}

const CALM: TargetState = { guard: 'watching', gatewayOpen: false, controls: { absent: null, live: null }, servers: new Map() };

/** How the targets stand, from what is told of them: to ask each time would cost every probe. */
function createTargetStates() {
  const targets = new Map<string, TargetState>();
  /** What was told last, while nothing has changed: records of a target share it. */
  const shown = new Map<string, StateAtAnswer>();
  const change = (target: string, fields: Partial<TargetState>): void => {
    targets.set(target, { ...(targets.get(target) ?? CALM), ...fields });
    shown.delete(target);
  };
  const stateOf = (target: string): TargetState => targets.get(target) ?? CALM;
  return {
    follow(event: ServiceEvent): void {
      if (event.type === 'guard_changed') change(event.target, { guard: event.state });
      else if (event.type === 'gateway_changed') change(event.target, { gatewayOpen: event.open });
      else if (event.type === 'control_answered')
        change(event.target, { controls: { ...stateOf(event.target).controls, [event.control]: event.state } });
      else if (event.type === 'server_changed') {
        const servers = new Map(stateOf(event.target).servers);
        if (event.to === 'healthy') servers.delete(event.chatServer);
        else servers.set(event.chatServer, event.to);
        change(event.target, { servers });
      }
    },
    forget(target: string): void {
      targets.delete(target);
      shown.delete(target);
    },
    at(target: string, chatServer: string | null): StateAtAnswer {
      const { guard, gatewayOpen, controls, servers } = stateOf(target);
      const state = servers.get(chatServer) ?? 'healthy';
      const before = shown.get(target);
      if (before?.chatServer === state) return before;
      const fresh = { chatServer: state, chatServersDown: servers.size, gatewayOpen, guard, controls };
      shown.set(target, fresh);
      return fresh;
    },
  };
}
