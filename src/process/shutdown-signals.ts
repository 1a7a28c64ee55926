import type { Clock } from '../probe/clock.ts';

export interface ShutdownSignalsParts {
  readonly clock: Clock;
  /** How long after the first signal another one is its echo, in milliseconds; 0 where there is none. */
  readonly echoMs: number;
  /** Stops in good order. Called once. */
  readonly stop: () => void;
  readonly exitAtOnce: () => void;
}

export interface ShutdownSignals {
  /** To be told of each signal that asks to stop: the first one stops, a later one does not wait for that. */
  readonly signalled: () => void;
  /** To be told where the process stops for another reason, so that the next signal is no longer the first word of it. */
  readonly begun: () => void;
}

/**
 * What signals mean. Under npm each comes twice: Ctrl-C reaches the whole process group, and npm passes on what it gets. The
 * second is then no second wish.
 */
export function createShutdownSignals({ clock, echoMs, stop, exitAtOnce }: ShutdownSignalsParts): ShutdownSignals {
  let begunAtMs: number | null = null;
  const begun = (): void => {
    begunAtMs ??= clock.nowMs();
  };
  return {
    begun,
    signalled() {
      if (begunAtMs === null) {
        begun();
        stop();
      } else if (clock.nowMs() - begunAtMs >= echoMs) exitAtOnce();
    },
  };
}
