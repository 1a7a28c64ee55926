import { readdirSync, readFileSync } from 'node:fs';

/** The scenarios that there are to play, as texts. */
export interface ScenarioLibrary {
  /** In alphabetical order. */
  readonly names: readonly string[];
  /** The YAML text of a scenario, null if there is none of that name. */
  text(name: string): string | null;
}

const ENDING = '.yaml';

/**
 * The scenarios of a folder: every file `NAME.yaml` in it. A folder that is not there has none.
 *
 * @param folder URL with a slash at its end.
 */
export function scenariosIn(folder: URL): ScenarioLibrary {
  const names = filesIn(folder)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
  return {
    names,
    // Only names from the listing become a path.
    text: (name) => (names.includes(name) ? readFileSync(new URL(`${name}${ENDING}`, folder), 'utf8') : null),
  };
}

function filesIn(folder: URL): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
