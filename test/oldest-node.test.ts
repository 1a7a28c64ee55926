import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { isInRange } from './support/version-range.ts';

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
  expect(ranges.filter(({ range }) => !isInRange(OLDEST, range))).toEqual([]);
});

it('the types of Node.js are those of its line', () => {
  expect(manifest.devDependencies['@types/node'].split('.')[0]).toBe(OLDEST.split('.')[0]);
});

it.each(['README.md', 'CONTRIBUTING.md', 'docs/dependencies.md'])('%s names it', (file) => {
  expect(read(file)).toContain(`Node.js ${OLDEST} `);
});

it.each([
  ['>=20.18.1', true],
  ['>=20.18.2', false],
  ['>= 18', true],
  ['^20.19.0 || ^22.13.0 || >=24', false],
  ['^18.18.0 || ^20.9.0 || >=21.1.0', true],
  ['>=22.12.0 || >=20.19.0 <21.0.0', false],
  ['>=20.10.0 <21.0.0', true],
  ['<20.18.1', false],
  ['<=20', true],
  ['<=20.17', false],
  ['>20', false],
  ['>20.17', true],
  ['20', true],
  ['20.x', true],
  ['=20.18.1', true],
  ['21', false],
  ['10.* || >= 12.*', true],
  ['^6 || ^8', false],
  ['^0.3.1', false],
  ['*', true],
  ['', true],
])('20.18.1 in the range "%s": %s', (range, isIn) => {
  expect(isInRange('20.18.1', range)).toBe(isIn);
});

it.each(['~20.1.0', '18 - 20', '>=20.0.0-rc.1', 'lts'])('the range "%s" is refused rather than misread', (range) => {
  expect(() => isInRange('20.18.1', range)).toThrow('is no version that is known here');
});
