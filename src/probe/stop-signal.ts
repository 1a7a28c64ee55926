/**
 * Tells that something should end. The part of an `AbortSignal` that is needed here, so that a real one fits wherever
 * one of these is asked for.
 */
export interface StopSignal {
  readonly aborted: boolean;
  /** What `abort` was given. */
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Whoever holds this can end what listens to its signal. */
export interface StopController {
  readonly signal: StopSignal;
  /** Calls every listener, once. */
  abort(reason?: unknown): void;
}

/**
 * A lighter `AbortController`. Every message needs two, and on Node.js 20 the platform's costs 4 µs, makes a stack trace
 * when it aborts, and survives into old space: together a third of the processor time of a probe.
 */
export function createStopController(): StopController {
  const signal = new LightSignal();
  return { signal, abort: (reason) => signal.abort(reason) };
}

class LightSignal implements StopSignal {
  aborted = false;
  reason: unknown = undefined;
  #listeners: readonly (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // One that is told may send another away that has not been told yet.
    for (const listener of this.#listeners) if (this.#listeners.includes(listener)) listener();
    this.#listeners = [];
  }
}
