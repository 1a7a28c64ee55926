import Type, { type TArray, type TObject, type TRecord, type TSchema, type TTuple } from 'typebox';
import { Errors, Parse } from 'typebox/value';
import { SCENARIO, type Scenario } from './scenario.ts';
import type { ScenarioPath, ScenarioProblems } from './scenario-problems.ts';

type Mapping = Readonly<Record<string, unknown>>;

const NO_MAPPING = 'must be a mapping of names to values';

/**
 * Checks a tree of values against the schema and reports every deviation. What is not given comes back as its default,
 * what was refused as something that would do, so that the rules over several fields can still be checked.
 */
export function checkScenario(tree: unknown, problems: ScenarioProblems): Scenario {
  return Parse(SCENARIO, checked(SCENARIO, tree, [], problems));
}

/*
 * The tree is walked here and only its leaves are left to the validator: that one stops after a few errors and speaks of
 * all members of a union at once.
 */
function checked(schema: TSchema, found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  // A key without a value is left out: YAML makes null of it.
  if ((found === undefined || found === null) && keyword(schema, 'default') !== undefined) return keyword(schema, 'default');
  if (Type.IsUnion(schema)) return checkedMember(schema.anyOf, found, path, problems);
  if (Type.IsObject(schema)) return checkedFields(schema, found, path, problems);
  if (Type.IsRecord(schema)) return checkedByName(schema, found, path, problems);
  if (Type.IsTuple(schema)) return checkedTuple(schema, found, path, problems);
  if (Type.IsArray(schema)) return checkedList(schema, found, path, problems);
  return checkedLeaf(schema, found, path, problems);
}

function checkedMember(members: readonly TSchema[], found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  // Not `mappingOf`, which lets null pass: an event that says nothing is none.
  if (!isMapping(found)) problems.report(path, NO_MAPPING);
  const given = isMapping(found) ? found : {};
  const member = members.find((candidate) => Object.hasOwn(given, String(keyword(candidate, 'marker'))));
  if (member !== undefined) return checked(member, given, path, problems);
  const markers = members.map((candidate) => String(keyword(candidate, 'marker')));
  if (isMapping(found)) problems.report(path, `must have one of ${markers.join(', ')}`);
  return members[0] === undefined ? found : substitute(members[0]);
}

function checkedFields(schema: TObject, found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  const given = mappingOf(found, path, problems);
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(schema.properties, key)) continue;
    problems.report([...path, key], `is not known here; known are ${Object.keys(schema.properties).join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(schema.properties).map(([key, inner]) => [key, checked(inner, ownValue(given, key), [...path, key], problems)]),
  );
}

function checkedByName(schema: TRecord, found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  const [[pattern, inner] = ['', undefined]] = Object.entries(schema.patternProperties);
  const isName = new RegExp(pattern);
  const sound = Object.entries(mappingOf(found, path, problems)).filter(([name]) => {
    if (!isName.test(name)) problems.report([...path, name], 'is no name');
    return isName.test(name);
  });
  return Object.fromEntries(
    sound.map(([name, value]) => [name, inner === undefined ? value : checked(inner, value, [...path, name], problems)]),
  );
}

function checkedTuple(schema: TTuple, found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  const isWhole = Array.isArray(found) && found.length === schema.items.length;
  if (!isWhole && found !== undefined) problems.report(path, `must be a list of ${schema.items.length}`);
  // A position in a list cannot be left out, so that its default stands in only for what was refused.
  return schema.items.map((inner, index) => (isWhole ? checkedLeaf(inner, found[index], [...path, index], problems) : substitute(inner)));
}

function checkedList(schema: TArray, found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  const least = Number(keyword(schema, 'minItems') ?? 0);
  const most = Number(keyword(schema, 'maxItems'));
  if (!Array.isArray(found) || found.length < least || found.length > most) {
    problems.report(path, found === undefined ? 'is missing' : `must be a list of ${least} to ${most}`);
    return substitute(schema);
  }
  const items = found.map((item, index) => checked(schema.items, item, [...path, index], problems));
  if (keyword(schema, 'uniqueItems') !== true) return items;
  // By what was given: what stands in for two that were refused is the same.
  for (const [index, item] of found.entries()) {
    if (found.indexOf(item) < index) problems.reportUsable([...path, index], `is there already, as number ${found.indexOf(item)}`);
  }
  return [...new Set(items)];
}

function checkedLeaf(schema: TSchema, found: unknown, path: ScenarioPath, problems: ScenarioProblems): unknown {
  if (found === undefined) {
    problems.report(path, 'is missing');
    return substitute(schema);
  }
  const [error] = Errors(schema, found);
  if (error === undefined) return found;
  const inWords = error.keyword === 'pattern' ? keyword(schema, 'mustBe') : undefined;
  if (error.keyword === 'enum') problems.report(path, `must be one of ${error.params.allowedValues.join(', ')}`);
  else problems.report(path, typeof inWords === 'string' ? inWords : error.message);
  return substitute(schema);
}

/** Something that the schema allows, in place of what was refused. */
function substitute(schema: TSchema): unknown {
  const preset = keyword(schema, 'default');
  if (preset !== undefined) return preset;
  if (Type.IsObject(schema)) return Object.fromEntries(Object.entries(schema.properties).map(([key, inner]) => [key, substitute(inner)]));
  if (Type.IsArray(schema)) return keyword(schema, 'minItems') !== undefined ? [substitute(schema.items)] : [];
  const words = keyword(schema, 'enum');
  if (Array.isArray(words)) return words[0];
  if (Type.IsBoolean(schema)) return false;
  return Type.IsString(schema) ? 'x' : (keyword(schema, 'minimum') ?? 0);
}

/** An empty section, as in an empty file, sets nothing. */
function mappingOf(found: unknown, path: ScenarioPath, problems: ScenarioProblems): Mapping {
  if (isMapping(found)) return found;
  if (found !== undefined && found !== null) problems.report(path, NO_MAPPING);
  return {};
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownValue(mapping: Mapping, key: string): unknown {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

function keyword(schema: TSchema, name: string): unknown {
  return isMapping(schema) ? ownValue(schema, name) : undefined;
}
