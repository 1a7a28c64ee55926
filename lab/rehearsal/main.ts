import { closeSync, openSync, writeFileSync } from 'node:fs';
import { scenariosIn } from '../simulator/scenario/scenario-files.ts';
import { type OpenedFile, runRehearsal } from './run-rehearsal.ts';

process.exitCode = await runRehearsal({
  args: process.argv.slice(2),
  // Beside package.json, seen from the sources as from what is built of them.
  scenarios: scenariosIn(new URL('../../../scenarios/', import.meta.url)),
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  open,
});

/** What stands in the file stays there until something is written. */
function open(path: string): OpenedFile {
  try {
    closeSync(openSync(path, 'a'));
  } catch (fault) {
    return { ok: false, problem: fault instanceof Error ? fault.message : String(fault) };
  }
  return { ok: true, write: (text) => writeFileSync(path, text) };
}
