/** Where a value stands in a scenario: names of fields, positions in lists. */
export type ScenarioPath = readonly (string | number)[];

/** Collects everything that is wrong with a scenario, so that one go tells it all. */
export interface ScenarioProblems {
  report(path: ScenarioPath, text: string): void;
  /** As `report`, of what can be understood all the same: rules over it still make sense. */
  reportUsable(path: ScenarioPath, text: string): void;
  /** True if nothing was reported at `path`, above or below it: else a rule over it would be a mere echo. */
  isSound(path: ScenarioPath): boolean;
  /** One line each, beginning with the path, in the order of their discovery. */
  lines(): readonly string[];
}

export function createScenarioProblems(): ScenarioProblems {
  const found: { readonly path: ScenarioPath; readonly text: string; readonly isUsable: boolean }[] = [];
  return {
    report(path, text) {
      found.push({ path, text, isUsable: false });
    },
    reportUsable(path, text) {
      found.push({ path, text, isUsable: true });
    },
    isSound: (path) => !found.some((problem) => !problem.isUsable && meet(problem.path, path)),
    lines: () => found.map(({ path, text }) => (path.length === 0 ? text : `${written(path)}: ${text}`)),
  };
}

/** As an author would write it, `events[3].crash`. */
function written(path: ScenarioPath): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    const name = /^[A-Za-z0-9_-]{1,64}$/.test(step) ? step : JSON.stringify(step.slice(0, 64));
    return shown === '' ? name : `${shown}.${name}`;
  }, '');
}

/** True if one path leads to the other's place or past it. */
function meet(one: ScenarioPath, other: ScenarioPath): boolean {
  return one.every((step, index) => index >= other.length || step === other[index]);
}
