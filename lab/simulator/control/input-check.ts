import type { FastifySchemaCompiler } from 'fastify';
import Type, { type TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Default, Errors } from 'typebox/value';
import { isObject } from '../../../src/json/json-object.ts';
import { INTERACTION_ID_PATTERN, INTERACTION_ID_RULE } from '../../../src/probe/probe-order.ts';
import type { Flaw } from './refusal.ts';

/** What came does not fit the route's schema. Fastify answers 400 to it. */
export class InputError extends Error {
  readonly statusCode = 400;
  readonly flaws: readonly Flaw[];

  constructor(flaws: readonly Flaw[]) {
    super('the command does not fit its schema');
    this.flaws = flaws;
  }
}

const WHOLE_NUMBER = /^-?\d{1,9}$/;

/**
 * Checks body, query and path strictly, and finds every problem. Not Fastify's own validator: that takes `"5"` and `null`
 * for numbers and drops what it does not know, so that a misspelt field would be a command of another kind.
 */
export const checkInput: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  return (found: unknown) => {
    // A command whose fields may all be left out needs no body.
    const given = httpPart === 'querystring' ? withNumbers(found) : (found ?? {});
    // The validator stops after a few errors, so that a heap of unknown fields could hide the rest.
    const strange = strangeFields(schema, given);
    const value = Default(schema, without(given, strange));
    const flaws = [...strange.map((field) => ({ field, error: 'is not known' })), ...flawsOf(Errors(schema, value))];
    return flaws.length === 0 ? { value } : { error: new InputError(flaws) };
  };
};

/** A query is all text. */
function withNumbers(query: unknown): unknown {
  const entries = Object.entries(query ?? {}).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function strangeFields(schema: TSchema, given: unknown): readonly string[] {
  if (!Type.IsObject(schema) || !isObject(given)) return [];
  return Object.keys(given).filter((name) => !Object.hasOwn(schema.properties, name));
}

function without(given: unknown, strange: readonly string[]): unknown {
  if (strange.length === 0) return given;
  return Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => !strange.includes(name)));
}

/** One line for each field, in the order of the errors. */
function flawsOf(errors: readonly TLocalizedValidationError[]): readonly Flaw[] {
  const words = new Map<string, string[]>();
  for (const { field, word } of errors.flatMap(wordsOf)) words.set(field, [...(words.get(field) ?? []), word]);
  return [...words].map(([field, [first = '', ...others]]) => ({
    field: field === '' ? null : field,
    error: [first, ...others.map((word) => word.replace(/^must be /, ''))].join(' or '),
  }));
}

/** The validator speaks of a field's unions branch by branch, and once more of the whole: the branches are enough. */
function wordsOf(error: TLocalizedValidationError): readonly { readonly field: string; readonly word: string }[] {
  const field = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'anyOf') return [];
  if (error.keyword === 'required') return error.params.requiredProperties.map((name) => ({ field: name, word: 'is missing' }));
  return [{ field, word: wordOf(error, field) }];
}

function wordOf(error: TLocalizedValidationError, field: string): string {
  if (error.keyword === 'pattern' && error.params.pattern === INTERACTION_ID_PATTERN) return `must be ${INTERACTION_ID_RULE}`;
  if (error.keyword === 'enum') return `must be one of ${error.params.allowedValues.join(', ')}`;
  return field === '' ? `the body ${error.message}` : error.message;
}
