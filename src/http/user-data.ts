import { isObject, type JsonObject } from '../json/json-object.ts';
import type { UserData, UserDataValue } from '../probe/esp.ts';
import type { Checked } from './problems.ts';
import { passed, refused } from './problems.ts';

/** Largest user data, as JSON in UTF-8, as it was given. It travels with every attempt. */
export const MAX_USER_DATA_BYTES = 16 * 1024;
/** Deepest nesting; user data of interactions is flat or nearly so. */
const MAX_DEPTH = 16;

const NO_USER_DATA: UserData = {};

/**
 * Makes of what the caller wants forwarded what user data can carry: strings, numbers and nested objects. `null` is left out, a flag
 * becomes 1 or 0, a list the text of its JSON. Names the path of what still does not fit.
 */
export function checkUserData(value: unknown): Checked<UserData> {
  if (value === undefined) return passed(NO_USER_DATA);
  if (!isObject(value)) return refused('invalid_field', 'userData', 'must be an object');
  const checked = checkObject(value, 'userData', 1);
  if (checked.ok && Buffer.byteLength(JSON.stringify(value)) > MAX_USER_DATA_BYTES) {
    return refused('too_large', 'userData', `larger than ${MAX_USER_DATA_BYTES} bytes as JSON`);
  }
  return checked;
}

function checkObject(value: JsonObject, path: string, depth: number): Checked<UserData> {
  const entries: [string, UserDataValue][] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null && key !== '__proto__') continue;
    const checked = checkValue(inner, key, path, depth);
    if (!checked.ok) return checked;
    entries.push([key, checked.value]);
  }
  return passed(Object.fromEntries(entries));
}

function checkValue(value: unknown, key: string, parent: string, depth: number): Checked<UserDataValue> {
  const path = `${parent}.${key.slice(0, 64)}`;
  if (key === '__proto__') return refused('invalid_field', path, 'this key is not allowed');
  if (typeof value === 'string') return passed(value);
  if (typeof value === 'boolean') return passed(value ? 1 : 0);
  // Beyond these a number has lost digits before we see it: an id would be another's.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return refused('invalid_field', path, 'too large for a number: send a string');
  if (typeof value === 'number') return passed(value);
  if (depth === MAX_DEPTH) return refused('invalid_field', 'userData', `nested deeper than ${MAX_DEPTH} levels`);
  if (isObject(value)) return checkObject(value, path, depth + 1);
  if (Array.isArray(value)) return checkList(value, path, depth + 1);
  return refused('invalid_field', path, 'must be a string, a number, true or false, an object or a list');
}

/** What stands in it becomes part of a text, as it is; only what was lost on the way here, or must not be, is refused. */
function checkList(value: readonly unknown[], path: string, depth: number): Checked<string> {
  for (const [index, inner] of value.entries()) {
    if (inner === null) continue;
    const checked = checkValue(inner, String(index), path, depth);
    if (!checked.ok) return checked;
  }
  return passed(JSON.stringify(value));
}
