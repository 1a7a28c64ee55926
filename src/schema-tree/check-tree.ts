import Type, { type StaticParse, type TArray, type TObject, type TRecord, type TSchema, type TTuple } from 'typebox';
import { Errors, Parse } from 'typebox/value';
import { isObject, type JsonObject } from '../json/json-object.ts';
import { type TreePath, valueAt } from './tree.ts';
import type { TreeProblems } from './tree-problems.ts';

/** What a schema does not say of its trees. */
export interface TreeRules {
  /** Whether a key without a value, of which YAML makes null, has its default as if it were left out. An empty section always has. */
  readonly isNullLeftOut: boolean;
  /** The member of a union that applies; words where none does. */
  memberOf(members: readonly TSchema[], given: JsonObject): TSchema | string;
  /** What is wrong with a key that the section does not have. */
  unknownKey(section: TObject, key: string, path: TreePath): string;
  /** Why a value may not be given here, whatever it is; null if it may. */
  refusal(setting: TSchema, path: TreePath): string | null;
}

interface Check {
  readonly rules: TreeRules;
  readonly problems: TreeProblems;
}

/**
 * Checks a tree of values against the schema and reports every deviation. What is not given comes back as its default, what
 * was refused as something that would do, so that rules over several values can still be checked; ask `isSound` first.
 */
export function checkTree<const T extends TSchema>(schema: T, tree: unknown, rules: TreeRules, problems: TreeProblems): StaticParse<T> {
  return Parse(schema, checked(schema, tree, [], { rules, problems }));
}

/*
 * The tree is walked here and only its leaves are left to the validator: that one stops after a few errors and speaks of all
 * members of a union at once, where the author needs every problem, and only those of the member that is meant.
 */
function checked(schema: TSchema, found: unknown, path: TreePath, check: Check): unknown {
  const given = found === null && check.rules.isNullLeftOut && presetOf(schema) !== undefined ? undefined : found;
  if (given === undefined && presetOf(schema) !== undefined) return presetOf(schema);
  if (Type.IsUnion(schema)) return checkedMember(schema.anyOf, given, path, check);
  if (Type.IsObject(schema)) return checkedSection(schema, given, path, check);
  if (Type.IsRecord(schema)) return checkedByName(schema, given, path, check);
  if (Type.IsTuple(schema)) return checkedTuple(schema, given, path, check);
  if (Type.IsArray(schema)) return checkedList(schema, given, path, check);
  return checkedLeaf(schema, given, path, check);
}

function checkedMember(members: readonly TSchema[], found: unknown, path: TreePath, check: Check): unknown {
  const section = sectionOf(found, path, check);
  const member = check.rules.memberOf(members, section);
  if (typeof member !== 'string') return checked(member, section, path, check);
  if (isObject(found ?? {})) check.problems.report(path, member);
  return members[0] === undefined ? found : substitute(members[0]);
}

function checkedSection(schema: TObject, found: unknown, path: TreePath, check: Check): unknown {
  const section = sectionOf(found, path, check);
  for (const key of Object.keys(section)) {
    if (!Object.hasOwn(schema.properties, key)) check.problems.report([...path, key], check.rules.unknownKey(schema, key, path));
  }
  return withoutAbsent(
    Object.entries(schema.properties).map(([key, inner]) => [key, checked(inner, valueAt(section, [key]), [...path, key], check)]),
  );
}

function checkedByName(schema: TRecord, found: unknown, path: TreePath, check: Check): unknown {
  const [[pattern, inner] = ['', undefined]] = Object.entries(schema.patternProperties);
  const isName = new RegExp(pattern);
  const entries = Object.entries(sectionOf(found, path, check));
  const most = keyword(schema, 'maxProperties');
  if (typeof most === 'number' && entries.length > most) {
    check.problems.report(path, `must not have more than ${most} names`);
    return {};
  }
  return withoutAbsent(
    entries.map(([name, value]) => {
      if (inner !== undefined && isName.test(name)) return [name, checked(inner, value, [...path, name], check)];
      check.problems.report([...path, name], 'is no name: use 1 to 64 letters, digits, "_", "." or "-", but not __proto__');
      return [name, undefined];
    }),
  );
}

function checkedTuple(schema: TTuple, found: unknown, path: TreePath, check: Check): unknown {
  const isWhole = found === undefined || (Array.isArray(found) && found.length === schema.items.length);
  if (!isWhole) check.problems.report(path, `must be a list of ${schema.items.length}`);
  // Leaves, since a position cannot be left out as a key without a value can.
  return schema.items.map((inner, index) => checkedLeaf(inner, isWhole ? valueAt(found, [index]) : undefined, [...path, index], check));
}

function checkedList(schema: TArray, found: unknown, path: TreePath, check: Check): unknown {
  const { items: inner, ...bounds } = schema;
  const list = checkedLeaf(bounds, found, path, check);
  if (!Array.isArray(found)) return substitute(schema);
  const items = found.map((item, index) => checked(inner, item, [...path, index], check));
  if (list !== found) return substitute(schema);
  // What stands in for two that were refused is the same.
  return keyword(schema, 'uniqueItems') === true ? [...new Set(items)] : items;
}

function checkedLeaf(schema: TSchema, found: unknown, path: TreePath, { rules, problems }: Check): unknown {
  if (found === undefined && (Type.IsOptional(schema) || presetOf(schema) !== undefined)) return presetOf(schema);
  const problem = found === undefined ? 'is missing' : (rules.refusal(schema, path) ?? problemWith(schema, found));
  if (problem === null) return found;
  problems.report(path, problem);
  return substitute(schema);
}

/** An empty section, as in an empty file, sets nothing. */
function sectionOf(found: unknown, path: TreePath, { problems }: Check): JsonObject {
  if (isObject(found)) return found;
  if (found !== undefined && found !== null) problems.report(path, 'must be a mapping of names to values');
  return {};
}

/** What is wrong with the value, in words that do not repeat it; null if nothing is. */
function problemWith(schema: TSchema, found: unknown): string | null {
  // A value of the wrong type is often out of bounds as well: one word about it is enough.
  const [error] = Errors(schema, found);
  if (error === undefined) return null;
  // An id of digits is one to YAML, and would have lost its zeros.
  if (typeof found === 'number' && keyword(schema, 'type') === 'string') return 'must be text, and is a number: put it in quotes';
  if (error.keyword === 'enum') return `must be one of ${error.params.allowedValues.join(', ')}`;
  const inWords = keyword(schema, 'mustBe');
  return typeof inWords === 'string' && (error.keyword === 'pattern' || error.keyword === 'const') ? inWords : error.message;
}

/** Something that the schema allows, in place of what was refused; undefined where it may be left out. */
function substitute(schema: TSchema): unknown {
  const preset = presetOf(schema);
  if (preset !== undefined || Type.IsOptional(schema)) return preset;
  if (Type.IsObject(schema)) return withoutAbsent(Object.entries(schema.properties).map(([key, inner]) => [key, substitute(inner)]));
  if (Type.IsArray(schema)) return keyword(schema, 'minItems') === undefined ? [] : [substitute(schema.items)];
  const words = keyword(schema, 'enum');
  if (Array.isArray(words)) return words[0];
  if (Type.IsBoolean(schema)) return false;
  return Type.IsString(schema) ? 'x' : (keyword(schema, 'minimum') ?? 0);
}

function withoutAbsent(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function presetOf(schema: TSchema): unknown {
  return keyword(schema, 'default');
}

function keyword(schema: TSchema, name: string): unknown {
  return valueAt(schema, [name]);
}
