import type { IncomingMessage } from 'node:http';
import { headerLines } from './request-head.ts';

/** A secret that a request shows. */
export interface ShownSecret {
  readonly secret: string;
  /** The caller that it is said to be of; null where nothing is said. */
  readonly user: string | null;
}

/** What a request shows, or why that cannot be read. In words for the caller, without what it sent. */
export type Shown = { readonly ok: true; readonly secrets: readonly ShownSecret[] } | { readonly ok: false; readonly because: string };

const AUTHORIZATION = 'authorization';

/**
 * Reads `Authorization` as Bearer (RFC 6750) or Basic (RFC 7617), and the header of the configuration. A header that comes twice is
 * refused: Node.js and proxies differ in which of the two they take.
 *
 * @param tokenHeader in lower case, null for none.
 */
export function shownSecrets(request: IncomingMessage, tokenHeader: string | null): Shown {
  const secrets: ShownSecret[] = [];
  for (const header of tokenHeader === null ? [AUTHORIZATION] : [tokenHeader, AUTHORIZATION]) {
    const lines = headerLines(request, header);
    if (lines.length > 1) return { ok: false, because: `the header ${header} is sent more than once` };
    const [line = ''] = lines;
    const shown = header === AUTHORIZATION ? inAuthorization(line) : { secret: line.trim(), user: null };
    if (shown !== null && shown.secret !== '') secrets.push(shown);
  }
  return { ok: true, secrets };
}

const FORM = /^[ \t]*(bearer|basic) +(\S+)[ \t]*$/i;

function inAuthorization(line: string): ShownSecret | null {
  const [, scheme = '', value = ''] = FORM.exec(line) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { secret: value, user: null };
  return scheme === '' ? null : inBasic(value);
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

function inBasic(value: string): ShownSecret | null {
  if (!BASE64.test(value)) return null;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { user: text.slice(0, colon), secret: text.slice(colon + 1) };
}
