import { Lexer } from 'yaml';

/** Some 7,000 lines. The parser takes 3 to 7 s for a megabyte of small ones, and a running service stands still meanwhile. */
const MOST_TOKENS = 50_000;
const MOST_FLOW_LEVELS = 64;
/** Each level of a block stands at least one column further to the right. */
const MOST_COLUMNS = 200;

const FLOW_STEPS: ReadonlyMap<string, number> = new Map([
  ['[', 1],
  ['{', 1],
  [']', -1],
  ['}', -1],
]);
const BLOCK_MARKS: ReadonlySet<string> = new Set(['-', '?', ':']);

/**
 * Why a YAML text is not given to the parser, null if it may be. The parser calls itself for each level; and where V8 has to compile a
 * regular expression near the end of the call stack nothing can be caught: it ends the process. Splits no more of the text than it must.
 */
export function whyNotParsed(text: string): string | null {
  let tokens = 0;
  let flowLevels = 0;
  let column = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > MOST_TOKENS) return `it has more than ${MOST_TOKENS} names, values and marks`;
    flowLevels = Math.max(0, flowLevels + (FLOW_STEPS.get(token) ?? 0));
    const isTooFarRight = flowLevels === 0 && column > MOST_COLUMNS && BLOCK_MARKS.has(token);
    if (flowLevels > MOST_FLOW_LEVELS || isTooFarRight) return 'it is nested too deep';
    const lineEnd = token.lastIndexOf('\n');
    column = lineEnd === -1 ? column + token.length : token.length - lineEnd - 1;
  }
  return null;
}
