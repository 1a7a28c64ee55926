/**
 * Plays random outages against the whole service below HTTP, in virtual time, and holds it to every invariant
 * (test/simulation). With --seed N one seed, and prints what happened; with --seeds COUNT as many, from --from N (1) on, and
 * stops at the first that breaks an invariant. To use more cores run it several times, from different seeds.
 */
import { parseArgs } from 'node:util';
import { judgedSeed } from '../test/simulation/judged-seed.ts';
import { hashOf, traceOf } from '../test/simulation/trace.ts';

const TOLD_EVERY_MS = 10_000;
const MOST_SEED = 2 ** 32 - 1;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string' }, from: { type: 'string', default: '1' } },
});
if (values.seeds !== undefined) await simulateMany(wholeNumber('--from', values.from), wholeNumber('--seeds', values.seeds));
else await simulateOne(wholeNumber('--seed', values.seed ?? '1'));

async function simulateOne(seed: number): Promise<void> {
  const { played, complaint } = await judgedSeed(seed);
  if (played !== null) console.log([...traceOf(played), `trace ${hashOf(played)}`].join('\n'));
  if (complaint === null) console.log(`seed ${seed} keeps every invariant`);
  else complain(complaint);
}

async function simulateMany(from: number, count: number): Promise<void> {
  const startedMs = performance.now();
  let toldMs = startedMs;
  for (let seed = from; seed < from + count; seed += 1) {
    const { complaint } = await judgedSeed(seed);
    if (complaint !== null) {
      complain(complaint);
      return;
    }
    if (performance.now() - toldMs < TOLD_EVERY_MS) continue;
    toldMs = performance.now();
    const done = seed - from + 1;
    console.log(`${done} of ${count} seeds, ${((toldMs - startedMs) / done).toFixed(1)} ms each`);
  }
  console.log(`${count} seeds from ${from} on keep every invariant`);
}

function wholeNumber(option: string, text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MOST_SEED) return number;
  console.error(`${option} must be a whole number up to ${MOST_SEED}, not ${text}`);
  process.exit(2);
}

function complain(complaint: string): void {
  console.error(complaint);
  process.exitCode = 1;
}
