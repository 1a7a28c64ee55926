import { Counter, Gauge, type Registry } from 'prom-client';

/** A metric that is counted up or down many times for each time that it is read. */
export interface Tally {
  /** Adds to the series with these label values, in the order of the label names. Makes it if it is new; `by` 0 only makes it. */
  add(by: number, ...values: readonly string[]): void;
  /** Takes away the series that begin with these label values. */
  forget(...values: readonly string[]): void;
}

interface TallyOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registry: Registry;
}

interface Count {
  value: number;
}

/**
 * A counter that keeps plain numbers and hands them to prom-client when it is scraped. prom-client itself makes an
 * object and a string of all labels for each step, which was a tenth of the time of a probe. Histograms are prom-client's
 * own: it has no public way to hand it what was counted elsewhere.
 */
export function createTally(options: TallyOptions): Tally {
  const { registry, ...metric } = options;
  const tree = createCounts();
  new Counter({
    ...metric,
    registers: [registry],
    collect() {
      this.reset();
      tree.each(options.labelNames, (labels, { value }) => this.inc({ ...labels }, value));
    },
  });
  return tallyOf(tree);
}

/** The same for a number that goes up and down. */
export function createGauge(options: TallyOptions): Tally {
  const { registry, ...metric } = options;
  const tree = createCounts();
  new Gauge({
    ...metric,
    registers: [registry],
    collect() {
      this.reset();
      tree.each(options.labelNames, (labels, { value }) => this.set({ ...labels }, value));
    },
  });
  return tallyOf(tree);
}

function createCounts(): LabelTree<Count> {
  return createLabelTree(() => ({ value: 0 }));
}

function tallyOf(tree: LabelTree<Count>): Tally {
  return {
    add(by, ...values) {
      tree.at(values).value += by;
    },
    forget: (...values) => tree.forget(values),
  };
}

/** One value for each set of label values. */
interface LabelTree<T> {
  /** The value of a series, which is made if it is new. Label values in the order of the label names. */
  at(values: readonly string[]): T;
  /** Takes away what begins with these label values. */
  forget(values: readonly string[]): void;
  /** Tells every series, with its labels by name. */
  each(labelNames: readonly string[], visit: (labels: Readonly<Record<string, string>>, value: T) => void): void;
}

/** One label value; at the end of a path, a series. */
interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly value: T;
}

/** Finds a series by its label values one after the other, so that no text of all of them must be made each time. */
function createLabelTree<T>(zero: () => T): LabelTree<T> {
  const root: Node<T> = { children: new Map(), value: zero() };
  return {
    at(values) {
      let node = root;
      for (const value of values) node = node.children.get(value) ?? grow(node, value, zero());
      return node.value;
    },
    forget(values) {
      const last = values.at(-1);
      let node: Node<T> | undefined = root;
      for (const value of values.slice(0, -1)) node = node?.children.get(value);
      if (last !== undefined) node?.children.delete(last);
    },
    each(labelNames, visit) {
      const walk = (node: Node<T>, labels: Readonly<Record<string, string>>, depth: number): void => {
        const name = labelNames[depth];
        if (name === undefined) visit(labels, node.value);
        else for (const [value, child] of node.children) walk(child, { ...labels, [name]: value }, depth + 1);
      };
      walk(root, {}, 0);
    },
  };
}

function grow<T>(parent: Node<T>, value: string, zero: T): Node<T> {
  const node: Node<T> = { children: new Map(), value: zero };
  parent.children.set(value, node);
  return node;
}
