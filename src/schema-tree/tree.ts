import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { isObject, own } from '../json/json-object.ts';
import { whyNotParsed } from './yaml-bounds.ts';

/** Where a value stands in a tree of values: names of sections and settings, positions in lists. */
export type TreePath = readonly (string | number)[];

/** The tree of values that a YAML text stands for, or what is wrong with the text. */
export type YamlTree = { readonly ok: true; readonly tree: unknown } | { readonly ok: false; readonly problems: readonly string[] };

const PLAIN = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST_SHOWN = 64;
/** Of a file that is none at all nobody reads more. */
const MOST_FLAWS = 100;

/**
 * Reads a YAML 1.2 text of one document. Duplicate keys, keys that are no plain words, tags beyond YAML's core and
 * floods of aliases are problems. A problem tells line, column and kind, never the text, which may hold a secret.
 */
export function parseYamlTree(text: string): YamlTree {
  const refusal = whyNotParsed(text);
  if (refusal !== null) return { ok: false, problems: [refusal] };
  const lines = new LineCounter();
  const document = documentIn(text, lines);
  if (document === null) return { ok: false, problems: ['it is nested too deep'] };
  const unread = [...document.errors, ...document.warnings].map(({ code, pos }) => ({ at: pos[0], what: wordsOf(code) }));
  const flaws = unread.length > 0 ? unread : repeatedKeysIn(document).map((at) => ({ at, what: 'duplicate key' }));
  if (flaws.length > 0) {
    const told = flaws.slice(0, MOST_FLAWS).map(({ at, what }) => `${place(lines, at)}: ${what}`);
    return { ok: false, problems: flaws.length > told.length ? [...told, `and ${flaws.length - told.length} more`] : told };
  }
  try {
    return { ok: true, tree: document.toJS() };
  } catch {
    // All else was found above: `toJS` throws for aliases alone.
    return { ok: false, problems: ['an alias leads nowhere, or there are too many of them'] };
  }
}

/** Null where the library runs out of the call stack, which it does not always notice by itself. */
function documentIn(text: string, lines: LineCounter): Document | null {
  try {
    return parseDocument(text, {
      prettyErrors: false, // they quote the text
      lineCounter: lines,
      stringKeys: true,
      resolveKnownTags: false,
      uniqueKeys: false, // the library compares each key with each other: `repeatedKeysIn` takes one pass
      // Not 'silent': that would let a second document pass unseen.
      logLevel: 'error',
    });
  } catch {
    return null;
  }
}

/** Where a key stands that its mapping has already. Takes nothing of the call stack. */
function repeatedKeysIn({ contents }: Document): readonly number[] {
  const repeated: number[] = [];
  const open: unknown[] = [contents];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!isMap(node) && !isSeq(node)) continue;
    const keys = new Set<unknown>();
    for (const item of node.items) {
      open.push(isPair(item) ? item.value : item);
      if (!isPair(item) || !isScalar(item.key)) continue;
      if (keys.has(item.key.value)) repeated.push(item.key.range?.[0] ?? 0);
      keys.add(item.key.value);
    }
  }
  return repeated.sort((a, b) => a - b);
}

/** The path as an author would write it, `targets.default.gateways[1]`. Unusual names are quoted, so no two paths look alike. */
export function dotted(path: TreePath): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    const name = PLAIN.test(step) ? step : JSON.stringify(step.slice(0, LONGEST_SHOWN));
    return shown === '' ? name : `${shown}.${name}`;
  }, '');
}

/** What the tree holds at the path, undefined if nothing. Looks at own properties only. */
export function valueAt(tree: unknown, path: TreePath): unknown {
  return path.reduce<unknown>((node, step) => {
    if (Array.isArray(node) && typeof step === 'number') return node[step];
    return isObject(node) ? own(node, String(step)) : undefined;
  }, tree);
}

/**
 * A copy of the tree with `value` at the path; what lacks on the way is made. A tree that has something else where
 * a mapping or list should be stays as it is, for the check to refuse.
 */
export function withValueAt(tree: unknown, path: TreePath, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const isAbsent = tree === undefined || tree === null;
  if (typeof step === 'number') {
    if (!isAbsent && !Array.isArray(tree)) return tree;
    const list: unknown[] = Array.isArray(tree) ? [...tree] : [];
    list[step] = withValueAt(list[step], rest, value);
    return list;
  }
  if (!isAbsent && !isObject(tree)) return tree;
  return { ...tree, [step]: withValueAt(valueAt(tree, [step]), rest, value) };
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

/** `DUPLICATE_KEY` to `duplicate key`: the parser's own message may quote the text. */
function wordsOf(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}
