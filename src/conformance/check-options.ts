import { DURATIONS } from './check-usage.ts';
import { givenOptions } from './given-options.ts';
import { optionProblems } from './option-problems.ts';

/** What `check-gateway` was asked to do. */
export type CheckGatewayCommand =
  | { readonly run: 'check'; readonly url: string; readonly options: CheckOptions }
  | { readonly run: 'help' }
  | { readonly run: 'refuse'; readonly problems: readonly string[] };

/** Null for what was not given and has no default. */
export interface CheckOptions {
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

const TEXTS = ['--live', '--dead', '--server', '--down-server', '--token-file', '--ca-file', '--text', '--id-keys'] as const;
const VALUED: readonly string[] = [...TEXTS, ...Object.keys(DURATIONS)];
const FLAGS = ['--allow-skips', '--json', '--help'] as const;

/** Reads the arguments after `check-gateway`. Tells every problem in one go; never throws. */
export function readCheckOptions(args: readonly string[]): CheckGatewayCommand {
  const { values, words, problems: unreadable } = givenOptions(args, VALUED, FLAGS);
  if (values.has('--help') && unreadable.length === 0) return { run: 'help' };
  const problems = [...unreadable, ...words.slice(1).map((word) => `${word} is one word too many: there is one URL`)];
  const text = (name: (typeof TEXTS)[number]): string | null => values.get(name) ?? null;
  const duration = (name: keyof typeof DURATIONS): number => durationOf(name, values.get(name) ?? '', problems);
  const options: CheckOptions = {
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

/** The default where the value is empty: if an empty one was given, that was told before. */
function durationOf(name: keyof typeof DURATIONS, value: string, problems: string[]): number {
  const { preset, least, most } = DURATIONS[name];
  if (value === '') return preset;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  problems.push(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return preset;
}
