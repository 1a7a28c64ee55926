/**
 * Prints a software bill of materials (CycloneDX 1.6, JSON) of what production installs: every package of the lock file that is not for
 * development alone, with its hash and licence. Reads nothing but the lock file, and is the same for the same lock file.
 *
 *   npm run -s sbom > sbom.json
 *
 * Not `npm sbom`: npm 11.19 takes the packages that `overrides` lift for wrong ones (ESBOMPROBLEMS), and prints nothing.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** As far as a bill of materials needs it; the package itself stands under the empty path. */
export interface LockFile {
  readonly name: string;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const ROOT = '';
const FOLDER = 'node_modules/';

export function billOfMaterials({ name, packages }: LockFile) {
  const paths = Object.keys(packages).filter((path) => path !== ROOT && packages[path]?.dev !== true);
  const refOf = (path: string): string => {
    const named = path === ROOT ? name : path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);
    return `pkg:npm/${named.replace('@', '%40')}@${packages[path]?.version}`;
  };
  const root = { type: 'application', 'bom-ref': refOf(ROOT), name, version: packages[ROOT]?.version, purl: refOf(ROOT) };
  const byRef = new Map(paths.map((path) => [refOf(path), path]));
  const components = [...byRef].sort().map(([ref, path]) => componentOf(path, ref, packages[path]));
  const dependencies = [[refOf(ROOT), ROOT] as const, ...[...byRef].sort()].map(([ref, path]) => ({
    ref,
    dependsOn: [
      ...new Set(Object.keys(packages[path]?.dependencies ?? {}).map((needed) => refOf(foundFrom(path, needed, packages)))),
    ].sort(),
  }));
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: root }, components, dependencies };
}

function componentOf(path: string, ref: string, locked: LockedPackage | undefined) {
  const [algorithm = '', digest = ''] = (locked?.integrity ?? '').split('-');
  const content = Buffer.from(digest, 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': ref,
    name: path.slice(path.lastIndexOf(FOLDER) + FOLDER.length),
    version: locked?.version,
    hashes: content === '' ? [] : [{ alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content }],
    licenses: locked?.license === undefined ? [] : [{ expression: locked.license }],
    purl: ref,
  };
}

/** Where Node.js finds a package: in the folder of the one that needs it, else in those around it. */
function foundFrom(path: string, needed: string, packages: LockFile['packages']): string {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(`/${FOLDER}`)))) {
    const candidate = folder === ROOT ? FOLDER + needed : `${folder}/${FOLDER}${needed}`;
    if (packages[candidate] !== undefined) return candidate;
    if (folder === ROOT) throw new Error(`the lock file lacks ${needed}, which ${path} needs`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as LockFile;
  process.stdout.write(`${JSON.stringify(billOfMaterials(lock), null, 2)}\n`);
}
