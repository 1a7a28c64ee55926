/**
 * Calls back once everything that came in with this turn of the event loop has been handled: those who asked one right after the
 * other, in the order in which they asked. The callback must not throw.
 */
export type AtEndOfTurn = (callback: () => void) => void;

/** So many have all the gain of it. A crowd of thousands that is answered at once must not keep everything else waiting. */
const MOST_IN_A_ROW = 64;

/**
 * For answers that are ready, so that those of one turn are written together. A write wakes whoever reads at the other end; the next
 * one, if it comes before they have gone back to sleep, costs half. Under load that is a quarter of the processor time of a probe
 * (bench/README.md).
 */
export function createEndOfTurn(): AtEndOfTurn {
  let waiting: (() => void)[] = [];
  const end = (): void => {
    const called = waiting.length > MOST_IN_A_ROW ? waiting.splice(0, MOST_IN_A_ROW) : waiting;
    if (called === waiting) waiting = [];
    else setImmediate(end);
    for (const callback of called) callback();
  };
  return (callback) => {
    if (waiting.length === 0) setImmediate(end);
    waiting.push(callback);
  };
}
