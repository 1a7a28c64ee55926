import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { valueAt } from '../../src/schema-tree/tree.ts';
import { after, bare, sorted, table, text } from '../support/pages.ts';

describe('docs/dependencies.md', () => {
  const page = text('docs/dependencies.md');
  const listed = (section: string) =>
    table(after(page, `## ${section}`), 'Package', 'Version', 'Licence').map(([name = '', version, licence]) => [
      bare(name),
      version,
      licence,
    ]);
  const declared = (versions: Readonly<Record<string, string>>) =>
    Object.entries(versions).map(([name, version]) => [
      name,
      version,
      valueAt(JSON.parse(text(`node_modules/${name}/package.json`)), ['license']),
    ]);

  it('names exactly the dependencies of the manifest, with version and licence', () => {
    expect(sorted(listed('In production'))).toEqual(sorted(declared(manifest.dependencies)));
    expect(sorted(listed('For development'))).toEqual(sorted(declared(manifest.devDependencies)));
  });

  it('names exactly the overrides of the manifest', () => {
    const rows = table(page, 'Package', 'Moved to', 'Below').map((row) => row.map(bare));
    const overrides = Object.entries(manifest.overrides).flatMap(([below, lifted]) =>
      Object.entries(lifted).map(([name, version]) => [name, version, below]),
    );
    expect(rows).toEqual(overrides);
  });
});
