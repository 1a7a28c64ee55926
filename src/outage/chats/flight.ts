import type { ProbeOrder } from '../../probe/probe-order.ts';
import { DRAINING } from '../../probe/prober.ts';
import type { StopController, StopSignal } from '../../probe/stop-signal.ts';
import { createStopController } from '../../probe/stop-signal.ts';
import type { Answer } from '../answer.ts';

/** Gives an answer to one who waits; null if there is none. */
export type Settle = (answer: Answer | null) => void;

/** Holds the runs to one chat: the chat names one, and each run the next. */
export interface FlightChain {
  nextFlight: Flight | null;
}

/** One run and those who wait for it. */
export interface Flight extends FlightChain {
  /** Of who started it. */
  readonly order: ProbeOrder;
  /** Ends the run. */
  readonly controller: StopController;
  readonly waiting: Set<Settle>;
}

/** Abort reason of a run that nobody waits for any more. */
const NOBODY_WAITS = 'nobody waits';

export function createFlight(order: ProbeOrder): Flight {
  return { order, controller: createStopController(), waiting: new Set(), nextFlight: null };
}

/**
 * Takes one on board. `settle` is called once: with what the run comes to (see `land`), with null as soon as they hang up,
 * or with what they leave with. A drain, whoever hears of it first, ends the run for all.
 *
 * @returns leaves early. The last one out cancels the run.
 */
export function board(flight: Flight, signal: StopSignal, settle: Settle): Settle {
  const { controller, waiting } = flight;
  const settled: Settle = (answer) => {
    waiting.delete(settled);
    signal.removeEventListener('abort', hear);
    settle(answer);
  };
  const leave: Settle = (answer) => {
    settled(answer);
    if (waiting.size === 0) controller.abort(NOBODY_WAITS);
  };
  const hear = (): void => {
    if (signal.reason === DRAINING) controller.abort(DRAINING);
    else leave(null);
  };
  signal.addEventListener('abort', hear);
  waiting.add(settled);
  return leave;
}

/** Gives the run's answer to everybody on board. */
export function land({ waiting }: Flight, answer: Answer | null): void {
  for (const settle of waiting) settle(answer);
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
