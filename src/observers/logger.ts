import { type DestinationStream, type Logger, pino } from 'pino';

/** Fields that could carry a secret or user data, wherever an object with them is logged. */
const SECRET_FIELDS = new Set([
  ...['authorization', 'cookie', 'headers', 'token', 'apiToken', 'opsToken', 'password', 'secret', 'secrets', 'key'],
  ...['userData', 'req', 'request', 'body', 'query', 'rawPacket'],
]);
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
      serializers: { err: faultFields },
    },
    destination,
  );
}

/** Not what libraries hang on an error besides: the request that broke, the bytes that could not be read, the text that was parsed. */
function faultFields(fault: unknown): unknown {
  if (!(fault instanceof Error)) return typeof fault === 'object' ? STRUCK_OUT : fault;
  const { type, message, stack } = pino.stdSerializers.err(fault);
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined;
  return { type, message, code, stack };
}

type Fields = Record<string, unknown>;

/** The same object if there is nothing to strike out, else a copy without it. By keys: entries would be an array for each field of each line. */
function withoutSecrets(fields: Fields, depth: number): Fields {
  let copy = fields;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const safe = SECRET_FIELDS.has(key) ? STRUCK_OUT : isPlain(value) && depth < MAX_DEPTH ? withoutSecrets(value, depth + 1) : value;
    if (safe === value) continue;
    if (copy === fields) copy = { ...fields };
    copy[key] = safe;
  }
  return copy;
}

function isPlain(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
