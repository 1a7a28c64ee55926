import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltStage } from './image-build.ts';

/** The line of Node.js that images ship (docs/dependencies.md). */
const BASE = /^node:24\.\d+\.\d+-[a-z]+-slim$/;
const EXPECTED = ['LICENSE', 'dist', 'node_modules', 'package.json', 'scenarios'];

/** What is wrong with the files of the image, one line each; none if it holds exactly what runs. */
export function contentProblems({ root, workdir, stage }: BuiltStage): readonly string[] {
  const app = join(root, workdir);
  const found = readdirSync(app).sort();
  const owned = stage.steps.some((step) => step.step === 'copy' && step.owner !== null);
  return [
    ...(found.join() === EXPECTED.join() ? [] : [`${workdir} holds ${found.join(', ')} instead of ${EXPECTED.join(', ')}`]),
    ...filesBelow(join(app, 'dist'))
      .filter((path) => !path.endsWith('.js'))
      .map((path) => `dist holds ${path}, which is no JavaScript`),
    ...packageProblems(app),
    ...userProblems(stage.user),
    ...(owned ? ['COPY --chown gives files away: the service could change them'] : []),
    ...(stage.stopSignal === 'SIGTERM' ? [] : ['STOPSIGNAL is not SIGTERM']),
    ...(stage.ports.length === 1 && stage.ports[0] === stage.env['CHATPROBE_PORT'] ? [] : ['EXPOSE is not CHATPROBE_PORT']),
  ];
}

/** What is wrong with the images that the stages begin with: all must be one, pinned, of the line that is tested. */
export function baseProblems(bases: readonly string[]): readonly string[] {
  const strange = bases
    .filter((base) => !BASE.test(base))
    .map((base) => `FROM ${base} is not Node.js 24, slim, pinned to an exact version`);
  return new Set(bases).size > 1 ? [...strange, `the stages begin with different images: ${[...new Set(bases)].join(', ')}`] : strange;
}

/** Takes every right to write from a tree, and gives everybody the right to read it. */
export function makeReadOnly(path: string): void {
  const { mode } = lstatSync(path);
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path)) makeReadOnly(join(path, name));
    chmodSync(path, 0o555);
  } else if (!lstatSync(path).isSymbolicLink()) chmodSync(path, (mode & 0o100) === 0 ? 0o444 : 0o555);
}

/** Gives its owner back the right to remove a tree. */
export function makeRemovable(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o755);
  for (const name of readdirSync(path)) makeRemovable(join(path, name));
}

/** Exported for its test. */
export function userProblems(user: string | null): readonly string[] {
  if (user === null || /^(root|0+)(:|$)/.test(user)) return ['it runs as root'];
  return /^\d+(:\d+)?$/.test(user) ? [] : [`USER ${user} is no number, so that Kubernetes' runAsNonRoot refuses it`];
}

function packageProblems(app: string): readonly string[] {
  const lock: Lock = JSON.parse(readFileSync(join(app, 'node_modules', '.package-lock.json'), 'utf8'));
  const wanted: Manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
  const missing = Object.keys(wanted.dependencies).filter((name) => !existsSync(join(app, 'node_modules', name)));
  const forDevelopment = Object.entries(lock.packages).filter(([, { dev }]) => dev === true);
  const unlisted = packagesBelow(join(app, 'node_modules'), 'node_modules').filter((path) => lock.packages[path] === undefined);
  return [
    ...missing.map((name) => `the package ${name} is missing`),
    ...forDevelopment.map(([path]) => `${path} is for development only`),
    ...unlisted.map((path) => `${path} is not in the lock file`),
  ];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

function packagesBelow(folder: string, prefix: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${prefix}/${name}/${inner}`) : [`${prefix}/${name}`],
  );
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !lstatSync(join(folder, path)).isDirectory());
}
