import { runSimulator } from './run-simulator.ts';
import { scenariosIn } from './scenario/scenario-files.ts';

process.exitCode = await runSimulator({
  args: process.argv.slice(2),
  env: process.env,
  // The same from src/ and from dist/.
  scenarios: scenariosIn(new URL('../../../scenarios/', import.meta.url)),
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  onStopSignal: (listener) => process.on('SIGTERM', listener).on('SIGINT', listener),
  exit: (code) => process.exit(code),
});
