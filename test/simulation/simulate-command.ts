import { parseArgs } from 'node:util';

/** What `npm run simulate` can be asked for. */
export type SimulateCommand =
  | { readonly run: 'one'; readonly seed: number }
  | { readonly run: 'many'; readonly from: number; readonly seeds: number }
  | { readonly run: 'help' }
  | { readonly run: 'refuse'; readonly problem: string };

const MOST_SEED = 2 ** 32 - 1;

export const SIMULATE_USAGE = `Usage: npm run simulate -- [--seed N]
       npm run simulate -- --seeds COUNT [--from N]

Plays random outages against the whole service below HTTP, in virtual time, and holds it to every invariant of
test/simulation. To use more cores run it several times, from different seeds.

  --seed N         plays one, 1 unless given, and prints what happened
  --seeds COUNT    plays so many and stops at the first that breaks an invariant
  --from N         the first of them; 1 unless given
  --help           print this

Seeds are whole numbers up to ${MOST_SEED}. Exits with 1 where an invariant was broken, with 64 for options that it does not know.
`;

/** Reads the arguments after the program's name. Never throws. */
export function readSimulateCommand(args: readonly string[]): SimulateCommand {
  const values = valuesOf(args);
  if (typeof values === 'string') return { run: 'refuse', problem: values };
  if (values.help === true) return { run: 'help' };
  if (values.seed !== undefined && (values.seeds ?? values.from) !== undefined)
    return { run: 'refuse', problem: '--seed goes without --seeds and --from' };
  if (values.from !== undefined && values.seeds === undefined) return { run: 'refuse', problem: '--from needs --seeds' };
  const numbers = { seed: values.seed ?? '1', seeds: values.seeds ?? '1', from: values.from ?? '1' };
  for (const [option, text] of Object.entries(numbers)) {
    const isWhole = /^\d{1,10}$/.test(text) && Number(text) <= MOST_SEED;
    if (!isWhole) return { run: 'refuse', problem: `--${option} must be a whole number up to ${MOST_SEED}, not ${JSON.stringify(text)}` };
  }
  if (values.seeds === undefined) return { run: 'one', seed: Number(numbers.seed) };
  return { run: 'many', from: Number(numbers.from), seeds: Number(numbers.seeds) };
}

/** The options given, or what cannot be read as one. */
function valuesOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...args], options: { seed: text, seeds: text, from: text, help: { type: 'boolean' } } }).values;
  } catch (fault) {
    return fault instanceof Error ? (fault.message.split('\n')[0] ?? '') : String(fault);
  }
}
