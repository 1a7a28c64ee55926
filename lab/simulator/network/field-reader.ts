import { isObject, type JsonObject } from '../../../src/json/json-object.ts';
import type { UserData, UserDataValue } from '../../../src/probe/esp.ts';

/** Reference ids are 32-bit; whether they are signed is the sender's affair. */
const MAX_REFERENCE_ID = 2 ** 32 - 1;
/** Deeper than any user data we know of, and far from the end of the call stack. */
const MAX_DEPTH = 32;

/** Reads outside JSON field by field and notes every problem, so that one go tells them all. Never throws. */
export class FieldReader {
  readonly #problems: string[] = [];

  /** One line for each problem so far, each beginning with the path of its field. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** An object with no other than the known keys; null if it is none. */
  fields(value: unknown, path: string, known: readonly string[]): JsonObject | null {
    if (!isObject(value)) {
      this.#refuse(path, 'must be an object');
      return null;
    }
    for (const key of Object.keys(value)) if (!known.includes(key)) this.#refuse(path, `has an unknown attribute ${JSON.stringify(key)}`);
    return value;
  }

  /** One of a closed list of words. */
  choice<const Word extends string>(value: unknown, path: string, words: readonly [Word, ...Word[]]): Word {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) this.#refuse(path, `must be ${words.join(' or ')}`);
    return word ?? words[0];
  }

  text(value: unknown, path: string): string {
    if (typeof value === 'string') return value;
    this.#refuse(path, 'must be a string');
    return '';
  }

  /** A string that says something, or null where the field is absent. */
  optionalText(value: unknown, path: string): string | null {
    if (value === undefined) return null;
    if (typeof value === 'string' && value !== '') return value;
    this.#refuse(path, 'must be a string that is not empty, or absent');
    return null;
  }

  /** A positive 32-bit number. */
  referenceId(value: unknown, path: string): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_REFERENCE_ID) return value;
    this.#refuse(path, `must be a whole number from 1 to ${MAX_REFERENCE_ID}`);
    return 0;
  }

  /** A tree of strings, numbers and nested objects. */
  userData(value: unknown, path: string, depth = 1): UserData {
    if (!isObject(value)) this.#refuse(path, 'must be an object');
    else if (depth > MAX_DEPTH) this.#refuse(path, `must not be nested deeper than ${MAX_DEPTH} levels`);
    else return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#userDataValue(inner, `${path}.${key}`, depth)]));
    return {};
  }

  #userDataValue(value: unknown, path: string, depth: number): UserDataValue {
    if (typeof value === 'string' || (Number.isFinite(value) && typeof value === 'number')) return value;
    if (isObject(value)) return this.userData(value, path, depth + 1);
    this.#refuse(path, 'must be a string, a number or an object');
    return '';
  }

  #refuse(path: string, rule: string): void {
    this.#problems.push(`${path} ${rule}`);
  }
}
