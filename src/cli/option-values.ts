import type { GivenOptions } from './given-options.ts';

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
