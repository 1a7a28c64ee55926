import { defineConfig } from 'vitest/config';

/** The tests that mutants are tried on: the fast ones of the rooms that decide. Used by Stryker alone. */
export default defineConfig({
  test: {
    include: ['test/probe/**/*.test.ts', 'test/resilience/**/*.test.ts'],
    setupFiles: ['test/support/properties.ts'],
    // The same cases for each mutant.
    provide: { properties: { seed: 1, numRuns: 300 } },
    testTimeout: 15_000,
  },
});
