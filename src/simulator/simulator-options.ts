import { parseArgs } from 'node:util';
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

const VALUED = ['scenario', 'chats', 'seed'] as const;
const FLAGS = ['control', 'help'] as const;
const KNOWN = [...VALUED, ...FLAGS].map((name) => `--${name}`);

/** Reads the arguments after the program's name. Tells every problem in one go; never throws. */
export function readSimulatorOptions(args: readonly string[], scenarios: readonly string[]): SimulatorCommand {
  const { given, problems } = read(args);
  const scenario = given.get('scenario');
  if (scenario !== undefined && !scenarios.includes(scenario))
    problems.push(`--scenario must be one of ${scenarios.join(', ')}, not ${JSON.stringify(scenario)}`);
  const chats = wholeNumber('chats', given, 1, MAX_CHATS, problems);
  if (given.has('chats') && (scenario ?? DEMO) === DEMO) problems.push('--chats is not for the demo world, which has chats of its own');
  const seed = wholeNumber('seed', given, 0, MAX_SEED, problems);
  if (problems.length > 0) return { run: 'refuse', problems };
  if (given.has('help')) return { run: 'help' };
  return { run: 'play', order: { scenario: scenario ?? null, chats, seed }, control: given.has('control') };
}

/** The options with their values (empty for a flag), and what cannot be read as one. */
function read(args: readonly string[]): { readonly given: ReadonlyMap<string, string>; readonly problems: string[] } {
  const given = new Map<string, string>();
  const problems: string[] = [];
  const options = {
    ...Object.fromEntries(VALUED.map((name) => [name, { type: 'string' } as const])),
    ...Object.fromEntries(FLAGS.map((name) => [name, { type: 'boolean' } as const])),
  };
  for (const token of parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens) {
    if (token.kind !== 'option') {
      if (token.kind === 'positional') problems.push(`${token.value} is not known; known are ${KNOWN.join(', ')}`);
      continue;
    }
    const { name, rawName, value = '' } = token;
    if (given.has(name)) problems.push(`${rawName} is given twice`);
    if (!KNOWN.includes(rawName)) problems.push(`${rawName} is not known; known are ${KNOWN.join(', ')}`);
    // What begins with two hyphens is the next option: this one's value was forgotten.
    else if (VALUED.some((valued) => valued === name) && (value === '' || value.startsWith('--')))
      problems.push(`${rawName} needs a value`);
    else if (FLAGS.some((flag) => flag === name) && value !== '') problems.push(`${rawName} takes no value`);
    else given.set(name, value);
  }
  return { given, problems };
}

function wholeNumber(name: string, given: ReadonlyMap<string, string>, least: number, most: number, problems: string[]): number | null {
  const value = given.get(name);
  if (value === undefined) return null;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  problems.push(`--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return null;
}
