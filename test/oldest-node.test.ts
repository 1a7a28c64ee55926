import { readFileSync } from 'node:fs';
import { satisfies, validRange } from 'semver';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const OLDEST = manifest.engines.node.replace(/^>=/, '');
/** A list in packages of old: then it says nothing of Node.js. */
interface Locked {
  readonly engines?: { readonly node?: string } | readonly string[];
}
const LOCK: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(read('package-lock.json'));

it('no package of the lock file, for development too, wants a newer Node.js than the manifest does', () => {
  const ranges = Object.entries(LOCK.packages).flatMap(([path, { engines }]) =>
    engines !== undefined && 'node' in engines && engines.node !== undefined ? [{ path, range: engines.node }] : [],
  );
  expect(ranges.length).toBeGreaterThan(200);
  // A range that semver cannot read would prove nothing; to `satisfies` it is one that nothing lies in.
  expect(ranges.filter(({ range }) => validRange(range) === null || !satisfies(OLDEST, range))).toEqual([]);
});

it('the types of Node.js are those of its line', () => {
  expect(manifest.devDependencies['@types/node'].split('.')[0]).toBe(OLDEST.split('.')[0]);
});

it.each(['README.md', 'CONTRIBUTING.md', 'docs/dependencies.md'])('%s names it', (file) => {
  expect(read(file)).toContain(`Node.js ${OLDEST} `);
});
