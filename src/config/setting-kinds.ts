import Type from 'typebox';

/*
 * The kinds of setting that the schema is made of. Three words of our own beside JSON Schema's: `mustBe` says in words what
 * a pattern asks for, `envOnly` marks what only the environment may give, `default` fills what is not given.
 */

/** A section refuses names that it does not know. */
export const STRICT = { additionalProperties: false } as const;

/** Name of an application, a Chat Server for one. No grammar is published. */
export const APP_NAME = {
  pattern: '^[^\\x00-\\x1f\\x7f]{1,256}$',
  mustBe: 'must be 1 to 256 characters, none of them control characters',
} as const;

export const HOST = {
  pattern: '^[A-Za-z0-9_.:%-]{1,253}$',
  mustBe: 'must be a host name or an IP address without brackets',
} as const;

export const text = (description: string, bounds: Readonly<Record<string, unknown>>) => Type.String({ ...bounds, description });
export const integer = (description: string, minimum: number, maximum: number, preset: number) =>
  Type.Integer({ minimum, maximum, default: preset, description });
export const number = (description: string, minimum: number, maximum: number, preset: number) =>
  Type.Number({ minimum, maximum, default: preset, description });
export const flag = (description: string, preset: boolean) => Type.Boolean({ default: preset, description });
