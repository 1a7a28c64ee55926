import { Histogram, type Registry } from 'prom-client';
import { createLabelTree, type LabelTree } from './label-tree.ts';

/** A histogram of durations. */
export interface DurationTally {
  /** Makes the series with these label values, in the order of the label names, so that it stands at zero from the start. */
  expect(...values: readonly string[]): void;
  /** What is not a number is left out. */
  add(durationMs: number, ...values: readonly string[]): void;
}

interface DurationOptions {
  /** Ends in `_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

interface Durations {
  sumSeconds: number;
  /** By upper bound, ascending, the last without one; each counts what fell into none before it. */
  readonly bins: readonly Bin[];
}

interface Bin {
  readonly upToSeconds: number;
  count: number;
}

/** A histogram that keeps plain numbers, for the reason that `createTally` gives, and is put into prom-client's form when it is scraped. */
export function createDurationTally(options: DurationOptions): DurationTally {
  const bounds = [...options.buckets, Number.POSITIVE_INFINITY];
  const tree = createLabelTree<Durations>(() => ({ sumSeconds: 0, bins: bounds.map((upToSeconds) => ({ upToSeconds, count: 0 })) }));
  new TalliedHistogram(options, tree);
  return {
    expect(...values) {
      tree.at(values);
    },
    add(durationMs, ...values) {
      const durations = tree.at(values);
      const seconds = durationMs / 1000;
      const bin = durations.bins.find(({ upToSeconds }) => seconds <= upToSeconds);
      if (bin === undefined) return;
      bin.count += 1;
      durations.sumSeconds += seconds;
    },
  };
}

/** One line of the text form. */
interface Sample {
  readonly metricName: string;
  readonly labels: { readonly le?: number | string };
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Gives its name to the registry, and the values of the tree. */
class TalliedHistogram extends Histogram {
  readonly #options: DurationOptions;
  readonly #tree: LabelTree<Durations>;

  constructor(options: DurationOptions, tree: LabelTree<Durations>) {
    const { name, help, labelNames, buckets, registry } = options;
    super({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
    this.#options = options;
    this.#tree = tree;
  }

  /** What prom-client 15.1 asks a histogram for, though its types do not say so; its own `get` is made of it too. */
  async getForPromString() {
    const { name, help, labelNames } = this.#options;
    const values: Sample[] = [];
    this.#tree.each(labelNames, (sharedLabels, { sumSeconds, bins }) => {
      let count = 0;
      for (const bin of bins) {
        count += bin.count;
        const le = Number.isFinite(bin.upToSeconds) ? bin.upToSeconds : '+Inf';
        values.push({ metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: count });
      }
      values.push({ metricName: `${name}_sum`, labels: {}, sharedLabels, value: sumSeconds });
      values.push({ metricName: `${name}_count`, labels: {}, sharedLabels, value: count });
    });
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
