import type { Clock } from '../probe/clock.ts';
import type { Outcome } from '../probe/observation.ts';
import type { Reason } from '../probe/reasons.ts';

/** One text that a workflow engine said, masked. */
export interface ObservedText {
  readonly text: string;
  readonly outcome: Outcome;
  /** What the outcomes with it were taken for last. */
  readonly reason: Reason;
  readonly count: number;
  /** How long ago. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** What the engine of one target has said of late, for whoever is to confirm what it means. */
export interface ObservedTexts {
  note(outcome: Outcome, shown: readonly string[], reason: Reason): void;
  /** The one seen last first. */
  list(): readonly ObservedText[];
  /** Texts that had to make room. */
  readonly forgotten: number;
}

/** Texts of one target; with what each may have (`MAX_SHOWN_CHARACTERS`) some 50 KB. */
const MOST_TEXTS = 100;

interface Noted {
  readonly text: string;
  readonly outcome: Outcome;
  readonly firstAtMs: number;
  reason: Reason;
  count: number;
  lastAtMs: number;
}

/** Remembers each text once, and forgets the one that was seen least recently. */
export function createObservedTexts({ nowMs }: Pick<Clock, 'nowMs'>, most: number = MOST_TEXTS): ObservedTexts {
  /** The one seen last is at the end. */
  const noted = new Map<string, Noted>();
  let forgotten = 0;
  return {
    note(outcome, shown, reason) {
      const atMs = nowMs();
      for (const text of shown) {
        const key = `${outcome} ${text}`;
        const known = noted.get(key) ?? { text, outcome, firstAtMs: atMs, reason, count: 0, lastAtMs: atMs };
        noted.delete(key);
        noted.set(key, Object.assign(known, { reason, count: known.count + 1, lastAtMs: atMs }));
        const [oldest] = noted.keys();
        if (noted.size <= most || oldest === undefined) continue;
        noted.delete(oldest);
        forgotten += 1;
      }
    },
    list() {
      const atMs = nowMs();
      return [...noted.values()].reverse().map(({ text, outcome, reason, count, firstAtMs, lastAtMs }) => {
        return { text, outcome, reason, count, firstSeenMs: atMs - firstAtMs, lastSeenMs: atMs - lastAtMs };
      });
    },
    get forgotten() {
      return forgotten;
    },
  };
}
