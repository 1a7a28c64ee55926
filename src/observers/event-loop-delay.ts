import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the delay is sampled. Node.js counts this time in. */
const RESOLUTION_MS = 10;
const WINDOW_MS = 10_000;
/** Whole windows that are remembered: about a minute, so that no scrape interval up to that misses a stall. */
const WINDOWS = 6;
const NS_PER_S = 1e9;
const MS_PER_S = 1_000;

/** Where the longest delay since the last reset is read. */
export interface DelayMonitor {
  /** Nanoseconds. */
  readonly max: number;
  reset(): void;
}

/** The longest delay of the event loop in the last minute. Whoever reads it changes nothing: two readers see the same. */
export interface EventLoopDelay {
  maxSeconds(): number;
  /** A window ends. */
  turn(): void;
}

/** Over windows that end when `turn` says so. */
export function createEventLoopDelay(monitor: DelayMonitor): EventLoopDelay {
  const windows: number[] = [];
  return {
    maxSeconds: () => Math.max(0, Math.max(monitor.max, ...windows) / NS_PER_S - RESOLUTION_MS / MS_PER_S),
    turn() {
      windows.push(monitor.max);
      if (windows.length > WINDOWS) windows.shift();
      monitor.reset();
    },
  };
}

/** That of this process. Keeps no process alive. */
export function watchEventLoopDelay(): EventLoopDelay & { readonly close: () => void } {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  const delay = createEventLoopDelay(monitor);
  const timer = setInterval(delay.turn, WINDOW_MS).unref();
  return {
    ...delay,
    close() {
      clearInterval(timer);
      monitor.disable();
    },
  };
}
