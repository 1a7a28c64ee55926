/**
 * Lints the three API descriptions by redocly.yaml, without a network. The linter's own command line (@redocly/cli) no longer
 * runs on the oldest Node.js that must do; what it lints with does.
 */
import { fileURLToPath } from 'node:url';
import { formatProblems, getTotals, lint, loadConfig } from '@redocly/openapi-core';

const DESCRIPTIONS = ['openapi.yaml', 'simulator.openapi.yaml', 'gateway.openapi.yaml'];

const config = await loadConfig({ configPath: fileURLToPath(new URL('../redocly.yaml', import.meta.url)) });
for (const name of DESCRIPTIONS) {
  const problems = await lint({ ref: fileURLToPath(new URL(`../${name}`, import.meta.url)), config });
  if (problems.length === 0) {
    console.log(`${name} has no lint`);
    continue;
  }
  process.exitCode = 1;
  formatProblems(problems, { format: 'stylish', totals: getTotals(problems), version: '' });
}
