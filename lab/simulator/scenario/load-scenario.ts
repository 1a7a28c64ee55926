import { LineCounter, parseDocument } from 'yaml';
import type { Scenario } from './scenario.ts';
import { checkScenario } from './scenario-check.ts';
import { checkCourse } from './scenario-course.ts';
import { createScenarioProblems } from './scenario-problems.ts';
import { checkScenarioRules } from './scenario-rules.ts';

export type ParsedScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  /** One line for each problem, beginning with where it is. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Tree = { readonly ok: true; readonly tree: unknown } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a scenario file (YAML 1.2, one document) and checks it whole: its name, fields, rules over them, the course of its
 * events. Never throws.
 *
 * @param fileName that of the file, without its ending; it is not compared where a text is in none.
 */
export function parseScenario(yamlText: string, fileName?: string): ParsedScenario {
  const read = treeOf(yamlText);
  if (!read.ok) return read;
  const problems = createScenarioProblems();
  const scenario = checkScenario(read.tree, problems);
  if (fileName !== undefined && scenario.name !== fileName && problems.isSound(['name']))
    problems.reportUsable(['name'], `is ${scenario.name}, but the file is ${fileName}.yaml`);
  checkScenarioRules(scenario, problems);
  checkCourse(scenario, problems);
  const lines = problems.lines();
  return lines.length === 0 ? { ok: true, scenario } : { ok: false, problems: lines };
}

function treeOf(yamlText: string): Tree {
  const lines = new LineCounter();
  // Not 'silent': that would let a second document pass unseen.
  const options = { prettyErrors: false, lineCounter: lines, stringKeys: true, uniqueKeys: true, logLevel: 'error' } as const;
  const document = parseDocument(yamlText, options);
  const flaws = [...document.errors, ...document.warnings].map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `line ${line}, column ${col}: ${message}`;
  });
  if (flaws.length > 0) return { ok: false, problems: flaws };
  try {
    return { ok: true, tree: document.toJS() };
  } catch {
    // All else was found above: `toJS` throws for aliases alone.
    return { ok: false, problems: ['an alias leads nowhere, or there are too many of them'] };
  }
}
