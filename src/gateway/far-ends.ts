import type { HttpAnswer } from './exchange.ts';

/**
 * Stands in every answer of the simulator's network face, so that the service knows its verdicts for made up. In lower case, as headers
 * are looked up. A real gateway must never send it.
 */
export const SIMULATOR_HEADER = 'x-chat-probe-simulator';

/** Which of a target's gateway URLs lead to a simulator, by what each said last. */
export interface FarEnds {
  /** An answer came from the URL of this index. */
  heard(index: number, answer: HttpAnswer): void;
  /** True while one of them does: its verdicts are made up whenever its turn comes. */
  anySimulated(): boolean;
}

/** @param onChange told when the first simulator is heard, and when the last one has given way. */
export function createFarEnds(onChange: (isSimulated: boolean) => void): FarEnds {
  const simulators = new Set<number>();
  const move = (index: number, isSimulator: boolean): void => {
    const before = simulators.size;
    if (isSimulator) simulators.add(index);
    else simulators.delete(index);
    if (before > 0 !== simulators.size > 0) onChange(simulators.size > 0);
  };
  return {
    heard(index, { status, headers }) {
      // That the header is there is enough: a proxy may have written its value twice.
      if (headers[SIMULATOR_HEADER] !== undefined) move(index, true);
      // An error may come from a proxy, which says nothing about what is behind it.
      else if (status === 200) move(index, false);
    },
    anySimulated: () => simulators.size > 0,
  };
}
