import { nearestName } from '../schema-tree/nearest-name.ts';
import type { TreePath } from '../schema-tree/tree.ts';
import { dotted } from '../schema-tree/tree.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { EnvironmentVariable } from './environment.ts';
import { ENVIRONMENT, PREFIX, strangersAmong } from './environment.ts';
import { HOST } from './schema.ts';

const MAX_PORT = 65_535;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that the environment gives. */
export interface GivenSetting {
  readonly path: TreePath;
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
export function readEnvironment(env: Environment, problems: ConfigProblems): readonly GivenSetting[] {
  // What all have in common must not make strangers look alike.
  const known = ENVIRONMENT.filter(({ name }) => name.startsWith(PREFIX)).map(({ name }) => name.slice(PREFIX.length));
  for (const name of strangersAmong(Object.keys(env).filter((key) => env[key] !== undefined))) {
    const nearest = nearestName(name.slice(PREFIX.length), known);
    problems.reportOf(name, nearest === null ? 'is not known' : `is not known; did you mean ${PREFIX}${nearest}?`);
  }
  return ENVIRONMENT.flatMap(({ name, kind, setting }) => {
    const text = textOf(env, name);
    if (text === null) return [];
    const { value, problem } = readAs(kind, text);
    if (problem === null) return setting === null ? [] : [{ path: setting, value }];
    if (setting === null) problems.reportOf(name, problem);
    else problems.report(setting, problem);
    return [];
  });
}

/** The text of a variable, null if it is not set or empty: a deployment that passes on what it was not given leaves it empty. */
export function textOf(env: Environment, name: string): string | null {
  return env[name] === undefined || env[name] === '' ? null : env[name];
}

/** What the text stands for, and what is wrong with it where it is not of its kind. */
interface Reading {
  readonly value: unknown;
  readonly problem: string | null;
}

function readAs(kind: EnvironmentVariable['kind'], text: string): Reading {
  switch (kind) {
    case 'text':
    case 'secret':
      return { value: text, problem: null };
    case 'list':
      return { value: text.split(',').map((item) => item.trim()), problem: null };
    case 'boolean':
      return reading(text === 'true', text === 'true' || text === 'false', 'must be true or false');
    case 'integer':
      return reading(Number(text), /^\d+$/.test(text), 'must be a whole number in decimal digits');
    case 'number':
      return reading(Number(text), /^\d+(?:\.\d+)?$|^\.\d+$/.test(text), 'must be a number in decimal digits');
    case 'port':
      return reading(Number(text), /^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT, `must be a whole number from 0 to ${MAX_PORT}`);
    case 'host':
      return reading(text, new RegExp(HOST.pattern).test(text), HOST.mustBe);
  }
}

function reading(value: unknown, isOfItsKind: boolean, mustBe: string): Reading {
  return { value, problem: isOfItsKind ? null : mustBe };
}
