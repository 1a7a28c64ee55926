import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openEntryPoints } from './entry-points.ts';
import { hostileText } from './hostile-text.ts';
import { type EntryPoint, search } from './search.ts';

const FORM = { tokens: ['a&', 'a=1&', '%41'], samples: ['a=1&b=2'], nests: [['[', ']']] } as const;

/** As the service had it once: each repeated field copied the list of those before it. */
function quadraticForm(text: string): Map<string, readonly string[]> {
  const fields = new Map<string, readonly string[]>();
  for (const [name, value] of new URLSearchParams(text)) fields.set(name, [...(fields.get(name) ?? []), value]);
  return fields;
}

const planted = (run: (text: string) => void): EntryPoint => ({
  name: 'planted',
  size: 65_536,
  limitMs: 50,
  make(draw, size) {
    const text = hostileText(draw, FORM, size);
    return async () => run(text);
  },
});

const MANY = { seed: 1, forMs: 30_000, mostCases: 500 };

describe('the search', () => {
  it('finds a parser that takes the square of what there is to read, and its seed finds it again as the first case', async () => {
    const entry = planted((text) => void quadraticForm(text));
    const { finding } = await search(entry, MANY);
    expect(finding).toMatchObject({ entry: 'planted', what: expect.stringMatching(/^takes \d+ ms of processor time$/) });
    const again = await search(entry, { seed: finding?.seed ?? -1, forMs: 0, mostCases: 1 });
    expect(again.finding?.seed).toBe(finding?.seed);
  });

  it('finds a regular expression that goes back and forth', async () => {
    const { finding } = await search(
      // The square of 64 KiB takes seconds, and nothing can end it.
      { ...planted((text) => void /[a&=1]+%$/.test(text)), size: 16_384 },
      MANY,
    );
    expect(finding).not.toBeNull();
  });

  it('finds a fault', async () => {
    const { finding } = await search(
      planted((text) => void decodeURIComponent(text)),
      MANY,
    );
    expect(finding?.what).toMatch(/^URIError/);
  });

  it('measures again what took too long once, and says so', async () => {
    let runs = 0;
    const disturbed = planted(() => {
      runs += 1;
      const before = process.cpuUsage();
      while ((runs === 2 || runs === 3) && process.cpuUsage(before).user < 60_000);
    });
    const found = await search({ ...disturbed, limitMs: 40 }, { ...MANY, mostCases: 10 });
    expect(found).toMatchObject({ finding: null, cases: 10, disturbed: 1 });
    expect([runs, found.slowestMs < 40]).toEqual([12, true]);
  });

  it('finds nothing where there is nothing, however large a limit that a slow machine breaks', async () => {
    const { finding, cases } = await search(
      { ...planted((text) => void new URLSearchParams(text)), limitMs: 2_000 },
      { ...MANY, mostCases: 50 },
    );
    expect([finding, cases]).toEqual([null, 50]);
  });
});

describe('whatever comes in', () => {
  let open: Awaited<ReturnType<typeof openEntryPoints>>;
  beforeAll(async () => {
    open = await openEntryPoints();
  });
  afterAll(() => open.close());

  it.each(['bodies', 'queries', 'replies', 'configurations'])('%s are read in time, and without a fault', async (name) => {
    const entry = open.entries.find((each) => each.name === name);
    if (entry === undefined) throw new Error('no such entry');
    const { finding, cases } = await search(entry, { seed: inject('properties').seed, forMs: 800 });
    expect(finding).toBeNull();
    expect(cases).toBeGreaterThan(0);
  });
});
