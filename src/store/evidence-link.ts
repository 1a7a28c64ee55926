import type { Clock } from '../probe/clock.ts';
import type { SharedEvidence } from './shared-evidence.ts';
import type { Trouble } from './shared-store.ts';
import { APART_MS, inTime } from './store-link.ts';

/** Longest that somebody who looks something up waits for the store. */
export const LOOK_BOUND_MS = 1_000;

export interface EvidenceLinkParts {
  readonly clock: Clock;
  readonly store: SharedEvidence;
  /** Told of each trouble, and once it works again. */
  readonly changed: (trouble: Trouble | null) => void;
}

/** The way to the evidence of all replicas, which is left alone for a while after trouble. */
export interface EvidenceLink {
  /** When it may be asked again, on the process's clock; a moment that is past where it can be asked now. */
  readonly apartUntilMs: number;
  /** Null where there is no answer in time, or nobody is asked. */
  ask<T>(call: (store: SharedEvidence) => Promise<T | Trouble>, boundMs: number): Promise<T | null>;
  close(): void;
}

export function createEvidenceLink({ clock, store, changed }: EvidenceLinkParts): EvidenceLink {
  let apartUntilMs = Number.NEGATIVE_INFINITY;
  /** Counts the times that something failed: what was asked before is of no interest any more. */
  let failures = 0;
  let isInTrouble = false;
  let isClosed = false;
  return {
    get apartUntilMs() {
      return apartUntilMs;
    },
    async ask<T>(call: (store: SharedEvidence) => Promise<T | Trouble>, boundMs: number) {
      if (isClosed || clock.nowMs() < apartUntilMs) return null;
      const asOf = failures;
      const reply = await inTime(clock, call(store), boundMs);
      if (isClosed || asOf !== failures) return null;
      if (!isTrouble(reply)) {
        if (isInTrouble) changed(null);
        isInTrouble = false;
        return reply;
      }
      failures += 1;
      apartUntilMs = clock.nowMs() + APART_MS;
      store.reset();
      isInTrouble = true;
      changed(reply);
      return null;
    },
    close() {
      isClosed = true;
      store.close();
    },
  };
}

function isTrouble<T>(reply: T | Trouble): reply is Trouble {
  return typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'trouble';
}
