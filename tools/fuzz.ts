/**
 * Searches for inputs that take too long, or end in a fault: bodies, observations, queries and headers, replies of gateways, configuration files. `npm run fuzz
 * -- --help` tells how to ask for it.
 */
import { parseArgs } from 'node:util';
import { openEntryPoints } from '../test/fuzz/entry-points.ts';
import { search } from '../test/fuzz/search.ts';

const EXIT_USAGE = 64;
const USAGE = `npm run fuzz -- [--seconds N] [--seed N] [--only NAME] [--cases N]

  --seconds N  how long each way in is searched (60)
  --seed N     where to begin: a finding's seed plays it again as the first case (by chance)
  --only NAME  bodies, observations, queries, replies or configurations
  --cases N    at most so many cases each
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string' },
    cases: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const { only, help } = values;
const [seconds, seed, cases] = [values.seconds, values.seed, values.cases ?? 'Infinity'].map(Number);
const { entries, close } = await openEntryPoints();
const chosen = entries.filter(({ name }) => only === undefined || name === only);

if (help || chosen.length === 0 || [seconds, seed, cases].some((number) => number === undefined || Number.isNaN(number))) {
  process.stdout.write(USAGE);
  process.exitCode = help ? 0 : EXIT_USAGE;
} else {
  console.log(`seed ${seed}`);
  for (const entry of chosen) {
    const found = await search(entry, { seed: seed ?? 0, forMs: (seconds ?? 60) * 1_000, mostCases: cases ?? 1 });
    const again = found.disturbed === 0 ? '' : `; ${found.disturbed} took longer once, and not when measured again`;
    console.log(`${entry.name}: ${found.cases} cases, the slowest ${found.slowestMs.toFixed(0)} of ${entry.limitMs} ms${again}`);
    if (found.finding === null) continue;
    console.error(
      `FOUND in ${entry.name}: ${found.finding.what}\n  npm run fuzz -- --only ${entry.name} --cases 1 --seed ${found.finding.seed}`,
    );
    process.exitCode = 1;
  }
}
await close();
