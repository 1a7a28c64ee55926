/** Writes the generated files of deploy/kubernetes/; a test compares. */
import { writeFileSync } from 'node:fs';
import { BASE } from './kubernetes/base.ts';
import { DEMO } from './kubernetes/demo.ts';
import { textOf } from './kubernetes/manifest.ts';
import { PRODUCTION } from './kubernetes/production.ts';

for (const manifest of [...BASE, ...DEMO, ...PRODUCTION]) {
  const file = new URL(`../deploy/kubernetes/${manifest.file}`, import.meta.url);
  writeFileSync(file, textOf(manifest));
  console.log(`deploy/kubernetes/${manifest.file} written`);
}
