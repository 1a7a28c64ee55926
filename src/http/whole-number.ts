/** Workflow engines may print whole numbers with a fraction of zeros. */
const WHOLE_NUMBER = /^\d{1,15}(\.0+)?$/;

/** The whole number that is given, as a number or as text; NaN for anything else. */
export function wholeNumber(value: unknown): number {
  const isWhole = (typeof value === 'string' || typeof value === 'number') && WHOLE_NUMBER.test(String(value));
  return isWhole ? Number(value) : Number.NaN;
}
