import { dotted, type TreePath } from '../schema-tree/tree.ts';
import { createTreeProblems, type TreeProblems } from '../schema-tree/tree-problems.ts';
import { looksGenerated } from './credentials.ts';

/**
 * Collects everything that is wrong with the configuration, in the names that the operator used: an environment variable's where a
 * setting came from there, else its path in the file. Holds no text of the operator's, which may be a secret, but the path of a file.
 */
export interface ConfigProblems extends TreeProblems {
  /** Records a problem that another setting would solve. Not told while not all settings could be read: it may be among them. */
  reportMissing(name: string, text: string): void;
  isFromEnvironment(path: TreePath): boolean;
}

/**
 * @param variables name of the environment variable by the (dotted) setting that it gave.
 * @param isWhole whether all settings that were given could be read.
 */
export function createConfigProblems(variables: ReadonlyMap<string, string>, isWhole: boolean): ConfigProblems {
  const problems = createTreeProblems((path) => {
    const own = variables.get(dotted(path));
    if (own !== undefined) return own;
    const last = path.at(-1);
    const list = typeof last === 'number' ? variables.get(dotted(path.slice(0, -1))) : undefined;
    return list !== undefined && typeof last === 'number' ? `${list} (item ${last + 1})` : dotted(path.map(shownStep));
  });
  return {
    ...problems,
    reportMissing(name, text) {
      if (isWhole) problems.reportOf(name, text);
    },
    isFromEnvironment: (path) => variables.has(dotted(path)),
  };
}

/** Sections in which the operator names things. What is written so is shown, whatever it looks like. */
const NAMING = new Set<unknown>(['targets', 'policies']);

/** A step as it may be shown: somebody may have written a secret where the name of a setting belongs. */
function shownStep(step: string | number, at: number, path: TreePath): string | number {
  const isName = typeof step === 'number' || (at === 1 && NAMING.has(path[0]));
  return isName || !looksGenerated(step) ? step : '(not shown, since it may be a secret)';
}
