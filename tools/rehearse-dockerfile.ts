/**
 * Proves the Dockerfile without an engine: carries its steps out in temporary folders with this machine's node, then
 * looks at the resulting tree and runs its commands. It proves nothing about the base image and the engine's isolation.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyBuildContext } from './build-context.ts';
import { parseDockerfile } from './dockerfile.ts';
import { buildImage } from './image-build.ts';
import { baseProblems, contentProblems, makeReadOnly, makeRemovable } from './image-content.ts';
import { tryImage } from './image-run.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string): void => console.log(`ok  ${line}`);
const folder = mkdtempSync(join(tmpdir(), 'chat-probe-image-'));
try {
  await rehearse();
  console.log('The Dockerfile was rehearsed.');
} catch (fault) {
  console.error(`NOT OK  ${fault instanceof Error ? fault.message : String(fault)}`);
  process.exitCode = 1;
} finally {
  makeRemovable(folder);
  rmSync(folder, { recursive: true, force: true });
}

async function rehearse(): Promise<void> {
  // The unprivileged user must be able to come here.
  chmodSync(folder, 0o755);
  const stages = parseDockerfile(readFileSync(join(repository, 'Dockerfile'), 'utf8'));
  const bases = baseProblems(stages.map(({ base }) => base));
  if (bases.length > 0) throw new Error(bases.join('\n'));
  const context = join(folder, 'context');
  mkdirSync(context);
  say(`${copyBuildContext(repository, context)} files in the build context`);

  const image = buildImage(stages, context, folder, say);
  const problems = contentProblems(image);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  say('the image holds what runs and nothing else: no source, test, development package or secret');

  makeReadOnly(image.root);
  await tryImage(image, say);
}
