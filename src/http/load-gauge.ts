import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** How much this process has to carry at this moment. */
export interface LoadGauge {
  /** We listen from now on. Of what the start took nothing is told. */
  begin(): void;
  end(): void;
  /** The longest that the event loop was late within the last second, in milliseconds. */
  eventLoopDelayMs(): number;
  /** Bytes of what has lived for a while, whose limit ends the process: what is young is collected in time. */
  heap(): HeapLoad;
}

export interface HeapLoad {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

const RESOLUTION_MS = 10;
const SPAN_MS = 250;
const SPANS = 4;
/** A cold start is one busy loop, which goes on for a while: the first callers must not be declined for it. */
const START_UP_MS = 2_000;

/** A burst of callers within it is kept in bounds by what is counted. */
const HEAP_KEPT_MS = 5;
const YOUNG_SPACES: ReadonlySet<string> = new Set(['new_space', 'new_large_object_space']);
const MIB = 1_048_576;

/** Measured. Of the limit that V8 tells it keeps so much for what is young, whatever `--max-old-space-size` says. */
function youngBytes(nodeVersion: string): number {
  return (Number(/^v(\d+)/.exec(nodeVersion)?.[1]) >= 24 ? 192 : 48) * MIB;
}

/**
 * Measures with what Node.js has. The mean over a second, which libraries take, reads a stall of 1.5 s as 29 ms; so the maximum counts.
 * Nothing here needs a descriptor: there may be none left.
 */
export function createLoadGauge(nodeVersion: string, startUpMs = START_UP_MS): LoadGauge {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  /** The longest delay of each span of the last second, the latest first. */
  let spans: readonly number[] = [];
  let countsFromMs = Number.POSITIVE_INFINITY;
  let beganMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const heap = createHeapReader(nodeVersion);
  const latestMs = (): number => Math.max(0, histogram.max / 1e6 - RESOLUTION_MS);
  const nextSpan = (): void => {
    spans = [Math.max(latestMs(), overdueMs()), ...spans].slice(0, SPANS);
    histogram.reset();
    beganMs = performance.now();
  };
  /** A stall that no timer has seen yet: what came in with it is read before. */
  const overdueMs = (): number => performance.now() - beganMs - SPAN_MS;

  return {
    begin() {
      countsFromMs = performance.now() + startUpMs;
      beganMs = performance.now();
      histogram.enable();
      timer = setInterval(nextSpan, SPAN_MS).unref();
    },
    end() {
      clearInterval(timer);
      histogram.disable();
      countsFromMs = Number.POSITIVE_INFINITY;
    },
    eventLoopDelayMs() {
      if (performance.now() < countsFromMs) return 0;
      return Math.max(latestMs(), overdueMs(), ...spans);
    },
    heap: () => heap.read(performance.now()),
  };
}

function createHeapReader(nodeVersion: string) {
  const limitBytes = Math.max(8 * MIB, getHeapStatistics().heap_size_limit - youngBytes(nodeVersion));
  let load: HeapLoad = { usedBytes: 0, limitBytes };
  let readMs = Number.NEGATIVE_INFINITY;
  return {
    read(nowMs: number): HeapLoad {
      if (nowMs - readMs < HEAP_KEPT_MS) return load;
      readMs = nowMs;
      const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !YOUNG_SPACES.has(name));
      load = { usedBytes: old.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0), limitBytes };
      return load;
    },
  };
}
