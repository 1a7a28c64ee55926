import { FLEET_FIGURES, type FleetRow, fleetFigures, fleetName } from '../lab/rehearsal/fleet-report.ts';

/** What the script writes stands between these lines of docs/rehearsals.md. */
const BEGIN = '<!-- fleets: begin. `npm run rehearsals` writes the table; do not edit it. -->';
const END = '<!-- fleets: end -->';

const HEAD = ['Scenario', 'Policy', 'Replicas', ...FLEET_FIGURES.map((title) => `${title[0]?.toUpperCase()}${title.slice(1)}`)];

/** The line of one fleet. */
export function fleetLine({ fleet, report }: FleetRow): string {
  return lineOf([report.scenario, report.policy, fleetName(fleet), ...fleetFigures(report).map(String)]);
}

/** The page with its lines about these scenarios replaced, each scenario in its place. Throws if the page has no place for them. */
export function withFleetLines(page: string, rows: readonly FleetRow[], scenarios: readonly string[]): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error('docs/rehearsals.md has lost the lines between which the table of fleets stands');
  const rule = HEAD.map((_, column) => (column < HEAD.length - FLEET_FIGURES.length ? '---' : '---:'));
  const lines = scenarios.flatMap((scenario) => {
    const played = rows.filter(({ report }) => report.scenario === scenario);
    return played.length === 0 ? fleetLinesAbout(scenario, page) : played.map(fleetLine);
  });
  return `${page.slice(0, before)}${BEGIN}\n\n${[lineOf(HEAD), lineOf(rule), ...lines].join('\n')}\n\n${page.slice(after)}`;
}

/** The lines about one scenario. */
export function fleetLinesAbout(scenario: string, page: string): readonly string[] {
  const section = page.slice(page.indexOf(BEGIN), page.indexOf(END));
  return section.split('\n').filter((line) => line.startsWith(`| ${scenario} |`));
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
