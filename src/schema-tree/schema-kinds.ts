import Type from 'typebox';

/*
 * The kinds of value that schemas of trees are made of. Beside JSON Schema's words `mustBe` says in words what a pattern asks for,
 * and `default` fills what is not given.
 */

/** A section refuses names that it does not know. */
export const STRICT = { additionalProperties: false } as const;

/** A name that the author of a tree gives, and that of a Chat Server in a scenario. */
export const NAME = {
  pattern: '^(?!__proto__$)[A-Za-z0-9_.-]{1,64}$',
  mustBe: 'must be 1 to 64 letters, digits, "_", "." or "-"',
} as const;

/** Name of an application of a site, a Chat Server for one. No grammar is published. */
export const APP_NAME = {
  pattern: '^[^\\x00-\\x1f\\x7f]{1,256}$',
  mustBe: 'must be 1 to 256 characters, none of them control characters',
} as const;

export const text = (description: string, bounds: Readonly<Record<string, unknown>>) => Type.String({ ...bounds, description });
export const integer = (description: string, minimum: number, maximum: number, preset: number) =>
  Type.Integer({ minimum, maximum, default: preset, description });
export const number = (description: string, minimum: number, maximum: number, preset: number) =>
  Type.Number({ minimum, maximum, default: preset, description });
export const flag = (description: string, preset: boolean) => Type.Boolean({ default: preset, description });
