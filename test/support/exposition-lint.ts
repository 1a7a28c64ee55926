interface Sample {
  readonly name: string;
  /** Without `le`. */
  readonly labels: string;
  readonly le: string | null;
  readonly value: number;
}

interface Family {
  readonly type: string;
  readonly samples: Sample[];
}

/** What is wrong with a page of metrics, beyond what `promtool check metrics` says: it takes a histogram for whatever samples it finds. */
export function expositionFaults(page: string): readonly string[] {
  const faults: string[] = [];
  const families = new Map<string, Family>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  for (const line of page.split('\n').filter((each) => each !== '' && each !== '# EOF')) {
    const [, word = '', name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') helped.add(name);
    else if (word === 'TYPE') {
      if (families.has(name)) faults.push(`${name}: TYPE twice`);
      families.set(name, { type: rest, samples: [] });
    } else {
      const sample = sampleOf(line);
      if (sample === null) faults.push(`not a sample: ${line}`);
      else {
        const [key = ''] = line.split(/ (?=[^ ]+$)/);
        if (seen.has(key)) faults.push(`${key}: twice`);
        seen.add(key);
        const family = familyOf(families, sample.name);
        if (family === null) faults.push(`${sample.name}: no TYPE before it`);
        else family.samples.push(sample);
      }
    }
  }
  for (const [name, family] of families) {
    if (!helped.has(name)) faults.push(`${name}: no HELP`);
    faults.push(...(family.type === 'histogram' ? histogramFaults(name, family.samples) : plainFaults(name, family)));
  }
  return faults;
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)(?: # \{.*\} \S+ \S+)?$/;

function sampleOf(line: string): Sample | null {
  const [, name = '', pairs = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') return null;
  const le = /(?:^|,)le="([^"]*)"/.exec(pairs)?.[1] ?? null;
  const labels = pairs
    .split(/,(?=\w+=")/)
    .filter((pair) => !pair.startsWith('le='))
    .sort()
    .join();
  return { name, labels, le, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) };
}

function familyOf(families: ReadonlyMap<string, Family>, sample: string): Family | null {
  const base = sample.replace(/_(bucket|sum|count)$/, '');
  if (families.get(base)?.type === 'histogram') return families.get(base) ?? null;
  const own = families.get(sample) ?? families.get(sample.replace(/_total$/, ''));
  return own ?? null;
}

function plainFaults(name: string, { type, samples }: Family): readonly string[] {
  if (type === 'counter') return samples.filter(({ value }) => !(value >= 0)).map(({ labels }) => `${name}{${labels}}: no count`);
  return type === 'gauge' ? samples.filter(({ value }) => Number.isNaN(value)).map(() => `${name}: no number`) : [`${name}: type ${type}`];
}

function histogramFaults(name: string, samples: readonly Sample[]): readonly string[] {
  return [...new Set(samples.map(({ labels }) => labels))].flatMap((labels) => {
    const of = (suffix: string) => samples.filter((sample) => sample.labels === labels && sample.name === `${name}_${suffix}`);
    const buckets = of('bucket');
    const bounds = buckets.map(({ le }) => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le ?? Number.NaN)));
    const [sum] = of('sum');
    const [count] = of('count');
    return [
      ...(bounds.at(-1) === Number.POSITIVE_INFINITY ? [] : ['no +Inf bucket at its end']),
      ...(bounds.some((bound, n) => !(bound > (bounds[n - 1] ?? Number.NEGATIVE_INFINITY))) ? ['bounds do not rise'] : []),
      ...(buckets.some(({ value }, n) => value < (buckets[n - 1]?.value ?? 0)) ? ['buckets fall'] : []),
      ...(count === undefined || count.value !== buckets.at(-1)?.value ? ['count is not the last bucket'] : []),
      ...(sum === undefined || Number.isNaN(sum.value) ? ['no sum'] : []),
    ].map((fault) => `${name}{${labels}}: ${fault}`);
  });
}
