import type { EnvironmentVariable } from './environment.ts';
import { ENVIRONMENT, strangersAmong } from './environment.ts';
import type { Findings } from './findings.ts';
import { nearestName } from './nearest-name.ts';
import type { SettingPath } from './setting-path.ts';
import { dotted } from './setting-path.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that the environment gives. */
export interface GivenSetting {
  readonly path: SettingPath;
  /** Of the variable's kind; still to be checked against the schema. */
  readonly value: unknown;
}

/** Name of the variable by the (dotted) setting that it gives, for the variables that are set. */
export function variablesSet(env: Environment): ReadonlyMap<string, string> {
  return new Map(
    ENVIRONMENT.flatMap(({ name, setting }) => (setting !== null && textOf(env, name) !== null ? [[dotted(setting), name]] : [])),
  );
}

/** Reads every setting that the environment gives; reports names that are not known and texts that are not of their kind. */
export function readEnvironment(env: Environment, findings: Findings): readonly GivenSetting[] {
  const known = ENVIRONMENT.map(({ name }) => name);
  for (const name of strangersAmong(Object.keys(env).filter((key) => env[key] !== undefined))) {
    const nearest = nearestName(name, known);
    findings.reportOf(name, nearest === null ? 'is not known' : `is not known; did you mean ${nearest}?`);
  }
  return ENVIRONMENT.flatMap((variable) => {
    const text = textOf(env, variable.name);
    if (text === null || variable.setting === null) return [];
    const value = readAs(variable, text);
    if (value !== undefined) return [{ path: variable.setting, value }];
    findings.report(variable.setting, variable.kind === 'boolean' ? 'must be true or false' : 'must be a whole number in decimal digits');
    return [];
  });
}

/** The text of a variable, null if it is not set or empty: a deployment that passes on what it was not given leaves it empty. */
export function textOf(env: Environment, name: string): string | null {
  return env[name] === undefined || env[name] === '' ? null : env[name];
}

/** What the text stands for, undefined if it is not of the variable's kind. */
function readAs(variable: EnvironmentVariable, text: string): unknown {
  switch (variable.kind) {
    case 'text':
    case 'secret':
      return text;
    case 'integer':
      return /^\d+$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : undefined;
    case 'list':
      return text.split(',').map((item) => item.trim());
  }
}
