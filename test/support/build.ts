import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

/** Tests of the processes start `dist/`, so it must be what `src/` says. Where nothing has changed this takes a second. */
export default function buildAndSayTheSeed(project: TestProject): void {
  if (!project.isRootProject()) return;
  execFileSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' });
  const { seed, numRuns } = project.vitest.config.provide.properties ?? { seed: '?', numRuns: '?' };
  console.log(`Properties: ${numRuns} runs each; PROPERTY_SEED=${seed} plays the same again.`);
}
