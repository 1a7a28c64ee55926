/** What stands on a command line, and what cannot be read there. */
export interface GivenOptions {
  /** By name with its hyphens; empty for one without a value. */
  readonly values: ReadonlyMap<string, string>;
  /** What is no option, in order. */
  readonly words: readonly string[];
  /** May be added to by whoever reads the values. */
  readonly problems: string[];
}

/** Sorts arguments into options and words. Tells every problem in one go; never throws. */
export function givenOptions(args: readonly string[], valued: readonly string[], flags: readonly string[]): GivenOptions {
  const values = new Map<string, string>();
  const words: string[] = [];
  const problems: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, name = arg, inline] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? [];
    if (values.has(name)) problems.push(`${name} is given twice`);
    if (valued.includes(name)) {
      // What begins with two hyphens is the next option: this one's value was forgotten.
      const value = inline ?? (rest[0]?.startsWith('--') === true ? '' : (rest.shift() ?? ''));
      if (value === '') problems.push(`${name} needs a value`);
      values.set(name, value);
    } else if (flags.includes(name)) {
      if (inline !== undefined) problems.push(`${name} takes no value`);
      values.set(name, '');
    } else if (arg.startsWith('-')) {
      problems.push(`${name} is not known; known are ${[...valued, ...flags].join(', ')}`);
    } else {
      words.push(arg);
    }
  }
  return { values, words, problems };
}
