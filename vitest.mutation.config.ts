import { defineConfig } from 'vitest/config';

/** Enough for a wrong rule to show, few enough to be tried on each mutant, and always the same ones. */
const FEWER_RUNS = 'numRuns: 300, seed: 1';

/** The tests that mutants are tried on: the fast ones of the rooms that decide. Used by Stryker alone. */
export default defineConfig({
  plugins: [
    {
      name: 'fewer-runs',
      enforce: 'pre',
      transform: (code, id) => (id.includes('/test/') ? code.replaceAll(/numRuns: [\d_]+(?= \})/g, FEWER_RUNS) : null),
    },
  ],
  test: {
    include: ['test/probe/**/*.test.ts', 'test/resilience/**/*.test.ts'],
    testTimeout: 15_000,
  },
});
