/** How long the benches are, and what they run with, from the environment. */

/** Two processes that do the very same differ by a tenth, for as long as they live: no single one says anything. */
export const STARTS = Number(process.env['BENCH_STARTS'] ?? 3);
export const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
export const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
/** On a busy machine code that is not compiled yet shows as a service that is three times as slow. */
export const WARM_UP_SECONDS = Number(process.env['BENCH_WARM_UP_SECONDS'] ?? 20);

/** What Node.js shall run a contestant with, from an environment variable; undefined where that is not set. */
export function flagsFrom(variable: string): readonly string[] | undefined {
  return process.env[variable]?.split(' ').filter((flag) => flag !== '');
}

export const inWords = (flags: readonly string[]): string => flags.join(' ') || 'no flags';
