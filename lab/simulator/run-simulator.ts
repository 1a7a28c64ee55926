import { isLoopback } from '../../src/config/loopback.ts';
import { realClock } from '../../src/probe/clock.ts';
import { createShutdownSignals } from '../../src/process/shutdown-signals.ts';
import { announcement } from './announcement.ts';
import { type ListenOptions, listenFault, readListenOptions } from './listen-options.ts';
import { type Simulator, startSimulator } from './network/network-face.ts';
import { createPlayback, type Playback } from './playback.ts';
import type { ScenarioLibrary } from './scenario/scenario-files.ts';
import { readSimulatorOptions, SIMULATOR_USAGE } from './simulator-options.ts';
import { createSteerableClock, type SteerableClock } from './steerable-clock.ts';

/** What the simulator needs of the process that it runs in. */
export interface HostProcess {
  /** The arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly scenarios: ScenarioLibrary;
  /** Writes a text as it is to the standard output. */
  print(text: string): void;
  /** Writes a text as it is to the standard error. */
  complain(text: string): void;
  /** Calls back on each signal that asks the process to end. */
  onStopSignal(listener: () => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** EX_USAGE, EX_DATAERR and EX_CONFIG of sysexits.h. */
const EXIT_USAGE = 64;
const EXIT_BAD_SCENARIO = 65;
const EXIT_BAD_CONFIG = 78;
const EXIT_CANNOT_LISTEN = 1;
const EXIT_UNCLEAN = 1;

/**
 * Serves the demo world, or the scenario that the arguments name, until a signal comes. Resolves once it listens, with 0,
 * or with the exit code if it cannot.
 */
export async function runSimulator(host: HostProcess): Promise<number> {
  const clock = createSteerableClock(realClock);
  const stage = createPlayback(clock, host.scenarios);
  const command = readSimulatorOptions(host.args, stage.names);
  if (command.run === 'refuse') return fail(host, command.problems, EXIT_USAGE);
  if (command.run === 'help') {
    host.print(SIMULATOR_USAGE);
    return 0;
  }
  const read = readListenOptions(host.env);
  if (!read.ok) return fail(host, read.problems, EXIT_BAD_CONFIG);
  if (read.ignored.length > 0) host.complain(`chat-probe simulator: ignored, as injected by Kubernetes: ${read.ignored.join(', ')}\n`);
  const ordered = stage.play(command.order);
  if (!ordered.ok) {
    const problems = ordered.problems.map(({ problem }) => problem);
    return fail(host, problems, EXIT_BAD_SCENARIO);
  }
  return serve(host, read.options, stage, command.control || isLoopback(read.options.host) ? clock : null);
}

/** @param clock what to steer by, null to keep hands off. */
async function serve(host: HostProcess, options: ListenOptions, stage: Playback, clock: SteerableClock | null): Promise<number> {
  try {
    const control = clock === null ? {} : { control: { stage, clock } };
    const simulator = await startSimulator({ ...options, world: stage.world, ...control });
    stopWhenAsked(host, simulator);
    host.print(announcement(simulator.url, stage.playing(), clock !== null));
    return 0;
  } catch (fault) {
    return fail(host, [listenFault(fault, options)], EXIT_CANNOT_LISTEN);
  }
}

/** A first signal closes and ends with 0, a second one ends at once. */
function stopWhenAsked(host: HostProcess, simulator: Simulator): void {
  const signals = createShutdownSignals({
    clock: realClock,
    env: host.env,
    stop: () =>
      void simulator.close().then(
        () => host.exit(0),
        () => host.exit(EXIT_UNCLEAN),
      ),
    exitAtOnce: () => host.exit(EXIT_UNCLEAN),
  });
  host.onStopSignal(signals.signalled);
}

function fail(host: HostProcess, problems: readonly string[], exitCode: number): number {
  for (const problem of problems) host.complain(`chat-probe simulator: ${problem}\n`);
  return exitCode;
}
