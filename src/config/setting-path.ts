/** Where a setting stands in the tree of settings: names of sections and settings, positions in lists. */
export type SettingPath = readonly (string | number)[];

const PLAIN = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST_SHOWN = 64;

/** The path as an operator would write it, `targets.default.gateways[1]`. Unusual names are quoted, so no two paths look alike. */
export function dotted(path: SettingPath): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    const name = PLAIN.test(step) ? step : JSON.stringify(step.slice(0, LONGEST_SHOWN));
    return shown === '' ? name : `${shown}.${name}`;
  }, '');
}

/** Tells whether a value is a mapping of names to values. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the tree holds at the path, undefined if nothing. Looks at own properties only. */
export function valueAt(tree: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((node, step) => {
    if (Array.isArray(node) && typeof step === 'number') return node[step];
    return isMapping(node) && Object.hasOwn(node, step) ? node[step] : undefined;
  }, tree);
}

/**
 * A copy of the tree with `value` at the path; what lacks on the way is made. A tree that has something else where
 * a mapping or list should be stays as it is, for the check to refuse.
 */
export function withValueAt(tree: unknown, path: SettingPath, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const isAbsent = tree === undefined || tree === null;
  if (typeof step === 'number') {
    if (!isAbsent && !Array.isArray(tree)) return tree;
    const list: unknown[] = Array.isArray(tree) ? [...tree] : [];
    list[step] = withValueAt(list[step], rest, value);
    return list;
  }
  if (!isAbsent && !isMapping(tree)) return tree;
  return { ...tree, [step]: withValueAt(valueAt(tree, [step]), rest, value) };
}
