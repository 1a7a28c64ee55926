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
import { cut, type EvidenceRecord, recordOf, type StateAtAnswer, storedText } from './evidence-record.ts';
import { type EvidenceFilter, EvidenceStore } from './evidence-store.ts';

/** What somebody who saw the chat says of it, and whether that is news. */
export interface Feedback {
  readonly record: EvidenceRecord;
  readonly changed: boolean;
}

/** What is kept of probes. */
export interface Evidence {
  readonly observe: ServiceObserver;
  /** Null if it is not kept, or not any more. */
  find(probeId: string): EvidenceRecord | null;
  /** The newest first. */
  ofInteraction(interactionId: string): readonly EvidenceRecord[];
  /** The newest first, at most `limit`. @param before where the last page ended, null for the first. */
  list(filter: EvidenceFilter, before: number | null, limit: number): EvidencePage;
  /** Notes what the chat really was; the last word counts. Null if the probe is not kept. */
  judge(probeId: string, truth: Truth): Feedback | null;
}

export interface EvidencePage {
  readonly records: readonly EvidenceRecord[];
  /** Where the next page begins; null if there is none. */
  readonly next: number | null;
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
  const store = new EvidenceStore(parts);
  const states = createTargetStates();
  const keep = (event: ProbeAnswered): void => {
    const { probe, probeId, answer } = event;
    if (parts.maxBytes === 0 || store.counts(probeId, answer.verdict)) return;
    const { target } = probe;
    const origin = { replica: parts.replica, configuration: parts.configuration() };
    store.add({
      probeId,
      interactionId: ownCopy(probe.interactionId),
      target,
      chatServer: probe.chatServer === null ? null : ownCopy(cut(probe.chatServer)),
      verdict: answer.verdict,
      reason: answer.reason,
      atMs: parts.nowMs(),
      text: storedText(event, origin, states.at(target, probe.chatServer)),
    });
  };
  return {
    observe(event) {
      if (event.type === 'probe_answered') keep(event);
      else states.follow(event);
    },
    find(probeId) {
      const kept = store.find(probeId);
      return kept === null ? null : recordOf(kept);
    },
    ofInteraction: (interactionId) => store.ofInteraction(interactionId).map(recordOf),
    list(filter, before, limit) {
      const records: EvidenceRecord[] = [];
      let last = 0;
      for (const kept of store.matching(filter, before ?? Number.POSITIVE_INFINITY)) {
        if (records.length === limit) return { records, next: last };
        records.push(recordOf(kept));
        last = kept.sequence;
      }
      return { records, next: null };
    },
    judge(probeId, truth) {
      const kept = store.find(probeId);
      if (kept === null) return null;
      const isFirst = kept.truth === null;
      const changed = kept.truth !== truth;
      kept.truth = truth;
      const { interactionId, target, verdict } = kept;
      if (changed) parts.tell({ type: 'feedback_given', probeId, interactionId, target, verdict, truth, isFirst });
      return { record: recordOf(kept), changed };
    },
  };
}

interface TargetState {
  guard: GuardState;
  gatewayOpen: boolean;
  readonly controls: Record<Control, ControlState | null>;
  /** Those that are not healthy. */
  readonly servers: Map<string | null, ServerState>;
}

/** How the targets stand, from what is told of them: to ask each time would cost every probe. */
function createTargetStates() {
  const targets = new Map<string, TargetState>();
  const stateOf = (target: string): TargetState => {
    const known = targets.get(target);
    if (known !== undefined) return known;
    const fresh: TargetState = { guard: 'watching', gatewayOpen: false, controls: { absent: null, live: null }, servers: new Map() };
    targets.set(target, fresh);
    return fresh;
  };
  return {
    follow(event: ServiceEvent): void {
      if (event.type === 'guard_changed') stateOf(event.target).guard = event.state;
      else if (event.type === 'gateway_changed') stateOf(event.target).gatewayOpen = event.open;
      else if (event.type === 'control_answered') stateOf(event.target).controls[event.control] = event.state;
      else if (event.type === 'server_changed') {
        const { servers } = stateOf(event.target);
        if (event.to === 'healthy') servers.delete(event.chatServer);
        else servers.set(event.chatServer, event.to);
      }
    },
    at(target: string, chatServer: string | null): StateAtAnswer {
      const { guard, gatewayOpen, controls, servers } = stateOf(target);
      return { chatServer: servers.get(chatServer) ?? 'healthy', chatServersDown: servers.size, gatewayOpen, guard, controls };
    },
  };
}
