import { type DestinationStream, type Logger, pino } from 'pino';

/** Fields that could carry a secret, wherever an object with them is logged. */
const SECRET_FIELDS = new Set(['authorization', 'cookie', 'token', 'apiToken', 'password', 'userData']);
const STRUCK_OUT = '[redacted]';
/** Deeper than anything that is logged; stops at cycles. */
const MAX_DEPTH = 6;

/**
 * The process's logger: JSON lines, credentials and user data struck out whoever logs them. pino's own redaction takes
 * paths, and its wildcards cost more than all the rest of a line.
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => withoutSecrets(fields, 0) },
    },
    destination,
  );
}

/** The same object if there is nothing to strike out, else a copy without it. */
function withoutSecrets<T extends object>(fields: T, depth: number): T {
  let copy = fields;
  for (const [key, value] of Object.entries(fields)) {
    const safe: unknown = SECRET_FIELDS.has(key)
      ? STRUCK_OUT
      : isPlain(value) && depth < MAX_DEPTH
        ? withoutSecrets(value, depth + 1)
        : value;
    if (safe === value) continue;
    if (copy === fields) copy = { ...fields };
    Object.assign(copy, { [key]: safe });
  }
  return copy;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
