/** A table of docs/rehearsals.md that a script writes, whose lines begin with the name of a scenario. */
export interface PageTable {
  readonly line: (cells: readonly (string | number)[]) => string;
  /** The page with the lines of these scenarios replaced; those of the others stay. Throws if the page has no place for them. */
  with(page: string, lines: readonly string[], scenarios: readonly string[]): string;
  linesAbout(scenario: string, page: string): readonly string[];
}

/** @param words columns that are no figures; the first is the scenario. */
export function pageTable(name: string, words: readonly string[], figures: readonly string[]): PageTable {
  const begin = `<!-- ${name}: begin. \`npm run rehearsals\` writes the table; do not edit it. -->`;
  const end = `<!-- ${name}: end -->`;
  const line: PageTable['line'] = (cells) => `| ${cells.join(' | ')} |`;
  const about = (scenario: string, lines: readonly string[]) => lines.filter((each) => each.startsWith(`| ${scenario} |`));
  const linesAbout = (scenario: string, page: string) => about(scenario, page.slice(page.indexOf(begin), page.indexOf(end)).split('\n'));
  const head = [line([...words, ...figures]), line([...words.map(() => '---'), ...figures.map(() => '---:')])];
  return {
    line,
    linesAbout,
    with(page, lines, scenarios) {
      const [before, after] = [page.indexOf(begin), page.indexOf(end)];
      if (before < 0 || after < before) throw new Error(`docs/rehearsals.md has lost the lines between which the table of ${name} stands`);
      const rows = scenarios.flatMap((scenario) => {
        const played = about(scenario, lines);
        return played.length === 0 ? linesAbout(scenario, page) : played;
      });
      return `${page.slice(0, before)}${begin}\n\n${[...head, ...rows].join('\n')}\n\n${page.slice(after)}`;
    },
  };
}
