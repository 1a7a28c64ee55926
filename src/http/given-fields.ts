import { mayHaveLost } from './json-repeats.ts';
import type { Checked } from './problems.ts';
import { passed } from './problems.ts';
import type { Body, Given } from './request-fields.ts';
import { knownFields, readFields, valuesOf } from './request-fields.ts';

/** The fields of a probe request. */
export const FIELD_NAMES = ['target', 'policy', 'chatServerAppName', 'isOnline', 'userData', 'deadlineMs', 'attempts', 'debug'] as const;

/** Of which one value is taken. */
const SINGLE_NAMES = ['target', 'policy', 'chatServerAppName', 'userData', 'deadlineMs', 'attempts', 'debug'] as const;

/** What the caller of a probe gave, still unchecked. */
export interface GivenFields extends Given<(typeof SINGLE_NAMES)[number]> {
  /** Every value given, in query and body alike, since none may win over another: a wrong stop cuts off a customer. */
  readonly isOnline: readonly unknown[];
}

const FIELDS = knownFields(SINGLE_NAMES, ['userData']);

/** Stands for a value that is lost: nobody knows what it said. */
const LOST = 'lost';

/** Picks the fields of a probe request out of query and body; see `readFields`. */
export function givenFields(query: object, body: Body | null): Checked<GivenFields> {
  const given = readFields(FIELDS, query, body);
  if (!given.ok) return given;
  const fromQuery = valuesOf('isOnline', query, true);
  if (body === null) return passed({ ...given.value, isOnline: fromQuery });
  const lost = mayHaveLost('isOnline', body.fields) ? [LOST] : [];
  return passed({ ...given.value, isOnline: [...fromQuery, ...valuesOf('isOnline', body.fields, body.isFlat), ...lost] });
}

/** Looks a key up without regard to case, its exact spelling first. */
export function lookUp(source: object, key: string): unknown {
  const entries = Object.entries(source);
  const exact = entries.find(([name]) => name === key) ?? entries.find(([name]) => name.toLowerCase() === key.toLowerCase());
  return exact?.[1];
}
