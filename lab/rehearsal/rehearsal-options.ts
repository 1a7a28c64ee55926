import { givenOptions, numberOption, refuseWords, wholeNumberOption, wordOption, wordsOption } from '../../src/cli/given-options.ts';
import { ON_CHAT_SERVER_DOWN, type OnChatServerDown } from '../../src/probe/target.ts';
import { MAX_CHATS, MAX_SEED } from '../simulator/play-order.ts';
import { AGAIN, type Again, MAX_ARRIVALS_PER_SECOND } from '../simulator/scenario/scenario.ts';
import { DAY_MS } from '../simulator/scenario/scenario-fields.ts';
import { MECHANISMS, type Mechanism } from './mechanisms.ts';
import { BALANCERS, ONE_REPLICA, type RehearsedReplicas } from './rehearsed-fleet.ts';

/** What a rehearsal can be asked for on the command line. */
export type RehearsalCommand =
  | { readonly run: 'rehearse'; readonly options: RehearsalOptions }
  | { readonly run: 'list' | 'help' }
  | { readonly run: 'refuse'; readonly problems: readonly string[] };

export interface RehearsalOptions {
  readonly scenario: string;
  /** Null for as many as arrive in the scenario's time or, where they are there from the start, 10,000. */
  readonly chats: number | null;
  readonly policy: string;
  /** Null for the scenario's own. */
  readonly seed: number | null;
  /** True to let each probe fend for itself. */
  readonly plain: boolean;
  /** True to find out nothing and route every chat. */
  readonly noProbe: boolean;
  /** Who sends: the service, or the workflows, which tell what came of it. */
  readonly way: Way;
  /** Mechanisms of outage protection that are switched off. */
  readonly without: readonly Mechanism[];
  /** What is otherwise than in the scenario; null for the scenario's own. */
  readonly changes: ScenarioChanges;
  /** Replicas to compare with one; null for one alone. */
  readonly replicas: number | null;
  /** Whether replicas that share are played too, beside those that are alone. */
  readonly store: 'shared' | 'none';
  /** How they are asked, and what becomes of them and of their store. */
  readonly ofFleet: Omit<RehearsedReplicas, 'replicas' | 'isShared'>;
  readonly json: boolean;
  /** The file to draw the outage into, null if none. */
  readonly svg: string | null;
}

export interface ScenarioChanges {
  readonly ha: boolean | null;
  readonly onChatServerDown: OnChatServerDown | null;
  readonly arrivePerSecond: number | null;
  readonly queueMs: number | null;
  readonly leaveShare: number | null;
  readonly again: Again | null;
}

export const WAYS = ['probes', 'observations'] as const;
export type Way = (typeof WAYS)[number];

/** The names that an option may have. */
export interface KnownNames {
  readonly scenarios: readonly string[];
  readonly policies: readonly string[];
}

/** Where they are there from the start. */
export const DEFAULT_CHATS = 10_000;
const DEFAULT_POLICY = 'inline';

const MAX_REPLICAS = 100;
/** Beyond the bound of 20 ms every answer is late, and there is no store. */
const MAX_STORE_DELAY_MS = 1_000;

const OF_FLEET: readonly string[] = ['--balancer', '--restart', '--born', '--store', '--store-delay', '--store-outage'];
const VALUED: readonly string[] = [
  ...['--scenario', '--chats', '--policy', '--seed', '--on-chat-server-down', '--ha'],
  ...['--arrive-per-second', '--queue-ms', '--leave-share', '--again', '--without', '--way', '--svg'],
  ...['--replicas', ...OF_FLEET],
];
const FLAGS: readonly string[] = ['--no-probe', '--plain', '--json', '--list', '--help'];

export const REHEARSAL_USAGE = `Usage: npm run rehearse -- --scenario NAME [--chats N] [--policy NAME] [--seed N]
                          [--on-chat-server-down RULE] [--ha true|false]
                          [--arrive-per-second N] [--queue-ms N] [--leave-share N] [--again WHICH]
                          [--no-probe | --plain | --without NAME[,NAME]] [--way WAY]
                          [--json] [--svg FILE]
                          [--replicas N [--balancer WHICH] [--restart AT] [--born AT]
                           [--store none | --store-delay MS --store-outage A..B]]
       npm run rehearse -- --list

Plays a Chat Server outage in virtual time, asks about every chat, and judges the verdicts by what was true.

  --scenario NAME  one of scenarios/, without its ending
  --chats N        how many chats there are, 1 to ${MAX_CHATS}; unless given ${DEFAULT_CHATS} or, where
                   they arrive, as many as do in the scenario's time
  --policy NAME    a built-in retry policy; ${DEFAULT_POLICY} unless given
  --seed N         0 to ${MAX_SEED}; the scenario's own unless given
  --on-chat-server-down RULE
                   ${ON_CHAT_SERVER_DOWN.join(', ')}; the scenario's own unless given
  --ha true|false  whether another Chat Server may restore a session, as the target is
                   configured; the scenario's own unless given
  --arrive-per-second N
                   chats arrive over time, so many a second (above 0, up to ${MAX_ARRIVALS_PER_SECOND})
  --queue-ms N     and each is first asked about within so long, 0 to ${DAY_MS}
  --leave-share N  of the customers whose Chat Server crashes, those who leave (above 0, up to 1)
  --again WHICH    chats that are asked about again after they were routed: ${AGAIN.join(', ')}
  --no-probe       find out nothing, route every chat: what no service costs
  --without NAME   switch a mechanism of outage protection off, or several with commas between them:
                   ${MECHANISMS.slice(0, 6).join(', ')},
                   ${MECHANISMS.slice(6).join(', ')}
  --way WAY        ${WAYS.join(', ')}: whether the service sends, or the workflows do and tell what
                   came of it; ${WAYS[0]} unless given
  --plain          let each probe fend for itself, as if the service did not see outages
  --replicas N     play 1 replica, N alone and N that share a store, 2 to ${MAX_REPLICAS}, and print what differs
  --balancer WHICH ${BALANCERS.join(', ')}: a question to the next of them, or all about one chat to the same;
                   ${ONE_REPLICA.balancer} unless given
  --restart AT     the replicas are replaced by new ones, one after another from this moment on: 640s
  --born AT        one more replica begins
  --store none     leave out those that share
  --store-delay MS a round trip to the store takes so long, 0 to ${MAX_STORE_DELAY_MS}; ${ONE_REPLICA.storeDelayMs} unless given
  --store-outage A..B
                   the store answers nobody from A to B, in whole seconds: 610s..640s
  --json           print the report as JSON: the same seed gives the same bytes
  --svg FILE       draw the outage into this file: chats and ghosts, servers, answers, messages
  --list           print the scenarios and policies
  --help           print this

Exit codes: 0 done, 64 wrong arguments, 65 a scenario file with mistakes, 70 a living chat was stopped and nothing explains it,
73 the picture cannot be written.
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
    chats: wholeNumberOption(given, '--chats', 1, MAX_CHATS),
    policy: wordOption(given, '--policy', known.policies) ?? DEFAULT_POLICY,
    seed: wholeNumberOption(given, '--seed', 0, MAX_SEED),
    plain: values.has('--plain'),
    noProbe: values.has('--no-probe'),
    way: wordOption(given, '--way', WAYS) ?? 'probes',
    without: wordsOption(given, '--without', MECHANISMS),
    changes: {
      ha: truthOf(wordOption(given, '--ha', ['true', 'false'])),
      onChatServerDown: wordOption(given, '--on-chat-server-down', ON_CHAT_SERVER_DOWN),
      arrivePerSecond: numberOption(given, '--arrive-per-second', 0, MAX_ARRIVALS_PER_SECOND),
      queueMs: wholeNumberOption(given, '--queue-ms', 0, DAY_MS),
      leaveShare: numberOption(given, '--leave-share', 0, 1),
      again: wordOption(given, '--again', AGAIN),
    },
    replicas: wholeNumberOption(given, '--replicas', 2, MAX_REPLICAS),
    store: wordOption(given, '--store', ['shared', 'none']) ?? 'shared',
    ofFleet: {
      balancer: wordOption(given, '--balancer', BALANCERS) ?? ONE_REPLICA.balancer,
      storeDelayMs: wholeNumberOption(given, '--store-delay', 0, MAX_STORE_DELAY_MS) ?? ONE_REPLICA.storeDelayMs,
      storeOutageMs: outageOf(values.get('--store-outage'), problems),
      restartAtMs: momentOf('--restart', values.get('--restart'), problems),
      bornAtMs: momentOf('--born', values.get('--born'), problems),
    },
    json: values.has('--json'),
    svg: values.get('--svg') ?? null,
  };
  const modes = ['--no-probe', '--plain', '--without'].filter((option) => values.has(option));
  if (options.way === 'observations' && (options.noProbe || options.plain))
    problems.push('--way observations goes with neither --no-probe nor --plain');
  if (modes.length > 1) problems.push(`${modes.join(' and ')} do not go together`);
  const ofFleet = OF_FLEET.filter((option) => values.has(option));
  if (ofFleet.length > 0 && !values.has('--replicas')) problems.push(`${ofFleet.join(' and ')} need --replicas`);
  const notOfFleet = ['--svg', '--plain', '--no-probe'].filter((option) => values.has(option));
  if (values.has('--replicas') && notOfFleet.length > 0) problems.push(`--replicas and ${notOfFleet.join(', ')} do not go together`);
  const ofStore = ['--store-delay', '--store-outage'].filter((option) => values.has(option));
  if (options.store === 'none' && ofStore.length > 0) problems.push(`--store none has no ${ofStore.join(' and no ')}`);
  return problems.length === 0 ? { run: 'rehearse', options } : { run: 'refuse', problems };
}

function outageOf(text: string | undefined, problems: string[]): readonly [number, number] | null {
  if (text === undefined) return null;
  const [, from, to] = /^(\d{1,5})s\.\.(\d{1,5})s$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined && Number(from) < Number(to)) return [Number(from) * 1_000, Number(to) * 1_000];
  problems.push('--store-outage must be two moments in whole seconds, such as 610s..640s');
  return null;
}

function momentOf(option: string, text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  const [, at] = /^(\d{1,5})s$/.exec(text) ?? [];
  if (at !== undefined) return Number(at) * 1_000;
  problems.push(`${option} must be a moment in whole seconds, such as 640s`);
  return null;
}

function truthOf(word: 'true' | 'false' | null): boolean | null {
  return word === null ? null : word === 'true';
}
