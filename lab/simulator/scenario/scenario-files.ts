import { readdirSync, readFileSync } from 'node:fs';

/** The scenarios that there are to play, as texts. */
export interface ScenarioLibrary {
  /** In alphabetical order. */
  readonly names: readonly string[];
  /** The YAML text of a scenario, null if there is none of that name or it cannot be read. Never throws. */
  text(name: string): string | null;
}

const ENDING = '.yaml';

/**
 * The scenarios of a folder: every file `NAME.yaml` that is in it now. A folder that is not there has none.
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
    text: (name) => (names.includes(name) ? textOf(new URL(`${name}${ENDING}`, folder)) : null),
  };
}

/** Null also for a file that has been deleted since it was listed. */
function textOf(file: URL): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function filesIn(folder: URL): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
