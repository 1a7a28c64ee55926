import Type, { type TObject, type TRecord, type TSchema, type TTuple } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Errors, Parse } from 'typebox/value';
import { writtenAs } from './environment.ts';
import type { Findings } from './findings.ts';
import { nearestName } from './nearest-name.ts';
import { SETTINGS, type Settings } from './schema.ts';
import type { SettingPath } from './setting-path.ts';
import { dotted, isMapping, valueAt } from './setting-path.ts';
import { kindOf, ownerOf, schemaOf } from './target-kind.ts';

/**
 * Checks a tree of settings against the schema and reports every deviation. What is not given, and what was refused,
 * comes back as its default, so that rules over several settings can still be checked; ask `isSound` first.
 */
export function checkSettings(tree: unknown, findings: Findings): Settings {
  return Parse(SETTINGS, checked(SETTINGS, tree, [], findings));
}

/*
 * The tree is walked here and only its leaves are left to the validator: that one stops after a few errors and
 * speaks of branches of a union, where the operator needs every problem and the target's own kind.
 */
function checked(schema: TSchema, found: unknown, path: SettingPath, findings: Findings): unknown {
  if (Type.IsUnion(schema)) return checkedSection(schemaOf(kindOf(found)), found, path, findings);
  if (Type.IsObject(schema)) return checkedSection(schema, found, path, findings);
  if (Type.IsRecord(schema)) return checkedByName(schema, found, path, findings);
  if (Type.IsTuple(schema)) return checkedTuple(schema, found, path, findings);
  return checkedSetting(schema, found, path, findings);
}

function checkedSection(schema: TObject, found: unknown, path: SettingPath, findings: Findings): unknown {
  const section = mappingOf(found, path, findings);
  for (const key of Object.keys(section)) {
    if (!Object.hasOwn(schema.properties, key)) findings.report([...path, key], strangeKeyText(schema, key, path));
  }
  return Object.fromEntries(
    Object.entries(schema.properties).flatMap(([key, inner]) => {
      const value = checked(inner, valueAt(section, [key]), [...path, key], findings);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function checkedByName(schema: TRecord, found: unknown, path: SettingPath, findings: Findings): unknown {
  const [inner] = Object.values(schema.patternProperties);
  const isName = Object.keys(schema.patternProperties).map((pattern) => new RegExp(pattern));
  return Object.fromEntries(
    Object.entries(mappingOf(found, path, findings)).flatMap(([name, value]) => {
      if (inner !== undefined && isName.some((pattern) => pattern.test(name)))
        return [[name, checked(inner, value, [...path, name], findings)]];
      findings.report([...path, name], 'is no name: use 1 to 64 letters, digits, "_", "." or "-", but not __proto__');
      return [];
    }),
  );
}

function checkedTuple(schema: TTuple, found: unknown, path: SettingPath, findings: Findings): unknown {
  const isWhole = found === undefined || (Array.isArray(found) && found.length === schema.items.length);
  if (!isWhole) findings.report(path, `must be a list of ${schema.items.length}`);
  return schema.items.map((inner, index) => checked(inner, isWhole ? valueAt(found, [index]) : undefined, [...path, index], findings));
}

function checkedSetting(schema: TSchema, found: unknown, path: SettingPath, findings: Findings): unknown {
  const preset = valueAt(schema, ['default']);
  if (found === undefined) return preset;
  if (isEnvOnly(schema) && !findings.isFromEnvironment(path)) {
    findings.report(path, `is a secret and not taken from here: use ${dotted(path)}File or the environment`);
    return preset;
  }
  const errors = Errors(schema, found);
  for (const [index, error] of errors.entries()) {
    // A value of the wrong type is often out of bounds as well: one word about it is enough.
    if (errors.findIndex(({ instancePath }) => instancePath === error.instancePath) < index) continue;
    const inner = error.instancePath.split('/').slice(1).map(Number);
    const isNumber = typeof valueAt(found, inner) === 'number';
    findings.report([...path, ...inner], textOf(error, inner.length > 0 ? valueAt(schema, ['items']) : schema, isNumber));
  }
  return errors.length === 0 ? found : preset;
}

/** An empty section, as in an empty file, sets nothing. */
function mappingOf(found: unknown, path: SettingPath, findings: Findings): Readonly<Record<string, unknown>> {
  if (isMapping(found)) return found;
  if (found !== undefined && found !== null) findings.report(path, 'must be a mapping of names to values');
  return {};
}

function strangeKeyText(schema: TObject, key: string, path: SettingPath): string {
  const owner = Object.hasOwn(schema.properties, 'adapter') ? ownerOf(key) : null;
  if (owner !== null) return `is for a ${owner} target only: set ${writtenAs([...path, 'adapter'])} to ${owner} or leave this out`;
  const inFile = Object.keys(schema.properties).filter((known) => !isEnvOnly(schema.properties[known]));
  const nearest = nearestName(key, inFile);
  return nearest === null ? 'is not known' : `is not known; did you mean ${nearest}?`;
}

function isEnvOnly(schema: unknown): boolean {
  return valueAt(schema, ['envOnly']) === true;
}

/** What is wrong, in words; `schema` is that of the refused value itself. Never the value. */
function textOf(error: TLocalizedValidationError, schema: unknown, isNumber: boolean): string {
  // An id of digits is one to YAML, and would have lost its zeros.
  if (isNumber && valueAt(schema, ['type']) === 'string') return 'must be text, and is a number: put it in quotes';
  if (error.keyword === 'enum') return `must be one of ${error.params.allowedValues.join(', ')}`;
  const inWords = valueAt(schema, ['mustBe']);
  return typeof inWords === 'string' && (error.keyword === 'pattern' || error.keyword === 'const') ? inWords : error.message;
}
