import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

/** Tests of the processes start `dist/`, so it is built first. Where nothing has changed this takes a second. */
export function setup(project: TestProject): void {
  if (!project.isRootProject()) return;
  execFileSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' });
  const { seed, numRuns } = project.vitest.config.provide.properties ?? { seed: '?', numRuns: '?' };
  process.stdout.write(`Properties: ${numRuns} runs each; PROPERTY_SEED=${seed} plays the same again.\n`);
}
