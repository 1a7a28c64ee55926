import { givenOptions } from '../arguments/given-options.ts';
import { refuseWords, wholeNumberOption, wordOption } from '../arguments/option-values.ts';
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
  const given = givenOptions(args, VALUED, FLAGS);
  const { values, problems } = given;
  refuseWords(given, [...VALUED, ...FLAGS]);
  const alone = ['--help', '--list'].find((option) => values.has(option));
  if (alone !== undefined && values.size > 1) problems.push(`${alone} goes alone`);
  if (alone !== undefined && problems.length === 0) return { run: alone === '--list' ? 'list' : 'help' };

  if (alone === undefined && !values.has('--scenario')) problems.push(`--scenario is needed: one of ${known.scenarios.join(', ')}`);
  const options = {
    scenario: wordOption(given, '--scenario', known.scenarios) ?? '',
    chats: wholeNumberOption(given, '--chats', 1, MAX_CHATS) ?? DEFAULT_CHATS,
    policy: wordOption(given, '--policy', known.policies) ?? DEFAULT_POLICY,
    seed: wholeNumberOption(given, '--seed', 0, MAX_SEED),
    plain: values.has('--plain'),
    onChatServerDown: wordOption(given, '--on-chat-server-down', ON_CHAT_SERVER_DOWN),
    json: values.has('--json'),
  };
  return problems.length === 0 ? { run: 'rehearse', options } : { run: 'refuse', problems };
}
