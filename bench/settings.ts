/** How long the benches are, from the environment. */

/** Two processes that do the very same differ by a tenth, for as long as they live: no single one says anything. */
export const STARTS = Number(process.env['BENCH_STARTS'] ?? 3);
export const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
export const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
/** On a busy machine code that is not compiled yet shows as a service that is three times as slow. */
export const WARM_UP_SECONDS = Number(process.env['BENCH_WARM_UP_SECONDS'] ?? 20);
