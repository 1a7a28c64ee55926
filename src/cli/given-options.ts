import { parseArgs } from 'node:util';

/** What stands on a command line, and what cannot be read there. */
export interface GivenOptions {
  /** By name with its hyphens; empty for one without a value. */
  readonly values: ReadonlyMap<string, string>;
  /** What is no option, in order. */
  readonly words: readonly string[];
  /** May be added to by whoever reads the values. */
  readonly problems: string[];
}

/** Sorts arguments into options and words. Tells every problem in one go, where `parseArgs` alone stops at the first; never throws. */
export function givenOptions(args: readonly string[], valued: readonly string[], flags: readonly string[]): GivenOptions {
  const values = new Map<string, string>();
  const words: string[] = [];
  const problems = new Set<string>();
  // What begins with two hyphens is the next option: this one's value was forgotten.
  const isForgotten = (arg: string, next: string | undefined): boolean => valued.includes(arg) && next?.startsWith('--') === true;
  const said = args.map((arg, index) => (isForgotten(arg, args[index + 1]) ? `${arg}=` : arg));
  const options = Object.fromEntries(valued.map((name) => [name.slice(2), { type: 'string' } as const]));
  for (const token of parseArgs({ args: said, options, strict: false, tokens: true }).tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    // As it was written: of `-live` parseArgs makes four short options.
    const [name = ''] = (said[token.index] ?? '').split('=', 1);
    const value = token.value ?? '';
    if (values.has(name)) problems.add(`${name} is given twice`);
    if (valued.includes(name)) {
      if (value === '') problems.add(`${name} needs a value`);
      values.set(name, value);
    } else if (flags.includes(name)) {
      if (token.value !== undefined) problems.add(`${name} takes no value`);
      values.set(name, '');
    } else problems.add(`${name} is not known; known are ${[...valued, ...flags].join(', ')}`);
  }
  return { values, words, problems: [...problems] };
}

/** The whole number that the option was given; null, and told where it is wrong, if there is none. */
export function wholeNumberOption({ values, problems }: GivenOptions, name: string, least: number, most: number): number | null {
  const value = values.get(name) ?? '';
  // Without a value: not given, or told before.
  if (value === '') return null;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  problems.push(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return null;
}

/** The number, with or without a fraction, that the option was given; null, and told where it is wrong, if there is none. */
export function numberOption({ values, problems }: GivenOptions, name: string, above: number, most: number): number | null {
  const value = values.get(name) ?? '';
  if (value === '') return null;
  if (/^\d{1,10}(\.\d{1,6})?$/.test(value) && Number(value) > above && Number(value) <= most) return Number(value);
  problems.push(`${name} must be a number above ${above}, up to ${most}, not ${JSON.stringify(value)}`);
  return null;
}

/** Those of these words that the option was given, with commas between them; each other word is told. */
export function wordsOption<W extends string>({ values, problems }: GivenOptions, name: string, words: readonly W[]): readonly W[] {
  const value = values.get(name) ?? '';
  const given = value === '' ? [] : value.split(',').map((word) => word.trim());
  for (const other of given.filter((word) => !words.some((known) => known === word)))
    problems.push(`${name} must be of ${words.join(', ')}, not ${JSON.stringify(other)}`);
  return words.filter((word) => given.includes(word));
}

/** The one of these words that the option was given; null, and told where it is another, if there is none. */
export function wordOption<W extends string>({ values, problems }: GivenOptions, name: string, words: readonly W[]): W | null {
  const value = values.get(name) ?? '';
  if (value === '') return null;
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  problems.push(`${name} must be one of ${words.join(', ')}, not ${JSON.stringify(value)}`);
  return null;
}

/** Tells of words that belong to no option, where there is room for none. */
export function refuseWords({ words, problems }: GivenOptions, known: readonly string[]): void {
  problems.push(...words.map((word) => `${word} is not known; known are ${known.join(', ')}`));
}
