import { describe, expect, it } from 'vitest';
import { INVARIANTS, RARELY_AT_STAKE } from './invariants/judgement.ts';
import { judged, judgedSeed } from './judged-seed.ts';
import { ALL_REACHED, reachOf } from './reach.ts';
import { simulate } from './simulate.ts';
import { hashOf } from './trace.ts';

/** Fewer where it is only the runtime that is another. */
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 1_000);
const AT_ONCE = 50;
const CHUNK_TIMEOUT_MS = 60_000;
/** Of all seeds: fewer could miss a fault by chance. */
const FEWEST_AT_STAKE = 5;

const chunks = Array.from({ length: SEEDS / AT_ONCE }, (_, n) => [n * AT_ONCE + 1, (n + 1) * AT_ONCE] as const);

describe('the whole service in random outages', () => {
  const reached = new Set<string>();
  const seedsAtStake = new Map(RARELY_AT_STAKE.map(({ name }) => [name, 0]));

  it.each(chunks)(
    'keeps every invariant with the seeds %i to %i',
    async (from, to) => {
      const complaints: string[] = [];
      for (let seed = from; seed <= to; seed += 1) {
        const { played, complaint, atStake } = await judgedSeed(seed);
        if (complaint !== null) complaints.push(complaint);
        if (played !== null) for (const word of reachOf(played)) reached.add(word);
        for (const name of new Set(atStake)) seedsAtStake.set(name, (seedsAtStake.get(name) ?? 0) + 1);
      }
      expect(complaints.join('\n')).toBe('');
    },
    CHUNK_TIMEOUT_MS,
  );

  it.skipIf(SEEDS < 1_000)('goes through everything that callers, Chat Servers, the way and the service itself can do', () => {
    expect(ALL_REACHED.filter((word) => !reached.has(word))).toEqual([]);
  });

  it.skipIf(SEEDS < 1_000)('puts each of the rarer invariants to the test in some seeds', () => {
    expect([...seedsAtStake].filter(([, seeds]) => seeds < FEWEST_AT_STAKE)).toEqual([]);
  });
});

describe('a simulation', () => {
  it('plays the same each time for the same seed, and differently for another', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const hash = hashOf(await simulate(seed));
      expect(hashOf(await simulate(seed))).toBe(hash);
      hashes.add(hash);
    }
    expect(hashes.size).toBe(20);
  });

  it('tells of a broken invariant by name, with the line that shows it again', async () => {
    const played = await simulate(3);
    const answered = played.log.filter(({ type }) => type === 'answered');
    const { complaint } = judged({ ...played, log: [...played.log, ...answered] });
    expect(complaint).toContain('every request is answered exactly once, or given up by its caller [default]: request ');
    expect(complaint?.split('\n').at(-1)).toBe('see it again: npm run simulate -- --seed 3');
  });

  it('tells its invariants apart by name', () => {
    expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
  });
});
