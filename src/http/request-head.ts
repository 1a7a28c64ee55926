import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Problem } from './problems.ts';

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
/** Swagger UI: it tells its own address by the slash at its end, and would repeat a query in its redirects. */
const DOCUMENTATION = /^\/docs(?:\/|$)/;

/** Paths that are left where a variable in them was empty. Nothing is found under them; an empty name is, and told to be empty. */
const EMPTIED: ReadonlyMap<string, string> = new Map([
  ['/interactions/probe', '/interactions//probe'],
  ['/targets/guard/release', '/targets//guard/release'],
]);

/** Nothing but a path, with one slash before each of its parts: nearly all are like that. */
const TIDY = /^(?:\/[^/?#]+)+$/;

/**
 * The URL of a request as our routes have it: without the host that proxies put before it, without slashes that a workflow wrote twice or at
 * the end. The query stays as it is, but for that of `/docs`, which has none.
 */
export function tidyUrl(url: string): string {
  if (TIDY.test(url)) return EMPTIED.get(url) ?? url;
  const target = url.replace(ABSOLUTE, '');
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  if (!path.startsWith('/') && target === url) return url;
  const plain = `/${path.split('/').filter(Boolean).join('/')}`;
  if (DOCUMENTATION.test(plain)) return path.endsWith('/') ? `${plain}/` : plain;
  const tidy = EMPTIED.get(plain) ?? plain;
  return end === -1 ? tidy : tidy + target.slice(end);
}

/** Characters that are safe in logs and headers. */
export const REQUEST_ID_PATTERN = '^[A-Za-z0-9._~:/+=@-]{1,128}$';

const SAFE = new RegExp(REQUEST_ID_PATTERN);

/** The caller's `x-request-id` if it is safe, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SAFE.test(given) ? given : freshId();
}

/**
 * A new UUID, in one piece: as it comes from Node.js it is some thirty small strings, which V8 keeps for as long as nobody looks
 * into them.
 */
export function freshId(): string {
  const id = randomUUID();
  id.charCodeAt(0);
  return id;
}

/** Media ranges that one of our two representations answers. */
const ANSWERED = new Set(['text/plain', 'application/json', 'application/*', '*/*']);

/**
 * True if the caller names `text/plain` before, or with a higher quality than, anything that JSON would answer.
 * Whatever else it accepts, it gets JSON: a 406 would leave a workflow without a verdict.
 */
export function wantsPlainText(accept: string | undefined): boolean {
  if (accept?.toLowerCase().includes('text/plain') !== true) return false;
  const ranges = accept.split(',').map(parseRange);
  const answered = ranges.filter(({ type, quality }) => ANSWERED.has(type) && quality > 0);
  const best = Math.max(...answered.map(({ quality }) => quality));
  return answered.find(({ quality }) => quality === best)?.type === 'text/plain';
}

/** Parameters but `q` are ignored: a character set makes no difference to one ASCII word. */
function parseRange(range: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) };
}

/** What a caller hears whose body came without a word of its length. */
export const UNANNOUNCED: Problem = {
  code: 'length_required',
  detail:
    'the request does not say how long its body is: send Content-Length (0 without a body), or Transfer-Encoding: chunked under HTTP/1.1',
  field: 'content-length',
};

/** Whether a request says that a body follows, be it an empty one. */
export function hasLength({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Whether a request was meant to have a body although it does not say how long that is: then what follows it may be that body. */
export function maySkipLength(request: IncomingMessage): boolean {
  return request.method === 'POST' && !hasLength(request) && (isBefore11(request) || saysItsType(request));
}

export function saysItsType(request: IncomingMessage): boolean {
  return headerLines(request, 'content-type').length > 0;
}

/** Where a body without a length could only end with the connection. */
export function isBefore11({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor < 1);
}

/** The lines of a header, by its name in lower case. Node.js keeps the first of a content type alone. */
export function headerLines({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) if (isNamed(rawHeaders[at] ?? '', name)) lines.push(rawHeaders[at + 1] ?? '');
  return lines;
}

/** By its length first: several are looked for in each request, and few are as long. */
function isNamed(header: string, name: string): boolean {
  return header.length === name.length && header.toLowerCase() === name;
}

/** About what Node.js keeps of the head of a request until it is answered. */
export function headBytes({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, url.length);
}
