import type { Checked } from './problems.ts';
import { passed, refused } from './problems.ts';

/** What the caller gave, still unchecked. */
export type Given<N extends string> = { readonly [K in N]?: unknown };

/** The fields that a route takes, by their names in lower case: they match without regard to case. */
export interface KnownFields<N extends string> {
  readonly all: ReadonlyMap<string, N>;
  /** Those that a form or a query can carry. */
  readonly flat: ReadonlyMap<string, N>;
}

const WORDS_FOR_NOTHING = new Set(['', 'undefined', 'null']);

/** @param nested names of fields that hold an object, and so cannot be told in a form or a query. */
export function knownFields<N extends string>(names: readonly N[], nested: readonly N[] = []): KnownFields<N> {
  const byLowerCase = (some: readonly N[]) => new Map(some.map((name) => [name.toLowerCase(), name]));
  return { all: byLowerCase(names), flat: byLowerCase(names.filter((name) => !nested.includes(name))) };
}

/** False for what workflows send when a variable is not set: nothing, an empty string, or the words `undefined` and `null`. */
export function isGiven(value: unknown): boolean {
  if (typeof value === 'string') return !WORDS_FOR_NOTHING.has(value.toLowerCase());
  return value !== undefined && value !== null;
}

/** What a body says. */
export interface Body {
  readonly fields: object;
  /** True for a form, which knows of no values but text. */
  readonly isFlat: boolean;
}

/**
 * Picks the known fields out of what was decoded already; all others are ignored. The body wins over the query, field by
 * field. A field given twice with different values, in a form or by names in different case, is refused: nothing must hang on which
 * of them we happen to take. (Of the very same name twice in JSON, the parser leaves only the last.)
 *
 * @param body null if there was none.
 */
export function readFields<N extends string>(fields: KnownFields<N>, query: object, body: Body | null): Checked<Given<N>> {
  const fromQuery = fieldsOf(fields.flat, query, true);
  if (!fromQuery.ok || body === null) return fromQuery;
  const fromBody = fieldsOf(body.isFlat ? fields.flat : fields.all, body.fields, body.isFlat);
  return fromBody.ok ? passed({ ...fromQuery.value, ...fromBody.value }) : fromBody;
}

/**
 * All values given for one field, wherever it stands among what was decoded and in whatever case.
 *
 * @param flat true if it was a form or a query.
 */
export function valuesOf(name: string, source: object, flat: boolean): readonly unknown[] {
  const values = Object.entries(source).filter(([key]) => key.toLowerCase() === name.toLowerCase());
  return values.flatMap(([, value]) => (flat ? value : [value])).filter(isGiven);
}

/** @param flat true for forms and queries, where a repeated field comes as an array. */
function fieldsOf<N extends string>(names: ReadonlyMap<string, N>, source: object, flat: boolean): Checked<Given<N>> {
  const given: { [K in N]?: unknown } = {};
  for (const [key, value] of Object.entries(source)) {
    const name = names.get(key.toLowerCase());
    if (name === undefined) continue;
    const values: readonly unknown[] = flat && Array.isArray(value) ? value : [value];
    for (const one of values.filter(isGiven)) {
      if (given[name] !== undefined && given[name] !== one)
        return refused('invalid_field', name, 'given more than once, with different values');
      given[name] = one;
    }
  }
  return passed(given);
}
