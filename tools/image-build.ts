import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, join, posix, resolve, sep } from 'node:path';
import type { Stage, Step } from './dockerfile.ts';

/** A stage carried out: its files stand under `root` as they would under `/`. */
export interface BuiltStage {
  readonly stage: Stage;
  readonly root: string;
  readonly workdir: string;
}

/**
 * Carries out the COPY and RUN steps of all stages with this machine's node and npm, each stage in a folder of its own
 * under `folder`. The files of the base image are not there: what runs comes from this machine.
 *
 * @returns the last stage, which becomes the image.
 */
export function buildImage(stages: readonly Stage[], context: string, folder: string, say: (line: string) => void): BuiltStage {
  const built: BuiltStage[] = [];
  for (const stage of stages) built.push(buildStage(stage, built, context, join(folder, `stage-${stage.name}`), say));
  const last = built.at(-1);
  if (last === undefined) throw new Error('there is no stage');
  return last;
}

function buildStage(stage: Stage, earlier: readonly BuiltStage[], context: string, root: string, say: (line: string) => void): BuiltStage {
  if (earlier.some((other) => other.stage.name === stage.base)) throw new Error('FROM an earlier stage is not rehearsed');
  mkdirSync(root);
  let workdir = '/';
  for (const step of stage.steps) {
    say(`${stage.name}: ${describe(step)}`);
    if (step.step === 'workdir') {
      workdir = posix.resolve(workdir, step.path);
      mkdirSync(inside(root, workdir), { recursive: true });
    } else if (step.step === 'copy') copy(step, step.from === null ? context : rootOf(step.from, earlier), root, workdir);
    else run(step.command, inside(root, workdir), stage.env);
  }
  return { stage, root, workdir };
}

function describe(step: Step): string {
  if (step.step === 'workdir') return `WORKDIR ${step.path}`;
  if (step.step === 'run') return `RUN ${step.command}`;
  return `COPY ${step.from === null ? '' : `--from=${step.from} `}${step.paths.join(' ')} ${step.to}`;
}

function rootOf(name: string, earlier: readonly BuiltStage[]): string {
  const found = earlier.find(({ stage }) => stage.name === name);
  if (found === undefined) throw new Error(`COPY --from=${name} names no earlier stage`);
  return found.root;
}

/** As Docker does it: a folder gives its contents; a destination that ends in a slash is a folder. */
function copy(step: Extract<Step, { step: 'copy' }>, source: string, root: string, workdir: string): void {
  const target = inside(root, posix.resolve(workdir, step.to));
  const intoFolder = /(^|\/)\.?\/?$/.test(step.to) || step.to.endsWith('/') || step.paths.length > 1;
  for (const path of step.paths) {
    const from = inside(source, path);
    if (!existsSync(from))
      throw new Error(`COPY: ${path} is not there: git does not track it, .dockerignore keeps it back, or no step made it`);
    const isFolder = statSync(from).isDirectory();
    cpSync(from, isFolder || !intoFolder ? target : join(target, basename(path)), { recursive: true, verbatimSymlinks: true });
  }
}

function inside(root: string, path: string): string {
  const found = resolve(root, `.${posix.resolve('/', path)}`);
  if (found !== root && !found.startsWith(root + sep)) throw new Error(`${path} leads out of the tree`);
  return found;
}

function run(command: string, cwd: string, env: Readonly<Record<string, string>>): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, env: { ...hostEnvironment(), ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}\n${stdout}${stderr}`);
}

/** This machine's way to its registry and its programs, but nothing that would set up the service or npm's mode. */
function hostEnvironment(): Record<string, string> {
  const ours = /^(CHATPROBE_|NODE_ENV$|NODE_OPTIONS$|npm_)/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined || ours.test(name) ? [] : [[name, value]])),
  );
}
