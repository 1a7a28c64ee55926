import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Files named so are left out of `npm test` and played by `npm run test:all`. */
const SLOW = 'test/**/*.slow.test.ts';
/** Files that put other modules in the place of ours, or look at what is loaded: they cannot share that with the files before them, as the others do. */
const ISOLATED = 'test/**/*.isolated.test.ts';

const LARGEST_SEED = 2 ** 31 - 1;
/** Other cases in each run; `PROPERTY_SEED` plays those of a run again, `PROPERTY_RUNS` plays more of them. */
const properties = {
  seed: Number(process.env['PROPERTY_SEED'] ?? randomInt(LARGEST_SEED)),
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300),
};
/** Ten thousand cases take longer than three hundred. */
const patience = Math.max(1, properties.numRuns / 1_000);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'everyday', include: ['test/**/*.test.ts'], exclude: [SLOW, ISOLATED], isolate: false } },
      { extends: true, test: { name: 'everyday-isolated', include: [ISOLATED] } },
      // They mostly wait.
      {
        extends: true,
        test: { name: 'node-red', include: ['test/examples/node-red.check.ts'], globalSetup: ['test/examples/node-red-install.ts'] },
      },
      { extends: true, test: { name: 'slow', include: [SLOW], maxWorkers: 3, sequence: { groupOrder: 1 } } },
    ],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/properties.ts', 'test/support/leak-tap.ts'],
    provide: { properties },
    // Some tests wait.
    maxWorkers: availableParallelism() + 1,
    // Tests that run beside each other in one file wait nearly all the time.
    maxConcurrency: 16,
    // A test that hangs is rare; a machine that is busy is not. What must be quick is measured where it matters.
    testTimeout: 60_000 * patience,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'lab/**/*.ts'],
      // Slow tests run them: a browser, and a real store.
      exclude: ['src/browser/**', 'src/store/redis-*.ts'],
      reporter: ['text', 'json-summary'],
      // By the everyday tests; the slow ones reach more of the lab.
      thresholds: {
        'src/**': { lines: 95, branches: 95 },
        'src/probe/**': { lines: 100, branches: 100 },
        'lab/**': { lines: 95, branches: 85 },
      },
    },
  },
});

declare module 'vitest' {
  export interface ProvidedContext {
    properties: { readonly seed: number; readonly numRuns: number };
  }
}
