import Type from 'typebox';

export const DAY_MS = 86_400_000;
/** The same in a scenario as under /sim. */
export const MAX_EXTRA_MS = 3_600_000;
export const MAX_SESSIONS = 1_000_000;
export const MAX_FLAPS = 1_000;

/** A whole number of milliseconds, from 0 to a day unless told otherwise. */
export const milliseconds = (description: string, options: { readonly minimum?: number; readonly default?: number } = {}) =>
  Type.Integer({ minimum: 0, maximum: DAY_MS, description, ...options });

/** Least and most, both included, in milliseconds. */
export const range = (description: string, least: number, most: number) =>
  Type.Tuple([milliseconds('Least.', { default: least }), milliseconds('Most.', { default: most })], { description });

/** A part of a whole, from 0 to 1. */
export const share = (description: string, preset: number) => Type.Number({ minimum: 0, maximum: 1, default: preset, description });

/** A whole number, or null for none. */
export const integerOrNull = (description: string, maximum: number) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0, maximum, description });
