import type { SettingPath } from './setting-path.ts';
import { dotted } from './setting-path.ts';

/** Collects everything that is wrong, so that the operator sees it in one go. Never holds a setting's value, but for the path of a file. */
export interface Findings {
  /** Records a problem with the setting at `path`. `text` must not carry text of the operator's, which may be a secret, but a path that looks like one. */
  report(path: SettingPath, text: string): void;
  /** Records a problem with a thing that is no setting. */
  reportOf(name: string, text: string): void;
  /** Records a problem that another setting would solve. Not told while not all settings could be read: it may be among them. */
  reportMissing(name: string, text: string): void;
  /** True if nothing was reported at `path` or below, so that a rule over it would not be a mere echo. */
  isSound(path: SettingPath): boolean;
  isFromEnvironment(path: SettingPath): boolean;
  /** The setting as the operator wrote it: the environment variable if it came from there, else its path in the file. */
  nameOf(path: SettingPath): string;
  /** One line each, in the order of their discovery. */
  problems(): readonly string[];
}

/**
 * @param variables name of the environment variable by the (dotted) setting that it gave.
 * @param isWhole whether all settings that were given could be read.
 */
export function createFindings(variables: ReadonlyMap<string, string>, isWhole: boolean): Findings {
  const problems: string[] = [];
  const refused: string[] = [];

  const nameOf = (path: SettingPath): string => {
    const own = variables.get(dotted(path));
    if (own !== undefined) return own;
    const last = path.at(-1);
    const list = typeof last === 'number' ? variables.get(dotted(path.slice(0, -1))) : undefined;
    return list !== undefined && typeof last === 'number' ? `${list} (item ${last + 1})` : dotted(path);
  };
  const reportOf = (name: string, text: string): void => {
    problems.push(`${name}: ${text}`);
  };

  return {
    report(path, text) {
      refused.push(dotted(path));
      reportOf(nameOf(path), text);
    },
    reportOf,
    reportMissing(name, text) {
      if (isWhole) reportOf(name, text);
    },
    isSound(path) {
      const shown = dotted(path);
      return !refused.some((other) => other === shown || other.startsWith(`${shown}.`) || other.startsWith(`${shown}[`));
    },
    isFromEnvironment: (path) => variables.has(dotted(path)),
    nameOf,
    problems: () => problems,
  };
}
