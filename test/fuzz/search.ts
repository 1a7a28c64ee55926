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
  /** Makes an input from the draws. @returns takes it in, which is what is measured; rejects where it was met with a fault instead of an answer. */
  make(draw: Draw, size: number): () => Promise<void>;
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
  /** The slowest that was no finding; of one that was measured again, what it took at least. */
  readonly slowestMs: number;
  /** So many took too long once, and not again: it was the collector of garbage, a compiler, or another process. */
  readonly disturbed: number;
}

/** What took too long once is measured so often, until it does not. */
const REPEATS = 8;

/** Tries one case after the other until one is a finding, or the time is over. */
export async function search(entry: EntryPoint, { seed, forMs, mostCases = Number.POSITIVE_INFINITY }: Search): Promise<Searched> {
  const untilMs = performance.now() + forMs;
  let [slowestMs, disturbed, cases] = [0, 0, 0];
  for (; cases < mostCases && (cases === 0 || performance.now() < untilMs); cases += 1) {
    const own = seed + cases;
    const found = (what: string): Searched => ({ finding: { entry: entry.name, seed: own, what }, cases: cases + 1, slowestMs, disturbed });
    try {
      const onceMs = await timed(entry, own, entry.size);
      const isSuspect = onceMs > entry.limitMs;
      const tookMs = isSuspect ? await leastMs(entry, own, entry.size, entry.limitMs) : onceMs;
      if (tookMs > entry.limitMs && (await isOutOfProportion(entry, own, tookMs)))
        return found(`takes ${Math.round(tookMs)} ms of processor time`);
      disturbed += isSuspect ? 1 : 0;
      slowestMs = Math.max(slowestMs, tookMs);
    } catch (fault) {
      return found(String(fault));
    }
  }
  return { finding: null, cases, slowestMs, disturbed };
}

/** Of as many runs as it takes to have one within the limit. */
async function leastMs(entry: EntryPoint, seed: number, size: number, limitMs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < REPEATS && least > limitMs; run += 1) least = Math.min(least, await timed(entry, seed, size));
  return least;
}

async function isOutOfProportion(entry: EntryPoint, seed: number, wholeMs: number): Promise<boolean> {
  const share = entry.leastShareOfQuarter;
  return share === undefined || (await leastMs(entry, seed, entry.size / 4, 0)) < wholeMs * share;
}

async function timed(entry: EntryPoint, seed: number, size: number): Promise<number> {
  const take = entry.make(drawFrom(createSeededRandom(seed)), size);
  const before = process.cpuUsage();
  await take();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
