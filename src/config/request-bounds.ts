import type { Bounds } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { Settings } from './schema.ts';

/** What requests may ask for. */
export function requestBounds(settings: Settings['bounds'], problems: ConfigProblems): Bounds {
  for (const name of ['deadlineMs', 'attempts'] as const) {
    const [low, high] = settings[name];
    const path = ['bounds', name];
    if (low <= high || !problems.isSound(path)) continue;
    problems.report([...path, 1], `${high} is below the lower bound, ${problems.nameOf([...path, 0])} (${low})`);
  }
  return settings;
}
