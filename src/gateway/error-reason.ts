import { errors } from 'undici';
import type { TransportReason } from '../probe/reasons.ts';

/** Why an exchange broke, in the words of the reasons table. */
export interface BrokenBecause {
  readonly reason: TransportReason;
  /** A code of Node.js, OpenSSL or undici, or one of ours where the error has none. Never a message: those carry addresses. */
  readonly detail: string;
}

const NO_CODE = 'UNKNOWN';
/** For undici's parser, whose errors come without their code (undici 7.30). */
const NOT_HTTP = 'NOT_HTTP';

/** Codes of Node.js (`os.constants.errno`, TLS, DNS) and undici, first match wins. */
const REASON_OF_CODE = [
  [/^(ECONNREFUSED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/, 'connect_refused'],
  [/^(ENOTFOUND|ENODATA|EAI_\w+)$/, 'dns_failure'],
  [/^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERROR_IN_CERT_|ERROR_IN_CRL_|CRL_)/, 'tls_failure'],
  [/^(EPROTO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/, 'tls_failure'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'timeout'],
  [/^(HPE_|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES_)/, 'protocol_error'],
] as const satisfies readonly (readonly [RegExp, TransportReason])[];

/** How undici words an answer that it refuses (100 without having been asked, 101); it shares its code with a closed socket. */
const REFUSED_ANSWER = /^bad (response|upgrade)$/;

/**
 * Reads what undici gave up with. Anything unheard of counts as a broken connection: never proof of anything,
 * and worth another attempt.
 */
export function brokenBecause(error: unknown): BrokenBecause {
  const detail = codeOf(error);
  if (error instanceof errors.HTTPParserError) return { reason: 'protocol_error', detail: NOT_HTTP };
  if (error instanceof errors.SocketError && REFUSED_ANSWER.test(error.message)) return { reason: 'protocol_error', detail };
  const row = REASON_OF_CODE.find(([codes]) => codes.test(detail));
  return { reason: row?.[1] ?? 'connection_reset', detail };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return NO_CODE;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // One error for each address that a name has; the first address is the one that should have answered.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : NO_CODE;
}
