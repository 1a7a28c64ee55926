/**
 * Writes openapi.yaml and simulator.openapi.yaml from the routes; with --check compares instead. The first is the document
 * of the default configuration.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { currentOpenApi, currentSimulatorOpenApi } from '../test/support/openapi-text.ts';

const DOCUMENTS = [
  ['openapi.yaml', currentOpenApi],
  ['simulator.openapi.yaml', currentSimulatorOpenApi],
] as const;

for (const [name, current] of DOCUMENTS) {
  const file = new URL(`../${name}`, import.meta.url);
  const text = await current();
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    console.log(`${name} written`);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is not what the routes say: run npm run openapi`);
    process.exitCode = 1;
  } else {
    console.log(`${name} is what the routes say`);
  }
}
