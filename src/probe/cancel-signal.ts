/** Hears that something should end. Whoever waits can be one itself and needs no function for it: an `EventListenerObject` of the platform. */
export interface CancelHandler {
  handleEvent(): void;
}

export type CancelListener = (() => void) | CancelHandler;

/**
 * Tells that something should end. The part of an `AbortSignal` that is needed here, so that a real one fits wherever
 * one of these is asked for.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  /** What `abort` was given. */
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: CancelListener): void;
  removeEventListener(type: 'abort', listener: CancelListener): void;
}

/** Whoever holds this can end what listens to its signal. */
export interface CancelController {
  readonly signal: CancelSignal;
  /** Calls every listener, once. */
  abort(reason?: unknown): void;
}

/**
 * A lighter `AbortController`. Every message needs two, and on Node.js 20 the platform's costs 4 µs, makes a stack trace
 * when it aborts, and survives into old space: together a third of the processor time of a probe.
 */
export function createCancelController(): CancelController {
  return new LightController();
}

const NOBODY: readonly CancelListener[] = [];

/** Is its own signal: thousands may be held at once, and whoever is given the signal alone cannot abort it by its type. */
class LightController implements CancelController, CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  /** Nearly always the only one. */
  #first: CancelListener | null = null;
  #others = NOBODY;

  get signal(): CancelSignal {
    return this;
  }

  addEventListener(_type: 'abort', listener: CancelListener): void {
    if (this.#first === null && this.#others === NOBODY) this.#first = listener;
    else this.#others = [...this.#others, listener];
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    if (this.#first === listener) this.#first = null;
    else if (this.#others !== NOBODY) this.#others = this.#others.filter((each) => each !== listener);
  }

  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const first = this.#first;
    this.#first = null;
    if (first !== null) tell(first);
    // One that is told may send another away that has not been told yet.
    for (const listener of this.#others) if (this.#others.includes(listener)) tell(listener);
    this.#others = NOBODY;
  }
}

function tell(listener: CancelListener): void {
  if (typeof listener === 'function') listener();
  else listener.handleEvent();
}
