import type { JsonPath } from '../json/json-object.ts';
import { type Checked, passed, type Refusal, refused } from './problems.ts';
import { type Body, isGiven } from './request-body.ts';

/** The names of an object that has no others than its type says. */
export function namesOf<T extends object>(fields: T): readonly Extract<keyof T, string>[] {
  const names: Extract<keyof T, string>[] = [];
  for (const name in fields) names.push(name);
  return names;
}

interface Kinds<N extends string> {
  /** The field that holds an object, which a form or a query cannot carry. */
  readonly nested: N | null;
  /** The field of which every value counts: it is not picked out. */
  readonly ofMany: N | null;
  /** Fields with texts of others, in which anything may stand. */
  readonly foreign?: readonly N[];
}

/** The fields that a route takes. Their names match without regard to case. */
export function knownFields<N extends string>(names: readonly N[], { nested, ofMany, foreign = [] }: Kinds<N>) {
  const byLowerCase = (some: readonly N[]): ReadonlyMap<string, N> => new Map(some.map((name) => [name.toLowerCase(), name]));
  const foundBy = (pattern: RegExp) => (text: string) => {
    const found = pattern.exec(text)?.[1]?.toLowerCase();
    return names.find((name) => name.toLowerCase() === found) ?? null;
  };
  const any = names.join('|');
  const whole = nested === null ? '' : `${nested}(?:\\.|$)|`;
  const single = names.filter((name) => name !== ofMany);
  return {
    all: byLowerCase(single),
    flat: byLowerCase(single.filter((name) => name !== nested)),
    /** Finds the field that a name in a form or a query stands for a part of, or for an object. */
    partOf: foundBy(new RegExp(`^(?=${whole}(?:${any})\\[)(${any})`, 'i')),
    /** Finds the field that stands in the value of another. */
    within: foundBy(new RegExp(`^(?:${names.filter((name) => !foreign.includes(name)).join('|')})=.*[;,|?&\\s](${any})\\s*=`, 'is')),
  };
}

type KnownFields<N extends string> = ReturnType<typeof knownFields<N>>;

/** What the caller gave, still unchecked. */
type Given<N extends string> = { readonly [K in N]?: unknown };

/**
 * Picks the known fields out of what was decoded already; all others are ignored. The body wins over the query, field by
 * field. A field given twice with different values, in a form or by names in different case, is refused: nothing must hang on which
 * of them we happen to take. So is the very same name twice in JSON, of which the parser left only the last value.
 *
 * @param body null if there was none.
 */
export function readFields<N extends string>(fields: KnownFields<N>, query: object, body: Body | null): Checked<Given<N>> {
  const misplaced = misplacedIn(fields, query) ?? (body?.isFlat === true ? misplacedIn(fields, body.fields) : null);
  if (misplaced !== null) return misplaced;
  const fromQuery = fieldsOf(fields.flat, query, true);
  if (!fromQuery.ok || body === null) return fromQuery;
  const twice = body.repeated.length === 0 ? undefined : [...fields.flat.values()].find((name) => cameTwice(body, [name]));
  if (twice !== undefined) return refused('invalid_field', twice, 'given more than once');
  const fromBody = fieldsOf(body.isFlat ? fields.flat : fields.all, body.fields, body.isFlat);
  return fromBody.ok ? passed({ ...fromQuery.value, ...fromBody.value }) : fromBody;
}

/**
 * A field of a form or a query that would be lost in silence: in parts, as PHP and many libraries write lists and objects into a form
 * (`userData[x]=1`, `target[]=a`), or in the value of another, since it was not joined by `&`.
 */
function misplacedIn<N extends string>({ partOf, within }: KnownFields<N>, source: object): Refusal | null {
  for (const [name, values] of Object.entries(source)) {
    for (const value of [values].flat().filter(isGiven)) {
      const part = partOf(name);
      if (part !== null) return refused('invalid_field', part, 'a form or a query cannot carry objects and lists: send JSON');
      const lost = within(`${name}=${value}`);
      if (lost !== null)
        return refused('invalid_field', lost, `stands in the value of ${name}: join fields with &, and percent-encode their values`);
    }
  }
  return null;
}

/** @param isFlat true for forms and queries, where a repeated field comes as an array. */
function fieldsOf<N extends string>(names: ReadonlyMap<string, N>, source: object, isFlat: boolean): Checked<Given<N>> {
  const given: { [K in N]?: unknown } = {};
  for (const [key, value] of Object.entries(source)) {
    const name = names.get(key.toLowerCase());
    if (name === undefined) continue;
    const values: readonly unknown[] = isFlat && Array.isArray(value) ? value : [value];
    for (const one of values.filter(isGiven)) {
      if (given[name] !== undefined && given[name] !== one)
        return refused('invalid_field', name, 'given more than once, with different values');
      given[name] = one;
    }
  }
  return passed(given);
}

/** All values of one field, in whatever case its name stands. @param isFlat true for a form or a query. */
export function valuesOf(field: string, source: object, isFlat: boolean): readonly unknown[] {
  const isIt = (key: string): boolean => key.length === field.length && key.toLowerCase() === field.toLowerCase();
  const values = Object.entries(source).filter(([key]) => isIt(key));
  return values.flatMap(([, value]) => (isFlat ? value : [value])).filter(isGiven);
}

/** Whether a key came twice in one object of the JSON, in whatever case. @param keys those that lead to it, and it itself last. */
export function cameTwice({ repeated }: Body, keys: JsonPath): boolean {
  return repeated.some(({ path }) => isPath(path, keys));
}

/** Whether another value of a field is lost, and nobody knows what it said: its key came twice, in the body or in its user data. */
export function mayHaveLost(field: string, body: Body): boolean {
  if (cameTwice(body, [field]) || cameTwice(body, ['userData', field])) return true;
  return body.repeated.some(({ path, holdsMore }) => holdsMore && isPath(path, ['userData']));
}

function isPath(path: JsonPath, keys: JsonPath): boolean {
  return path.length === keys.length && path.every((key, at) => key.toLowerCase() === keys[at]?.toLowerCase());
}
