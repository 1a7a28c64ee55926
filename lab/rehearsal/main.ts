import { scenariosIn } from '../simulator/scenario/scenario-files.ts';
import { runRehearsal } from './run-rehearsal.ts';

process.exitCode = await runRehearsal({
  args: process.argv.slice(2),
  // Beside package.json, seen from the sources as from what is built of them.
  scenarios: scenariosIn(new URL('../../../scenarios/', import.meta.url)),
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
