import { shareEvidence } from '../../src/evidence/fleet-evidence.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createMemoryEvidence, type MemoryEvidence } from '../../src/store/memory-evidence.ts';
import type { SharedEvidence } from '../../src/store/shared-evidence.ts';
import type { Trouble } from '../../src/store/shared-store.ts';
import { evidenceRig } from './evidence-rig.ts';

export const KEPT_MS = 86_400_000;
/** By then what is new has been written. */
export const WRITTEN_MS = 100;

export interface ReplicaOptions {
  readonly maxBytes?: number;
  /** In place of the way to the memory that all share. */
  readonly store?: SharedEvidence;
  readonly startsAtMs?: number;
}

/** Replicas that share evidence, in virtual time. */
export function evidenceFleet(recordsOfTarget = 10_000) {
  const clock = createVirtualClock();
  const store: MemoryEvidence = createMemoryEvidence(clock, { keptMs: KEPT_MS, recordsOfTarget });
  const replica = (name: string, options: ReplicaOptions = {}) => {
    const { maxBytes = 1_000_000, startsAtMs = 1_000_000 } = options;
    const troubles: (Trouble | null)[] = [];
    const faults: unknown[] = [];
    const nowMs = (): number => startsAtMs + clock.nowMs();
    const rig = evidenceRig({ maxBytes, replica: name, nowMs });
    const shared = shareEvidence({
      ...{ clock, nowMs, own: rig.evidence, writer: name, keptMs: KEPT_MS },
      store: options.store ?? store.connect(),
      tell: (event) => rig.events.push(event),
      changed: (trouble) => troubles.push(trouble),
      onFault: (fault) => faults.push(fault),
    });
    /** Words counted as the first about a probe, and others. */
    const heard = () =>
      rig.events.flatMap((event) => (event.type === 'feedback_given' ? [`${event.truth}${event.isFirst ? ' first' : ''}`] : []));
    const lost = () => rig.events.filter(({ type }) => type === 'evidence_evicted').length;
    return { ...rig, shared, troubles, faults, heard, lost };
  };
  return { clock, store, replica, pass: (ms: number) => clock.advance(ms), drive: <T>(promise: Promise<T>) => clock.drive(promise) };
}
