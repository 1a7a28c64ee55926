import { createSeededRandom } from '../../lab/simulator/world/seeded-random.ts';
import { type Draw, drawFrom } from './hostile-text.ts';

/** A way in, and what is too much there. */
export interface EntryPoint {
  readonly name: string;
  /** Largest input, in characters. */
  readonly size: number;
  /** Processor time that one input may take. */
  readonly limitMs: number;
  /** Where a limit alone would say more of the machine: a quarter of the input must take no less than this part of the time. */
  readonly leastShareOfQuarter?: number;
  /** Makes an input from the draws and takes it in. Rejects where it was met with a fault instead of an answer. */
  run(draw: Draw, size: number): Promise<void>;
}

export interface Finding {
  readonly entry: string;
  /** Plays the case again as the first one. */
  readonly seed: number;
  readonly what: string;
}

export interface Search {
  readonly seed: number;
  readonly forMs: number;
  /** Fewer if the time is over. */
  readonly mostCases?: number;
}

export interface Searched {
  readonly finding: Finding | null;
  readonly cases: number;
  /** The slowest that was no finding. */
  readonly slowestMs: number;
}

/** Tries one case after the other until one is a finding, or the time is over. */
export async function search(entry: EntryPoint, { seed, forMs, mostCases = Number.POSITIVE_INFINITY }: Search): Promise<Searched> {
  const untilMs = performance.now() + forMs;
  let slowestMs = 0;
  let cases = 0;
  for (; cases < mostCases && (cases === 0 || performance.now() < untilMs); cases += 1) {
    const own = seed + cases;
    try {
      const tookMs = await timed(entry, own, entry.size);
      if (tookMs > entry.limitMs && (await isSlow(entry, own)))
        return {
          finding: { entry: entry.name, seed: own, what: `takes ${Math.round(tookMs)} ms of processor time` },
          cases: cases + 1,
          slowestMs,
        };
      slowestMs = Math.max(slowestMs, Math.min(tookMs, entry.limitMs));
    } catch (fault) {
      return { finding: { entry: entry.name, seed: own, what: String(fault) }, cases: cases + 1, slowestMs };
    }
  }
  return { finding: null, cases, slowestMs };
}

/** Once more, and once more: the collector of garbage, or a compiler, may have been at work. */
async function isSlow(entry: EntryPoint, seed: number): Promise<boolean> {
  const leastMs = async (size: number): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run += 1) least = Math.min(least, await timed(entry, seed, size));
    return least;
  };
  const wholeMs = await leastMs(entry.size);
  if (wholeMs <= entry.limitMs) return false;
  return entry.leastShareOfQuarter === undefined || (await leastMs(entry.size / 4)) < wholeMs * entry.leastShareOfQuarter;
}

async function timed(entry: EntryPoint, seed: number, size: number): Promise<number> {
  const draw = drawFrom(createSeededRandom(seed));
  const before = process.cpuUsage();
  await entry.run(draw, size);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
