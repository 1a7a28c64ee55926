import type { InteractionServerAdapter } from '../../probe/adapter.ts';
import { type CancelController, type CancelHandler, type CancelSignal, createCancelController } from '../../probe/cancel-signal.ts';
import type { ProbeOrder } from '../../probe/probe-order.ts';
import { DRAINING } from '../../probe/prober.ts';
import type { ProbeResult } from '../../probe/verdict.ts';

/** Tells one who waits what was found out; null if nobody waits any more. */
export type Settle = (result: ProbeResult | null) => void;

/** Holds the runs to one chat: the chat names one, and each run the next. */
export interface SharedProbeChain {
  nextProbe: SharedProbe | null;
}

/** One run and those who wait for it. */
export interface SharedProbe extends SharedProbeChain {
  /** Of who started it. */
  readonly order: ProbeOrder;
  readonly startedAtMs: number;
  /** See `ChatLock.isNewcomer`. */
  readonly isNewcomer: boolean;
  /** Ends the run. */
  readonly controller: CancelController;
  readonly waiting: LinkedQueue<Joiner>;
}

/** Abort reason of a run that nobody waits for any more. */
const NOBODY_WAITS = 'nobody waits';

export function createSharedProbe(order: ProbeOrder, startedAtMs: number, isNewcomer: boolean): SharedProbe {
  return { order, startedAtMs, isNewcomer, controller: createCancelController(), waiting: new LinkedQueue(), nextProbe: null };
}

/** Tells everybody who joined what the run came to. */
export function complete({ waiting }: SharedProbe, result: ProbeResult | null): void {
  for (let next = waiting.oldest; next !== null; next = waiting.oldest) next.complete(result);
}

/** A run to this chat, by this Chat Server's name, that has not been cancelled; null if there is none. */
export function joinable(chat: SharedProbeChain, chatServer: string | null): SharedProbe | null {
  let probe = chat.nextProbe;
  while (probe !== null && (probe.order.chatServer !== chatServer || probe.controller.signal.aborted)) probe = probe.nextProbe;
  return probe;
}

export function addSharedProbe(chat: SharedProbeChain, probe: SharedProbe): void {
  probe.nextProbe = chat.nextProbe;
  chat.nextProbe = probe;
}

export function removeSharedProbe(chat: SharedProbeChain, probe: SharedProbe): void {
  let before = chat;
  while (before.nextProbe !== null && before.nextProbe !== probe) before = before.nextProbe;
  before.nextProbe = probe.nextProbe;
}

/**
 * One who waits for a run. `settle` is called once: with what the run comes to (see `complete`), with null as soon as they hang up,
 * or with what they leave with. A drain, whoever hears of it first, ends the run for all.
 *
 * A class, and listening itself, because thousands may have joined as many probes: as closures it takes three times the memory.
 */
export class Joiner implements CancelHandler, Place<Joiner> {
  readonly #probe: SharedProbe;
  readonly #signal: CancelSignal;
  readonly #settle: Settle;
  older: Joiner | null = null;
  newer: Joiner | null = null;

  constructor(probe: SharedProbe, signal: CancelSignal, settle: Settle) {
    this.#probe = probe;
    this.#signal = signal;
    this.#settle = settle;
    probe.waiting.add(this);
    signal.addEventListener('abort', this);
  }

  /** Leaves early, with this instead. The last one out cancels the run. */
  leave(result: ProbeResult | null): void {
    const { controller, waiting } = this.#probe;
    this.complete(result);
    if (waiting.oldest === null) controller.abort(NOBODY_WAITS);
  }

  /** Is told what the run came to. */
  complete(result: ProbeResult | null): void {
    this.#probe.waiting.remove(this);
    this.#signal.removeEventListener('abort', this);
    this.#settle(result);
  }

  handleEvent(): void {
    if (this.#signal.reason === DRAINING) this.#probe.controller.abort(DRAINING);
    else this.leave(null);
  }
}

/** Which adapters are asked by runs under way, so that one that was replaced is closed when nobody needs it any more. */
export class AdaptersInUse {
  readonly #runs = new Map<InteractionServerAdapter, number>();
  readonly #waiting = new Map<InteractionServerAdapter, () => void>();

  enter(adapter: InteractionServerAdapter): void {
    this.#runs.set(adapter, (this.#runs.get(adapter) ?? 0) + 1);
  }

  leave(adapter: InteractionServerAdapter): void {
    const left = (this.#runs.get(adapter) ?? 0) - 1;
    this.#runs.set(adapter, left);
    if (left === 0) this.#waiting.get(adapter)?.();
  }

  /** To be asked once, of one that no new run will be made by. */
  async untilUnused(adapter: InteractionServerAdapter): Promise<void> {
    if ((this.#runs.get(adapter) ?? 0) > 0) await new Promise<void>((resolve) => this.#waiting.set(adapter, resolve));
    this.#waiting.delete(adapter);
    this.#runs.delete(adapter);
  }
}

/** A member's place in a queue: null at its ends. Both begin as null, and belong to the queue alone. */
export interface Place<T> {
  older: T | null;
  newer: T | null;
}

/**
 * Members in the order in which they came; every step costs the same, however many there are. The links lie in the members: a `Map`
 * keeps an order too, but its first key is found by walking over all that were deleted before it since its table was last made anew;
 * a `Set` for each of thousands of runs takes more memory; and `lru-cache` can pin no chat that has a run.
 */
export class LinkedQueue<T extends Place<T>> {
  /** Who has stood here longest, null if nobody does. */
  oldest: T | null = null;
  /** Who came last, null if nobody stands here. */
  newest: T | null = null;

  /** Puts a member that stands in no queue at the end. */
  add(member: T): void {
    member.older = this.newest;
    if (this.newest === null) this.oldest = member;
    else this.newest.newer = member;
    this.newest = member;
  }

  /** Takes a member out from wherever in this queue it stands. */
  remove(member: T): void {
    const { older, newer } = member;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.newest = older;
    else newer.older = older;
    member.newer = null;
  }
}
