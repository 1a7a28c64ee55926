import { dotted, type TreePath } from './tree.ts';

/** Collects everything that is wrong with a tree, so that one go tells it all. Never holds a value that may be a secret. */
export interface TreeProblems {
  report(path: TreePath, text: string): void;
  /** As `report`, of what can be understood all the same: rules over it still make sense. */
  reportUsable(path: TreePath, text: string): void;
  /** Records a problem with a thing that is not in the tree. */
  reportOf(name: string, text: string): void;
  /** True if nothing was reported at `path`, above or below it: else a rule over it would be a mere echo. */
  isSound(path: TreePath): boolean;
  /** What the author calls the value at the path. */
  nameOf(path: TreePath): string;
  /** One line each, beginning with the name, in the order of their discovery. */
  lines(): readonly string[];
}

export function createTreeProblems(nameOf: (path: TreePath) => string = dotted): TreeProblems {
  const lines: string[] = [];
  /** Refused paths, and those that lead to them. */
  const refused = new Set<string>();
  const above = new Set<string>();
  const reportOf = (name: string, text: string): void => {
    lines.push(name === '' ? text : `${name}: ${text}`);
  };
  const reportUsable = (path: TreePath, text: string): void => reportOf(nameOf(path), text);
  return {
    report(path, text) {
      const [own, ...parents] = upwards(path);
      if (own !== undefined) refused.add(own);
      for (const parent of parents) above.add(parent);
      reportUsable(path, text);
    },
    reportUsable,
    reportOf,
    isSound: (path) => !above.has(keyOf(path)) && !upwards(path).some((each) => refused.has(each)),
    nameOf,
    lines: () => lines,
  };
}

/** The path, and all that lead to it, each as one text. */
function upwards(path: TreePath): readonly string[] {
  return [path, ...path.map((_, steps) => path.slice(0, steps))].map(keyOf);
}

function keyOf(path: TreePath): string {
  return JSON.stringify(path);
}
