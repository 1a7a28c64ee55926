import { type CancelController, type CancelHandler, type CancelSignal, createCancelController } from '../../probe/cancel-signal.ts';
import type { ProbeOrder } from '../../probe/probe-order.ts';
import { DRAINING } from '../../probe/prober.ts';
import type { ProbeResult } from '../../probe/result.ts';
import { createLinkedQueue, type LinkedQueue, type Place } from './linked-queue.ts';

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
  /** See `ChatTraffic.isNewcomer`. */
  readonly isNewcomer: boolean;
  /** Ends the run. */
  readonly controller: CancelController;
  readonly waiting: LinkedQueue<Joiner>;
}

/** One who waits for a run. */
export interface Joiner extends Place<Joiner> {
  /** Leaves early, with this instead. The last one out cancels the run. */
  leave(result: ProbeResult | null): void;
  /** Is told what the run came to. */
  complete(result: ProbeResult | null): void;
}

/** Abort reason of a run that nobody waits for any more. */
const NOBODY_WAITS = 'nobody waits';

export function createSharedProbe(order: ProbeOrder, startedAtMs: number, isNewcomer: boolean): SharedProbe {
  return { order, startedAtMs, isNewcomer, controller: createCancelController(), waiting: createLinkedQueue(), nextProbe: null };
}

/**
 * Lets one more wait for it. `settle` is called once: with what the run comes to (see `complete`), with null as soon as they hang up,
 * or with what they leave with. A drain, whoever hears of it first, ends the run for all.
 */
export function join(probe: SharedProbe, signal: CancelSignal, settle: Settle): Joiner {
  return new JoinedCaller(probe, signal, settle);
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

/** A class, and listening itself, because thousands may have joined as many probes: as closures it takes three times the memory. */
class JoinedCaller implements Joiner, CancelHandler {
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

  leave(result: ProbeResult | null): void {
    const { controller, waiting } = this.#probe;
    this.complete(result);
    if (waiting.oldest === null) controller.abort(NOBODY_WAITS);
  }

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
