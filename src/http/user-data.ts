import type { UserData, UserDataValue } from '../probe/esp.ts';
import type { Checked } from './problems.ts';
import { passed, refused } from './problems.ts';

/** Largest user data, as JSON in UTF-8. It travels with every attempt. */
export const MAX_USER_DATA_BYTES = 16 * 1024;
/** Deepest nesting; user data of interactions is flat or nearly so. */
const MAX_DEPTH = 16;

const NO_USER_DATA: UserData = {};

/** Checks what the caller wants forwarded: strings, numbers and nested objects. Names the path of what does not fit. */
export function checkUserData(value: unknown): Checked<UserData> {
  if (value === undefined) return passed(NO_USER_DATA);
  const checked = checkObject(value, 'userData', 1);
  if (checked.ok && Buffer.byteLength(JSON.stringify(value)) > MAX_USER_DATA_BYTES) {
    return refused('too_large', 'userData', `larger than ${MAX_USER_DATA_BYTES} bytes as JSON`);
  }
  return checked;
}

function checkObject(value: unknown, path: string, depth: number): Checked<UserData> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('invalid_field', path, 'must be an object');
  if (depth > MAX_DEPTH) return refused('invalid_field', 'userData', `nested deeper than ${MAX_DEPTH} levels`);
  const entries: [string, UserDataValue][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = `${path}.${key.slice(0, 64)}`;
    if (key === '__proto__') return refused('invalid_field', innerPath, 'this key is not allowed');
    const checked = checkValue(inner, innerPath, depth);
    if (!checked.ok) return checked;
    entries.push([key, checked.value]);
  }
  return passed(Object.fromEntries(entries));
}

function checkValue(value: unknown, path: string, depth: number): Checked<UserDataValue> {
  if (typeof value === 'string') return passed(value);
  // Beyond these a number has lost digits before we see it: an id would be another's.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return refused('invalid_field', path, 'too large for a number: send a string');
  if (typeof value === 'number') return passed(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return checkObject(value, path, depth + 1);
  return refused('invalid_field', path, 'must be a string, a number or an object');
}
