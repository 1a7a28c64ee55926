import type { ProbeOrder } from '../../probe/probe-order.ts';
import { DRAINING } from '../../probe/prober.ts';
import type { ProbeResult } from '../../probe/result.ts';
import { createStopController, type StopController, type StopHandler, type StopSignal } from '../../probe/stop-signal.ts';
import { type ArrivalLine, createArrivalLine, type Place } from './arrival-line.ts';

/** Tells one who waits what was found out; null if nobody waits any more. */
export type Settle = (result: ProbeResult | null) => void;

/** Holds the runs to one chat: the chat names one, and each run the next. */
export interface FlightChain {
  nextFlight: Flight | null;
}

/** One run and those who wait for it. */
export interface Flight extends FlightChain {
  /** Of who started it. */
  readonly order: ProbeOrder;
  readonly startedAtMs: number;
  /** See `ChatTraffic.isNewcomer`. */
  readonly isNewcomer: boolean;
  /** Ends the run. */
  readonly controller: StopController;
  readonly waiting: ArrivalLine<Passenger>;
}

/** One who waits for a run. */
export interface Passenger extends Place<Passenger> {
  /** Leaves early, with this instead. The last one out cancels the run. */
  leave(result: ProbeResult | null): void;
  /** Is told what the run came to. */
  arrive(result: ProbeResult | null): void;
}

/** Abort reason of a run that nobody waits for any more. */
const NOBODY_WAITS = 'nobody waits';

export function createFlight(order: ProbeOrder, startedAtMs: number, isNewcomer: boolean): Flight {
  return { order, startedAtMs, isNewcomer, controller: createStopController(), waiting: createArrivalLine(), nextFlight: null };
}

/**
 * Takes one on board. `settle` is called once: with what the run comes to (see `land`), with null as soon as they hang up,
 * or with what they leave with. A drain, whoever hears of it first, ends the run for all.
 */
export function board(flight: Flight, signal: StopSignal, settle: Settle): Passenger {
  return new Boarded(flight, signal, settle);
}

/** Tells everybody on board what the run came to. */
export function land({ waiting }: Flight, result: ProbeResult | null): void {
  for (let next = waiting.oldest; next !== null; next = waiting.oldest) next.arrive(result);
}

/** A run to this chat, by this Chat Server's name, that has not been cancelled; null if there is none. */
export function joinable(chat: FlightChain, chatServer: string | null): Flight | null {
  let flight = chat.nextFlight;
  while (flight !== null && (flight.order.chatServer !== chatServer || flight.controller.signal.aborted)) flight = flight.nextFlight;
  return flight;
}

export function addFlight(chat: FlightChain, flight: Flight): void {
  flight.nextFlight = chat.nextFlight;
  chat.nextFlight = flight;
}

export function removeFlight(chat: FlightChain, flight: Flight): void {
  let before = chat;
  while (before.nextFlight !== null && before.nextFlight !== flight) before = before.nextFlight;
  before.nextFlight = flight.nextFlight;
}

/** A class, and listening itself, because thousands may be on board of as many runs: as closures it takes three times the memory. */
class Boarded implements Passenger, StopHandler {
  readonly #flight: Flight;
  readonly #signal: StopSignal;
  readonly #settle: Settle;
  older: Passenger | null = null;
  newer: Passenger | null = null;

  constructor(flight: Flight, signal: StopSignal, settle: Settle) {
    this.#flight = flight;
    this.#signal = signal;
    this.#settle = settle;
    flight.waiting.join(this);
    signal.addEventListener('abort', this);
  }

  leave(result: ProbeResult | null): void {
    const { controller, waiting } = this.#flight;
    this.arrive(result);
    if (waiting.oldest === null) controller.abort(NOBODY_WAITS);
  }

  arrive(result: ProbeResult | null): void {
    this.#flight.waiting.leave(this);
    this.#signal.removeEventListener('abort', this);
    this.#settle(result);
  }

  handleEvent(): void {
    if (this.#signal.reason === DRAINING) this.#flight.controller.abort(DRAINING);
    else this.leave(null);
  }
}
