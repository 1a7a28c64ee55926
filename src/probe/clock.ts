import type { CancelSignal } from './cancel-signal.ts';

/** Monotonic time and the one primitive that all waiting is made of. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  nowMs(): number;
  /** Calls back once after `delayMs`, unless cancelled. Returns the cancellation, safe to call at any time. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The process's own monotonic clock. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` or as soon as `signal` aborts, whichever comes first. Never rejects. */
export function wait(clock: Clock, delayMs: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const settle = (): void => {
      cancel();
      signal.removeEventListener('abort', settle);
      resolve();
    };
    const cancel = clock.schedule(delayMs, settle);
    signal.addEventListener('abort', settle);
  });
}

/** One timer that can be set again and again. */
export interface ResettableTimer {
  /** Rings at this moment and at no other; Infinity: never. */
  set(atMs: number): void;
}

export function createResettableTimer(clock: Clock, ring: () => void): ResettableTimer {
  let setForMs = Number.POSITIVE_INFINITY;
  let cancel = (): void => undefined;
  return {
    set(atMs) {
      // Thousands of probes come and go between two moments at which something is due.
      if (atMs === setForMs) return;
      cancel();
      setForMs = atMs;
      if (atMs === Number.POSITIVE_INFINITY) return;
      cancel = clock.schedule(Math.max(0, atMs - clock.nowMs()), () => {
        setForMs = Number.POSITIVE_INFINITY;
        ring();
      });
    },
  };
}

/** Something and the moment at which it falls due. */
export interface Due<T> {
  readonly dueMs: number;
  readonly item: T;
}

/** Things in order of time; those of the same moment in the order in which they were added. */
export interface DueQueue<T> {
  readonly size: number;
  /** Adds a thing, and tells by what to remove it. */
  add(dueMs: number, item: T): Queued<T>;
  /** Takes out what `add` told, from wherever it is. Safe to call at any time. */
  remove(queued: Queued<T>): void;
  /** What falls due next, left where it is; null if nothing is there. */
  first(): Due<T> | null;
  /** Takes out what falls due next; null if nothing is there. */
  takeFirst(): Due<T> | null;
}

/** A thing that was added. Belongs to its queue. */
export interface Queued<T> extends Due<T> {
  readonly sequence: number;
  /** Where in the heap it is, so that it can be taken out from the middle; -1 once it is out. */
  at: number;
}

/** A binary heap: adding and removing cost the logarithm of what is in it. */
export function createDueQueue<T>(): DueQueue<T> {
  const heap: Queued<T>[] = [];
  let sequence = 0;

  const put = (entry: Queued<T>, at: number): void => {
    heap[at] = entry;
    entry.at = at;
  };
  /** Moves the entry from the gap `at` to where it belongs. */
  const settle = (entry: Queued<T>, at: number): void => {
    let gap = at;
    for (let up = heap[parentOf(gap)]; up !== undefined && isBefore(entry, up); up = heap[parentOf(gap)]) {
      const next = up.at;
      put(up, gap);
      gap = next;
    }
    for (let down = earlier(heap[2 * gap + 1], heap[2 * gap + 2]); down !== undefined && isBefore(down, entry); ) {
      const next = down.at;
      put(down, gap);
      gap = next;
      down = earlier(heap[2 * gap + 1], heap[2 * gap + 2]);
    }
    put(entry, gap);
  };
  const remove = (entry: Queued<T>): void => {
    const gap = entry.at;
    if (gap < 0) return;
    entry.at = -1;
    const last = heap.pop();
    if (last !== undefined && last !== entry) settle(last, gap);
  };

  return {
    get size() {
      return heap.length;
    },
    add(dueMs, item) {
      const entry = { dueMs, item, sequence, at: heap.length };
      sequence += 1;
      settle(entry, heap.length);
      return entry;
    },
    remove,
    first: () => heap[0] ?? null,
    takeFirst() {
      const first = heap[0];
      if (first === undefined) return null;
      remove(first);
      return first;
    },
  };
}

/** Of the top: -1, where nothing is. */
function parentOf(at: number): number {
  return (at - 1) >> 1;
}

function isBefore<T>(one: Queued<T>, other: Queued<T>): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.sequence < other.sequence);
}

function earlier<T>(one: Queued<T> | undefined, other: Queued<T> | undefined): Queued<T> | undefined {
  return one !== undefined && other !== undefined && isBefore(other, one) ? other : one;
}
