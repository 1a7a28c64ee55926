import { givenOptions, wholeNumberOption } from '../../src/cli/given-options.ts';
import { INTERACTION_ID_RULE, isInteractionId } from '../../src/probe/probe-order.ts';
import { DURATIONS } from './check-usage.ts';

/** What a run of the checks was told. Null for what was not given and has no default. */
export interface CheckSettings {
  /** Base URL. */
  readonly url: string | null;
  readonly live: string | null;
  readonly dead: string | null;
  readonly server: string | null;
  readonly downServer: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
  readonly messageText: string;
  readonly idKeys: readonly string[];
  readonly maxReplyMs: number;
  readonly timeoutMs: number;
  readonly runTimeoutMs: number;
  /** True to run without a live or a dead chat, and leave out what needs them. */
  readonly allowSkips: boolean;
  readonly json: boolean;
}

/** What `check-gateway` was asked to do. */
export type CheckGatewayCommand =
  | { readonly run: 'check'; readonly url: string; readonly options: CheckSettings }
  | { readonly run: 'help' }
  | { readonly run: 'refuse'; readonly problems: readonly string[] };

const TEXTS = ['--live', '--dead', '--server', '--down-server', '--token-file', '--ca-file', '--text', '--id-keys'] as const;
const VALUED: readonly string[] = [...TEXTS, ...Object.keys(DURATIONS)];
const FLAGS = ['--allow-skips', '--json', '--help'] as const;
const MOST_NAME_CHARACTERS = 255;

/** Reads the arguments after `check-gateway`. Tells every problem in one go; never throws. */
export function readCheckOptions(args: readonly string[]): CheckGatewayCommand {
  const given = givenOptions(args, VALUED, FLAGS);
  const { values, words, problems } = given;
  if (values.has('--help') && problems.length === 0) return { run: 'help' };
  // Not which word: it may be a token, given by an option that there is not.
  if (words.length > 1) problems.push(`${words.length} words, which is too many: there is one URL`);
  const text = (name: (typeof TEXTS)[number]): string | null => values.get(name) ?? null;
  const duration = (name: keyof typeof DURATIONS): number => {
    const { preset, least, most } = DURATIONS[name];
    return wholeNumberOption(given, name, least, most) ?? preset;
  };
  const options: CheckSettings = {
    url: words[0] ?? null,
    live: text('--live'),
    dead: text('--dead'),
    server: text('--server'),
    downServer: text('--down-server'),
    tokenFile: text('--token-file'),
    caFile: text('--ca-file'),
    messageText: text('--text') ?? '[probe]',
    idKeys: (text('--id-keys') ?? 'InteractionId,Id').split(','),
    maxReplyMs: duration('--max-reply-ms'),
    timeoutMs: duration('--timeout-ms'),
    runTimeoutMs: duration('--run-timeout-ms'),
    allowSkips: values.has('--allow-skips'),
    json: values.has('--json'),
  };
  problems.push(...optionProblems(options));
  const { url } = options;
  return url === null || problems.length > 0 ? { run: 'refuse', problems } : { run: 'check', url, options };
}

/** What is wrong with the values of the options, and between them; one line each, naming the option. Empty values were told before. */
function optionProblems(options: CheckSettings): readonly string[] {
  const { live, dead, server, downServer, idKeys, maxReplyMs, timeoutMs, runTimeoutMs } = options;
  const ids = Object.entries({ '--live': live, '--dead': dead });
  const names = Object.entries({ '--server': server, '--down-server': downServer });
  return [
    ...urlProblems(options.url),
    ...missingIds(options),
    ...ids.filter(([, id]) => id !== null && id !== '' && !isInteractionId(id)).map(([name]) => `${name} must be ${INTERACTION_ID_RULE}`),
    ...names
      .filter(([, given]) => given !== null && given.length > MOST_NAME_CHARACTERS)
      .map(([name]) => `${name} must have at most ${MOST_NAME_CHARACTERS} characters`),
    ...(same(live, dead) ? ['--live and --dead must be two interactions'] : []),
    ...(same(server, downServer) ? ['--server and --down-server must be two Chat Servers'] : []),
    ...(idKeys.some((key) => key === '' || key === '__proto__') ? ['--id-keys must be names with commas between them'] : []),
    ...(maxReplyMs > timeoutMs ? [`--max-reply-ms (${maxReplyMs}) must not be longer than --timeout-ms (${timeoutMs})`] : []),
    ...(timeoutMs > runTimeoutMs ? [`--timeout-ms (${timeoutMs}) must not be longer than --run-timeout-ms (${runTimeoutMs})`] : []),
  ];
}

/** The same rules as for the service's own gateway URLs: all said and nothing more. The URL is not quoted, it may hold a password. */
function urlProblems(url: string | null): readonly string[] {
  if (url === null) return ['URL is needed: the base URL of the gateway'];
  const authority = /^https?:\/\/([^\s\\/?#]+)[^\s\\]*$/i.exec(url)?.[1];
  if (authority === undefined || !URL.canParse(url)) return ['URL must begin with http:// or https:// and name a host'];
  if (authority.includes('@')) return ['URL must not carry a user or password; use --token-file'];
  return /[?#]/.test(url) ? ['URL must not have a query or a fragment'] : [];
}

/** Most checks need them, so without them a run proves next to nothing. */
function missingIds({ live, dead, allowSkips }: CheckSettings): readonly string[] {
  if (allowSkips) return [];
  return [
    ...(live === null ? ['--live is needed, the interaction of a chat under way, or else --allow-skips'] : []),
    ...(dead === null ? ['--dead is needed, an interaction whose session is gone, or else --allow-skips'] : []),
  ];
}

function same(one: string | null, other: string | null): boolean {
  return one !== null && one !== '' && one === other;
}
