import { checkTree, type TreeRules } from '../../../src/schema-tree/check-tree.ts';
import { parseYamlTree, valueAt } from '../../../src/schema-tree/tree.ts';
import { createTreeProblems } from '../../../src/schema-tree/tree-problems.ts';
import { SCENARIO, type Scenario } from './scenario.ts';
import { checkCourse } from './scenario-course.ts';
import { checkScenarioRules } from './scenario-rules.ts';

export type ParsedScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  /** One line for each problem, beginning with where it is. */
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a scenario file (YAML 1.2, one document) and checks it whole: its name, fields, rules over them, the course of its
 * events. Never throws.
 *
 * @param fileName that of the file, without its ending; it is not compared where a text is in none.
 */
export function parseScenario(yamlText: string, fileName?: string): ParsedScenario {
  const read = parseYamlTree(yamlText);
  if (!read.ok) return read;
  const problems = createTreeProblems();
  const scenario = checkTree(SCENARIO, read.tree, RULES, problems);
  if (fileName !== undefined && scenario.name !== fileName && problems.isSound(['name']))
    problems.reportUsable(['name'], `is ${scenario.name}, but the file is ${fileName}.yaml`);
  checkScenarioRules(scenario, problems);
  checkCourse(scenario, problems);
  const lines = problems.lines();
  return lines.length === 0 ? { ok: true, scenario } : { ok: false, problems: lines };
}

const RULES: TreeRules = {
  isNullLeftOut: true,
  memberOf(members, given) {
    const markers = members.map((member) => String(valueAt(member, ['marker'])));
    return members.find((_, index) => Object.hasOwn(given, markers[index] ?? '')) ?? `must have one of ${markers.join(', ')}`;
  },
  unknownKey: ({ properties }) => `is not known here; known are ${Object.keys(properties).join(', ')}`,
  refusal: () => null,
};
