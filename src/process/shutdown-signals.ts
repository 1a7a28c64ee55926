import type { Clock } from '../probe/clock.ts';

/** Longest that npm takes to pass a signal on that the terminal has sent us too. */
export const NPM_ECHO_MS = 250;

export interface ShutdownSignalsParts {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
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
 * What signals mean to service and simulator. Under npm each comes twice: Ctrl-C reaches the whole process group, and npm
 * passes on what it gets. The second is then no second wish.
 */
export function createShutdownSignals({ clock, env, stop, exitAtOnce }: ShutdownSignalsParts): ShutdownSignals {
  const echoMs = env['npm_lifecycle_event'] === undefined ? 0 : NPM_ECHO_MS;
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
