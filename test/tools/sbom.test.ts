import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };
import { billOfMaterials, type LockFile } from '../../tools/sbom.ts';

const LOCK: LockFile = lock;
const bill = billOfMaterials(LOCK);

describe('the bill of materials', () => {
  it('names every package that production installs, and none that is for development alone', () => {
    const locked = Object.entries(LOCK.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
    const names = new Set(locked.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`));
    expect(bill.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual([...names].sort());
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    expect(bill.components.map(({ name }) => name)).not.toContain('vitest');
  });

  it('tells hash and licence of each', () => {
    for (const { hashes, licenses } of bill.components) {
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[\da-f]{128}$/) }]);
      expect(licenses).toHaveLength(1);
    }
  });

  it('tells what each needs, in terms of what it names', () => {
    const refs = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((component) => component['bom-ref'])]);
    for (const { ref, dependsOn } of bill.dependencies) for (const each of [ref, ...dependsOn]) expect(refs).toContain(each);
    expect(bill.dependencies[0]?.dependsOn).toHaveLength(Object.keys(manifest.dependencies).length);
  });

  it('names no address from where a package came', () => {
    expect(JSON.stringify(bill)).not.toMatch(/https?:|resolved/);
  });
});

it('a package is found from where it is needed: beside others of its name it is the nearest', () => {
  const packages = {
    '': { version: '1.0.0', dependencies: { a: '1', b: '1' } },
    'node_modules/a': { version: '1.0.0', dependencies: { b: '2' } },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': { version: '1.0.0', dev: true },
  };
  expect(billOfMaterials({ name: 'x', packages }).dependencies).toEqual([
    { ref: 'pkg:npm/x@1.0.0', dependsOn: ['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0'] },
    { ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/b@2.0.0'] },
    { ref: 'pkg:npm/b@1.0.0', dependsOn: [] },
    { ref: 'pkg:npm/b@2.0.0', dependsOn: [] },
  ]);
});
