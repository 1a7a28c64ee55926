import { givenOptions, refuseWords, wholeNumberOption, wordOption } from '../../src/cli/given-options.ts';
import type { PlayOrder } from './play-order.ts';
import { DEMO, MAX_CHATS, MAX_SEED } from './play-order.ts';

/** What the simulator was asked to do. */
export type SimulatorCommand =
  | { readonly run: 'play'; readonly order: PlayOrder; readonly control: boolean }
  | { readonly run: 'help' }
  | { readonly run: 'refuse'; readonly problems: readonly string[] };

export const SIMULATOR_USAGE = `Usage: npm run simulator -- [--scenario NAME] [--chats N] [--seed N] [--control]

Serves a simulated Interaction Server as a gateway, in real time. Without a scenario it is the demo world.

  --scenario NAME  one of scenarios/, without its ending, or demo
  --chats N        how many chats there are, 1 to ${MAX_CHATS}; not for the demo world
  --seed N         0 to ${MAX_SEED}; the scenario's own unless given
  --control        steer it under /sim also where it listens beyond loopback; on loopback that is always so
  --help           print this

CHATPROBE_SIM_HOST and CHATPROBE_SIM_PORT say where it listens.
`;

const VALUED: readonly string[] = ['--scenario', '--chats', '--seed'];
const FLAGS: readonly string[] = ['--control', '--help'];

/** Reads the arguments after the program's name. Tells every problem in one go; never throws. */
export function readSimulatorOptions(args: readonly string[], scenarios: readonly string[]): SimulatorCommand {
  const given = givenOptions(args, VALUED, FLAGS);
  const { values, problems } = given;
  refuseWords(given, [...VALUED, ...FLAGS]);
  const scenario = wordOption(given, '--scenario', scenarios);
  const chats = wholeNumberOption(given, '--chats', 1, MAX_CHATS);
  if (values.has('--chats') && (values.get('--scenario') ?? DEMO) === DEMO)
    problems.push('--chats is not for the demo world, which has chats of its own');
  const seed = wholeNumberOption(given, '--seed', 0, MAX_SEED);
  if (problems.length > 0) return { run: 'refuse', problems };
  if (values.has('--help')) return { run: 'help' };
  return { run: 'play', order: { scenario, chats, seed }, control: values.has('--control') };
}
