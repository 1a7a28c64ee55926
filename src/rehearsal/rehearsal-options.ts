import { ON_CHAT_SERVER_DOWN, type OnChatServerDown } from '../probe/target.ts';
import { MAX_CHATS, MAX_SEED } from '../simulator/play-order.ts';

/** What a rehearsal can be asked for on the command line. */
export type RehearsalCommand =
  | { readonly run: 'rehearse'; readonly options: RehearsalOptions }
  | { readonly run: 'list' | 'help' }
  | { readonly run: 'refuse'; readonly problems: readonly string[] };

export interface RehearsalOptions {
  readonly scenario: string;
  readonly chats: number;
  readonly policy: string;
  /** Null for the scenario's own. */
  readonly seed: number | null;
  /** True to let each probe fend for itself. */
  readonly plain: boolean;
  /** Null for the scenario's own. */
  readonly onChatServerDown: OnChatServerDown | null;
  readonly json: boolean;
}

/** The names that an option may have. */
export interface KnownNames {
  readonly scenarios: readonly string[];
  readonly policies: readonly string[];
}

const DEFAULT_CHATS = 10_000;
const DEFAULT_POLICY = 'inline';

const VALUED: readonly string[] = ['--scenario', '--chats', '--policy', '--seed', '--on-chat-server-down'];
const FLAGS: readonly string[] = ['--plain', '--json', '--list', '--help'];

export const REHEARSAL_USAGE = `Usage: npm run rehearse -- --scenario NAME [--chats N] [--policy NAME] [--seed N]
                          [--on-chat-server-down RULE] [--plain] [--json]
       npm run rehearse -- --list

Plays a Chat Server outage in virtual time, probes every chat once, and judges the verdicts by what was true.

  --scenario NAME  one of scenarios/, without its ending
  --chats N        how many chats there are, 1 to ${MAX_CHATS}; ${DEFAULT_CHATS} unless given
  --policy NAME    a built-in retry policy; ${DEFAULT_POLICY} unless given
  --seed N         0 to ${MAX_SEED}; the scenario's own unless given
  --on-chat-server-down RULE
                   ${ON_CHAT_SERVER_DOWN.join(', ')}; the scenario's own unless given
  --plain          let each probe fend for itself, as if the service did not see outages
  --json           print the report as JSON: the same seed gives the same bytes
  --list           print the scenarios and policies
  --help           print this

Exit codes: 0 done, 64 wrong arguments, 65 a scenario file with mistakes, 70 a living chat was stopped and nothing explains it.
`;

/** Reads the arguments after the program's name. Tells every problem in one go; never throws. */
export function readRehearsalOptions(args: readonly string[], known: KnownNames): RehearsalCommand {
  const { given, problems } = read(args);
  const alone = ['--help', '--list'].find((option) => given.has(option));
  if (alone !== undefined && given.size > 1) problems.push(`${alone} goes alone`);
  if (alone !== undefined && problems.length === 0) return { run: alone === '--list' ? 'list' : 'help' };

  if (alone === undefined && !given.has('--scenario')) problems.push(`--scenario is needed: one of ${known.scenarios.join(', ')}`);
  const options = {
    scenario: nameOf('--scenario', given.get('--scenario') ?? null, known.scenarios, problems) ?? '',
    chats: numberOf('--chats', given.get('--chats') ?? null, 1, MAX_CHATS, problems) ?? DEFAULT_CHATS,
    policy: nameOf('--policy', given.get('--policy') ?? null, known.policies, problems) ?? DEFAULT_POLICY,
    seed: numberOf('--seed', given.get('--seed') ?? null, 0, MAX_SEED, problems),
    plain: given.has('--plain'),
    onChatServerDown: ON_CHAT_SERVER_DOWN.find((rule) => rule === given.get('--on-chat-server-down')) ?? null,
    json: given.has('--json'),
  };
  nameOf('--on-chat-server-down', given.get('--on-chat-server-down') ?? null, ON_CHAT_SERVER_DOWN, problems);
  return problems.length === 0 ? { run: 'rehearse', options } : { run: 'refuse', problems };
}

/** The options given, each with its value (none for a flag), and what cannot be read as one. */
function read(args: readonly string[]): { readonly given: ReadonlyMap<string, string | null>; readonly problems: string[] } {
  const given = new Map<string, string | null>();
  const problems: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, name = arg, inline] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? [];
    if (given.has(name)) problems.push(`${name} is given twice`);
    if (VALUED.includes(name)) {
      // What begins with two hyphens is the next option: this one's value was forgotten.
      const value = inline ?? (rest[0]?.startsWith('--') === true ? undefined : rest.shift());
      if (value === undefined || value === '') problems.push(`${name} needs a value`);
      given.set(name, value || null);
    } else if (FLAGS.includes(name)) {
      if (inline !== undefined) problems.push(`${name} takes no value`);
      given.set(name, null);
    } else {
      problems.push(`${arg} is not known; known are ${[...VALUED, ...FLAGS].join(', ')}`);
    }
  }
  return { given, problems };
}

function nameOf(option: string, value: string | null, known: readonly string[], problems: string[]): string | null {
  if (value === null || known.includes(value)) return value;
  problems.push(`${option} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}`);
  return null;
}

function numberOf(option: string, value: string | null, least: number, most: number, problems: string[]): number | null {
  if (value === null) return null;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  problems.push(`${option} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return null;
}
