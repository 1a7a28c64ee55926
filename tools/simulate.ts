/**
 * Plays random outages against the whole service below HTTP, in virtual time, and holds it to every invariant
 * (test/simulation). `--help` tells how to ask for it.
 */
import { judgedSeed } from '../test/simulation/judged-seed.ts';
import { readSimulateCommand, SIMULATE_USAGE } from '../test/simulation/simulate-command.ts';
import { hashOf, traceOf } from '../test/simulation/trace.ts';
import { createProgress } from './progress.ts';

const EXIT_USAGE = 64;

const command = readSimulateCommand(process.argv.slice(2));
switch (command.run) {
  case 'one':
    await simulateOne(command.seed);
    break;
  case 'many':
    await simulateMany(command.from, command.seeds);
    break;
  case 'help':
    process.stdout.write(SIMULATE_USAGE);
    break;
  case 'refuse':
    console.error(`${command.problem} (--help tells more)`);
    process.exitCode = EXIT_USAGE;
    break;
}

async function simulateOne(seed: number): Promise<void> {
  const { played, complaint } = await judgedSeed(seed);
  if (played !== null) console.log([...traceOf(played), `trace ${hashOf(played)}`].join('\n'));
  if (complaint === null) console.log(`seed ${seed} keeps every invariant`);
  else complain(complaint);
}

async function simulateMany(from: number, count: number): Promise<void> {
  const startedMs = performance.now();
  const progress = createProgress(count, process.stdout, () => performance.now());
  for (let done = 1; done <= count; done += 1) {
    const { complaint } = await judgedSeed(from + done - 1);
    if (complaint !== null) {
      progress.clear();
      complain(complaint);
      return;
    }
    await progress.tell(done, () => `${done} of ${count} seeds, ${((performance.now() - startedMs) / done).toFixed(1)} ms each`);
  }
  progress.clear();
  console.log(`${count} seeds from ${from} on keep every invariant`);
}

function complain(complaint: string): void {
  console.error(complaint);
  process.exitCode = 1;
}
