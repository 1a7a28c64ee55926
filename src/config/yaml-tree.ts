import { LineCounter, parseDocument } from 'yaml';

/** The tree of values that a YAML text stands for, or what is wrong with the text. */
export type YamlTree = { readonly ok: true; readonly tree: unknown } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a YAML 1.2 text of one document. Duplicate keys, keys that are no plain words, tags beyond YAML's core and
 * floods of aliases are problems. A problem tells line, column and kind, never the text, which may hold a secret.
 */
export function parseYamlTree(text: string): YamlTree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    prettyErrors: false, // they quote the text
    lineCounter: lines,
    stringKeys: true,
    resolveKnownTags: false,
    uniqueKeys: true,
    // Not 'silent': that would let a second document pass unseen.
    logLevel: 'error',
  });
  const flaws = [...document.errors, ...document.warnings];
  if (flaws.length > 0) return { ok: false, problems: flaws.map(({ code, pos }) => `${place(lines, pos[0])}: ${wordsOf(code)}`) };
  try {
    return { ok: true, tree: document.toJS() };
  } catch {
    // All else was found above: `toJS` throws for aliases alone.
    return { ok: false, problems: ['an alias leads nowhere, or there are too many of them'] };
  }
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

/** `DUPLICATE_KEY` to `duplicate key`: the parser's own message may quote the text. */
function wordsOf(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}
