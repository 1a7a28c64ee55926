import type { Checked } from './problems.ts';
import type { Given } from './request-fields.ts';
import { knownFields, readFields } from './request-fields.ts';

/** The fields of a probe request. */
export const FIELD_NAMES = ['target', 'policy', 'chatServerAppName', 'isOnline', 'userData', 'deadlineMs', 'attempts', 'debug'] as const;

/** What the caller of a probe gave, still unchecked. */
export type GivenFields = Given<(typeof FIELD_NAMES)[number]>;

const FIELDS = knownFields(FIELD_NAMES, ['userData']);

/** Picks the fields of a probe request out of query and body; see `readFields`. */
export function givenFields(query: object, body: unknown, flatBody: boolean): Checked<GivenFields> {
  return readFields(FIELDS, query, body, flatBody);
}

/** Looks a key up without regard to case, its exact spelling first. */
export function lookUp(source: object, key: string): unknown {
  const entries = Object.entries(source);
  const exact = entries.find(([name]) => name === key) ?? entries.find(([name]) => name.toLowerCase() === key.toLowerCase());
  return exact?.[1];
}
