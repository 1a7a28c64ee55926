/** One value for each set of label values. */
export interface LabelTree<T> {
  /** The value of a series, which is made if it is new. Label values in the order of the label names. */
  at(values: readonly string[]): T;
  /** Tells every series, with its labels by name. */
  each(labelNames: readonly string[], visit: (labels: Readonly<Record<string, string>>, value: T) => void): void;
}

/** One label value; at the end of a path, a series. */
interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly value: T;
}

/** Finds a series by its label values one after the other, so that no text of all of them must be made each time. */
export function createLabelTree<T>(zero: () => T): LabelTree<T> {
  const root: Node<T> = { children: new Map(), value: zero() };
  return {
    at(values) {
      let node = root;
      for (const value of values) node = node.children.get(value) ?? grow(node, value, zero());
      return node.value;
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
