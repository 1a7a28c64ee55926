import { givenOptions } from '../../src/cli/given-options.ts';
import { wholeNumberOption } from '../../src/cli/option-values.ts';
import type { CheckSettings } from './check-settings.ts';
import { DURATIONS } from './check-usage.ts';
import { optionProblems } from './option-problems.ts';

/** What `check-gateway` was asked to do. */
export type CheckGatewayCommand =
  | { readonly run: 'check'; readonly url: string; readonly options: CheckSettings }
  | { readonly run: 'help' }
  | { readonly run: 'refuse'; readonly problems: readonly string[] };

const TEXTS = ['--live', '--dead', '--server', '--down-server', '--token-file', '--ca-file', '--text', '--id-keys'] as const;
const VALUED: readonly string[] = [...TEXTS, ...Object.keys(DURATIONS)];
const FLAGS = ['--allow-skips', '--json', '--help'] as const;

/** Reads the arguments after `check-gateway`. Tells every problem in one go; never throws. */
export function readCheckOptions(args: readonly string[]): CheckGatewayCommand {
  const given = givenOptions(args, VALUED, FLAGS);
  const { values, words, problems } = given;
  if (values.has('--help') && problems.length === 0) return { run: 'help' };
  problems.push(...words.slice(1).map((word) => `${word} is one word too many: there is one URL`));
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
